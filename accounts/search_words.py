"""Under which words an account is found, and what somebody who searches asks for: the one place with this rule.

Both sides go through `plain`, so full-width digits, capital letters, accents and old forms of a character make no difference.
"""

import re
import unicodedata

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

LONGEST = 100  # characters of a word that count
MOST_WORDS = 6  # words of a question that count
END = "\U0010ffff"  # sorts after every character that a name can have

_MARKS = re.compile("['’\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # apostrophes, accents, variation selectors
_WORD = re.compile(r"\w+")
_OLD_FORMS = str.maketrans("髙﨑邉邊齋齊斉濵濱澤廣櫻國德嶋嶌籔", "高崎辺辺斎斎斎浜浜沢広桜国徳島島薮")


class CodePointField(models.CharField[str, str]):
    """Text that both databases compare by code points, so that the words with one beginning are one range of an index."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> "dict[str, str | None]":
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


def plain(text: str) -> str:
    """`text` without differences of width, case, accent, apostrophe or old forms of a character."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return unicodedata.normalize("NFKC", bare).translate(_OLD_FORMS)


def words_of(common_id: str, names: tuple[str, ...], address: str) -> set[str]:
    """Every word whose beginning finds the account: the id, the address, each name word by word, a Japanese one also in one piece."""
    words = {_solid(common_id), _solid(address)}
    for name in names:
        parts = _WORD.findall(plain(name))
        words.update(parts, [] if name.isascii() else ["".join(parts)])
    return {word[:LONGEST] for word in words if word}


def asked(text: str) -> tuple[set[str], list[str]]:
    """What `text` asks for: beginnings of which one must fit, or beginnings that must all fit, longest first."""
    whole = _solid(text)[:LONGEST]
    if not whole or "@" in whole:
        return {whole} - {""}, []
    parts = _WORD.findall(plain(text))[:MOST_WORDS]
    together = sorted({part[:LONGEST] for part in parts}, key=len, reverse=True)
    return {whole, "".join(parts)[:LONGEST]} - {""}, together if len(parts) > 1 else []


def begins(word: str) -> Q:
    """Rows whose `word` begins so."""
    return Q(word__gte=word, word__lt=word + END)


def _solid(text: str) -> str:
    return "".join(character for character in plain(text) if character.isprintable() and character != " ")
