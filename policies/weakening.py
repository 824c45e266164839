"""Whether a new version of the policy protects anybody less than the old one: every kind of sign-in that two rules can share is decided by both.

For each pair of an old and a new rule of which the new one asks for less, sign-ins are made up that both speak of, and that as few other rules as
possible speak of. If any sign-in at all is protected less, one of these is; what cannot be compared in time counts as weaker.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any

from accounts.kinds import AccountKind
from policies.facts import HERE, Facts
from policies.made_up import lists_of, several, shared
from policies.requirements import Outcome, Requirement, decide
from policies.rulebook.content import Asks, Book, Mode, NetworkKind, Part, Rule
from policies.rulebook.matching import misses

MOST_SHOWN = 20
PATIENCE = 8.0  # seconds
ASKED = {Asks.NONE: 0, Asks.OPEN: 0, Asks.ADDRESS: 1, Asks.VERIFY: 2, Asks.PASS: 2, Asks.REGISTER: 2, Asks.STRONG: 3, Asks.REFUSE: 4}
UNSAID = 2
GIVEN = {Outcome.ALLOW: 0, Outcome.REGISTER: 0, Outcome.ADDRESS: 1, Outcome.PASS: 2, Outcome.VERIFY: 2, Outcome.REFUSE: 4}
Region = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Weakening:
    """A sign-in that the new version protects less; `before` None says that the versions were not compared to the end."""

    before: Requirement | None
    after: Requirement | None
    facts: Facts | None


def weakenings(old: Book, new: Book, *, today: date) -> list[Weakening]:
    """Examples of what `new` protects less than `old`, one for each pair of deciding rules."""
    found: dict[tuple[str, str], Weakening] = {}
    ends = time.monotonic() + PATIENCE
    regions = _regions(old, new)
    for one, other, part in _pairs(old, new, regions):
        for facts, region in _sign_ins(one, other, part, (old, new), regions, today):
            before, after = decide(replace(facts, networks=region[0]), old), decide(replace(facts, networks=region[1]), new)
            if _rank(after) < _rank(before):
                found.setdefault((before.rule, after.rule), Weakening(before, after, replace(facts, networks=region[1])))
            if len(found) >= MOST_SHOWN:
                return list(found.values())
            if time.monotonic() > ends:
                return [*found.values(), Weakening(None, None, None)]
    return list(found.values())


def _rank(requirement: Requirement) -> float:
    return GIVEN[requirement.outcome] + (0.5 if requirement.strong else 0)


def _regions(old: Book, new: Book) -> list[Region]:
    """Every pair of networks that some address is in, by the old version and by the new one."""
    found: set[Region] = {(frozenset(), frozenset())}
    for version in (4, 6):
        for start in {*old.table.starts(version), *new.table.starts(version)}:
            found.add((old.table.networks_at(version, start), new.table.networks_at(version, start)))
    return sorted(found, key=lambda region: (sorted(region[0]), sorted(region[1])))


def _pairs(old: Book, new: Book, regions: list[Region]) -> Iterator[tuple[Rule | None, Rule | None, Part]]:
    """Pairs in which the new rule asks for less; None stands for what holds where no rule speaks."""
    blocked = (old.of_kind[NetworkKind.BLOCKED], new.of_kind[NetworkKind.BLOCKED])
    if any(region[0] & blocked[0] and not region[1] & blocked[1] for region in regions):
        for rule in (None, *new.rules):
            yield None, rule, Part.SIGN_IN
    for part in Part:
        olds, news = ((None, *(rule for rule in book.rules if rule.part is part)) for book in (old, new))
        yield from ((one, other, part) for one, other in product(olds, news) if _asked(other) < _asked(one))


def _asked(rule: Rule | None) -> int:
    return ASKED[rule.asks] if rule else UNSAID


def _sign_ins(
    one: Rule | None, other: Rule | None, part: Part, books: tuple[Book, Book], regions: list[Region], today: date
) -> Iterator[tuple[Facts, Region]]:
    for letting in _letting_in(part, books[1]):
        yield from _of_all(one, (other, letting), _bases(part, other), books, regions, today)


def _letting_in(part: Part, new: Book) -> Iterator[Rule | None]:
    """Where rules refuse, a first registration is reached only by whom another rule lets in before."""
    yield None
    rules = [rule for rule in new.rules if rule.part is Part.SIGN_IN and rule.mode is Mode.ON]
    if part is Part.REGISTRATION and any(rule.asks is Asks.REFUSE for rule in rules):
        yield from (rule for rule in rules if rule.asks is not Asks.REFUSE)


def _of_all(
    one: Rule | None,
    news: Sequence[Rule | None],
    bases: list[Facts],
    books: tuple[Book, Book],
    regions: list[Region],
    today: date,
) -> Iterator[tuple[Facts, Region]]:
    """Sign-ins that the rule of the old version and all of these of the new one speak of."""
    old, new = books
    rules = [rule for rule in (one, *news) if rule]
    dimensions: list[Iterable[dict[str, Any]]] = [
        ({"kind": kind.value} for kind in AccountKind),
        ({"affiliation": code} for code in shared([rule.affiliations for rule in rules], "")),
        ({"account": code} for code in shared([rule.accounts for rule in rules], "")),
        ({"system": code} for code in shared([rule.systems for rule in rules], HERE, "")),
        ({"roles": codes} for codes in several([rule.roles for rule in rules])),
        ({"countries": codes} for codes in several([rule.countries for rule in rules])),
        ({"lists": codes} for codes in several([lists_of(one, old), *(lists_of(rule, new) for rule in news)])),
        ({"asked_here": asked, "registers_anew": asked} for asked in (True, False)),
        ({"day": day} for day in _days((*old.rules, *new.rules), today)),
    ]
    for start, parts in product(bases, product(*dimensions)):
        facts = replace(start, **{name: value for one_part in parts for name, value in one_part.items()})
        for region in regions:
            before, after = (replace(facts, networks=networks) for networks in region)
            if _speaks(one, before, old) and all(_speaks(rule, after, new) for rule in news):
                yield facts, region


def _bases(part: Part, other: Rule | None) -> list[Facts]:
    """Whom the new rule can speak of: a newcomer, somebody with methods, or, where it has a method registered, somebody without any."""
    bare = Facts(active=True, usable=0)
    if part is Part.REGISTRATION:
        return [replace(bare, address_confirmed=True), bare]
    if other and other.asks is Asks.REGISTER:
        return [bare, replace(bare, in_recovery=True)]
    return [replace(bare, usable=2, strong=1), replace(bare, usable=2)]


def _speaks(rule: Rule | None, facts: Facts, book: Book) -> bool:
    return rule is None or not any(True for _ in misses(rule, facts, book))


def _days(rules: Iterable[Rule], today: date) -> list[str]:
    """Today, and every later day on which some rule begins to speak or has ceased to."""
    turns = {rule.since for rule in rules if rule.since} | {
        rule.until + timedelta(days=1) for rule in rules if rule.until and rule.until < date.max
    }
    return [day.isoformat() for day in sorted({today, *(turn for turn in turns if turn > today)})]
