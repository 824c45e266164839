"""The words for what decided a sign-in: a rule of the site itself, or one of the institution's as it was then."""

from functools import lru_cache

from django.utils.translation import gettext as _

from policies.current import book_numbered
from policies.requirements import OWN_SENTENCES, STARTING
from policies.rulebook.content import Rule
from policies.rulebook.words import asks_words, countries_of


def explain_rule(ref: str) -> str:
    """The sentence of a rule, in the reader's language; the code itself when nobody knows it any more."""
    own = OWN_SENTENCES.get(ref) or STARTING.get(ref)
    return str(own) if own else data_words(ref) or ref


def data_words(ref: str) -> str:
    """The sentence of one of the institution's rules; nothing for what is none."""
    number, colon, rule_id = ref.partition(":")
    if not colon or not number.isdecimal() or not number.isascii():
        return ""
    try:
        rule = _rule(int(number), rule_id)
    except LookupError:
        return ""
    said = {"name": rule, "number": number, "asks": asks_words(rule.asks)}
    if rule.countries:
        return _("Rule “%(name)s” (version %(number)s), on a journey to %(countries)s: %(asks)s") % (
            said | {"countries": countries_of(rule)}
        )
    return _("Rule “%(name)s” (version %(number)s): %(asks)s") % said


@lru_cache(maxsize=512)
def _rule(number: int, rule_id: str) -> Rule:
    """Kept, because a version never changes once it has been in force; what was not found is asked for again."""
    book = book_numbered(number)
    if book is None:
        raise LookupError(number)
    return book.rule_named[rule_id]
