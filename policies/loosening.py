"""Whether a new method policy lets anybody register or verify with more than the old one: then a second person decides (R-162).

For each pair of an old and a new rule of which the new one allows more, people are made up of whom both speak. If anybody at all is
allowed more, one of these is.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.kinds import AccountKind
from methods.allowance import Attestation
from policies.allowances import rule_for
from policies.made_up import lists_of, several, shared
from policies.rulebook.content import Book
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import method_rules
from policies.ties import Person

MOST_SHOWN = 20
PATIENCE = 8.0  # seconds
STRICTNESS = {Attestation.NONE: 0, Attestation.ANY: 1, Attestation.LISTED: 2}


class More(StrEnum):
    """In what a rule allows more than another."""

    KINDS = "more-kinds"
    LIMITS = "higher-limits"
    COUNTRIES = "more-countries"
    PREFIXES = "fewer-refused-numbers"
    DOMAINS = "fewer-refused-domains"
    DIGITS = "calls-without-digits"
    MAKES = "more-makes"


MORE: dict[More, Promise] = {
    More.KINDS: _("kinds of method, or for longer"),
    More.LIMITS: _("more methods of a kind"),
    More.COUNTRIES: _("telephone numbers of more countries"),
    More.PREFIXES: _("telephone numbers that were refused"),
    More.DOMAINS: _("mail addresses that were refused"),
    More.DIGITS: _("calls that are confirmed with # alone"),
    More.MAKES: _("security keys of more makes"),
}


@dataclass(frozen=True)
class Loosening:
    """Somebody who would be allowed more, and in what; no person says that the versions were not compared to the end."""

    before: MethodRule
    after: MethodRule
    more: tuple[More, ...] = ()
    person: Person | None = None


def loosenings(old: Book, new: Book, *, today: date) -> list[Loosening]:
    """Examples of what `new` allows more than `old`, one for each pair of rules that count."""
    found: dict[tuple[str, str], Loosening] = {}
    ends = time.monotonic() + PATIENCE
    for one, other in product(method_rules(old), method_rules(new)):
        if not any(True for _more in more_in(one, other, today)):
            continue
        for person in _people(one, other, (old, new)):
            before, after = rule_for(old, person), rule_for(new, person)
            if more := tuple(more_in(before, after, today)):
                found.setdefault((before.id, after.id), Loosening(before, after, more, person))
            if len(found) >= MOST_SHOWN:
                return list(found.values())
            if time.monotonic() > ends:
                return [*found.values(), Loosening(one, other)]
    return list(found.values())


def _people(one: MethodRule, other: MethodRule, books: tuple[Book, Book]) -> Iterator[Person]:
    rules = (one, other)
    dimensions: list[Iterable[dict[str, Any]]] = [
        ({"kind": code} for code in shared([rule.kinds for rule in rules], *AccountKind.values)),
        ({"affiliation": code} for code in shared([rule.affiliations for rule in rules], "")),
        ({"account": code} for code in shared([rule.accounts for rule in rules], "")),
        ({"roles": codes} for codes in several([rule.roles for rule in rules])),
        ({"lists": codes} for codes in several([lists_of(rule, book) for rule, book in zip(rules, books, strict=True)])),
    ]
    for parts in product(*dimensions):
        yield Person(**{name: value for part in parts for name, value in part.items()})


def more_in(old: MethodRule, new: MethodRule, today: date) -> Iterator[More]:
    """In what `new` allows more than `old`, from today on."""
    if any(_longer(old, new, kind, today) for kind in new.order):
        yield More.KINDS
    if any(new.limits.get(kind, most + 1) > most for kind, most in old.limits.items() if kind in new.order):
        yield More.LIMITS
    if set(new.countries) - set(old.countries):
        yield More.COUNTRIES
    if not all(prefix.startswith(new.refused_prefixes) for prefix in old.refused_prefixes):
        yield More.PREFIXES
    if not all(any(domain == one or domain.endswith(f".{one}") for one in new.refused_domains) for domain in old.refused_domains):
        yield More.DOMAINS
    if old.call_digits and not new.call_digits:
        yield More.DIGITS
    looser = STRICTNESS[new.attestation] < STRICTNESS[old.attestation]
    listed = old.attestation is Attestation.LISTED is new.attestation
    if looser or (listed and set(new.authenticators) - set(old.authenticators)):
        yield More.MAKES


def _longer(old: MethodRule, new: MethodRule, kind: str, today: date) -> bool:
    """Whether a kind verifies on some day on which it did not; what was to end and no longer is, counts."""
    if new.ends(kind, today):
        return False
    last, before = new.last_days.get(kind, date.max), old.last_days.get(kind, date.max)
    return old.ends(kind, today) or last > before
