"""Under which words an account is found, and what somebody who searches asks for: the one place with this rule.

Both sides go through `plain`, so full-width digits, capital letters, accents and old forms of a character make no difference; and names
through `accounts.sounds`, so that kana finds what is written in Latin letters, and the other way round.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from accounts.sounds import sound

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
    """Every word whose beginning finds the account: the id, the address, each name word by word, in one piece, and as it sounds."""
    words = {_solid(common_id), _solid(address)}
    for name in names:
        parts = _WORD.findall(plain(name))
        sounds = [sound(part) for part in parts]
        words.update(parts, sounds, [] if name.isascii() else ["".join(parts)])
        if len(parts) > 1 and all(sounds):
            words.add("".join([*sounds[-1:], *sounds[:-1]] if name.isascii() else sounds))  # the surname first, as it is said
    return {word[:LONGEST] for word in words if word}


@dataclass(frozen=True)
class Asked:
    """Beginnings of which one must fit: as typed, else as it sounds. Or `together`: of each group one must fit, the rarest first."""

    typed: frozenset[str] = frozenset()
    sounding: frozenset[str] = frozenset()
    together: list[frozenset[str]] = field(default_factory=list)


def asked(text: str) -> Asked:
    """What `text` asks for; nothing for what has neither letters nor digits, such as a lone sign."""
    whole = _solid(text)[:LONGEST]
    if not whole or "@" in whole:
        return Asked(frozenset({whole} - {""}))
    parts = [part[:LONGEST] for part in _WORD.findall(plain(text))[:MOST_WORDS]]
    sounds = [sound(part) for part in parts]
    typed = frozenset({whole, "".join(parts)[:LONGEST]} - {""})
    sounding = frozenset({"".join(sounds)[:LONGEST]}) if sounds and all(sounds) else frozenset()
    groups = {frozenset({part, heard or part}) for part, heard in zip(parts, sounds, strict=True)}
    together = sorted(groups, key=lambda group: (-max(map(len, group)), sorted(group)))
    return Asked(typed, sounding - typed, together if len(parts) > 1 else [])


def begins(word: str) -> Q:
    """Rows whose `word` begins so."""
    return Q(word__gte=word, word__lt=word + END)


def begins_with_one(words: frozenset[str]) -> Q:
    """Rows whose `word` begins with one of these."""
    wanted = Q()
    for word in sorted(words):
        wanted |= begins(word)
    return wanted


def _solid(text: str) -> str:
    return "".join(character for character in plain(text) if character.isprintable() and character != " ")
