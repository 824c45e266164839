"""Whether a rule speaks of a sign-in, and if not, why."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from policies.rulebook.content import Asks, Book, Mode, NetworkKind, Part, Place, Rule, Use
from policies.rulebook.scope import Scoped


class Individual(Protocol):
    """What rules see of a person."""

    @property
    def affiliation(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def lists(self) -> frozenset[str]: ...
    @property
    def account(self) -> str: ...


class Situation(Individual, Protocol):
    """What rules look at besides: from where somebody signs in, to which system, on which day."""

    @property
    def asked_here(self) -> bool: ...
    @property
    def networks(self) -> frozenset[str]: ...
    @property
    def countries(self) -> frozenset[str]: ...
    @property
    def system(self) -> str: ...
    @property
    def day(self) -> str: ...
    @property
    def none_usable(self) -> bool: ...
    @property
    def address_confirmed(self) -> bool: ...


class Miss(StrEnum):
    """Why a rule does not speak of a sign-in."""

    OFF = "off"
    REPORTS = "reports"
    AFFILIATION = "affiliation"
    KIND = "kind"
    ROLE = "role"
    GROUP = "group"
    ACCOUNT = "account"
    USE = "use"
    PLACE = "place"
    COUNTRY = "country"
    SYSTEM = "system"
    DAY = "day"
    HAS_METHOD = "has-method"
    NO_ADDRESS = "no-address"


def misses(rule: Rule, facts: Situation, book: Book, *, reporting: bool = False) -> Iterator[Miss]:
    """Every reason why `rule` does not speak of this sign-in, the cheapest to find first; `reporting` counts rules that only report."""
    if rule.mode is Mode.OFF:
        yield Miss.OFF
    if rule.mode is Mode.REPORT and not reporting:
        yield Miss.REPORTS
    yield from misses_person(rule, facts, book)
    if rule.use and facts.asked_here != (rule.use is Use.IN_EFFECT):
        yield Miss.USE
    if rule.place and not _is_at(rule, facts, book):
        yield Miss.PLACE
    yield from _further_misses(rule, facts)


def misses_person(scope: Scoped, facts: Individual, book: Book) -> Iterator[Miss]:
    """Every reason why `scope` leaves this person out."""
    if scope.kinds and facts.kind not in scope.kinds:
        yield Miss.KIND
    if scope.affiliations and facts.affiliation not in scope.affiliations:
        yield Miss.AFFILIATION
    if scope.roles and scope.roles.isdisjoint(facts.roles):
        yield Miss.ROLE
    if scope.groups and facts.lists.isdisjoint(book.lists.get(code, "") for code in scope.groups):
        yield Miss.GROUP
    if scope.accounts and facts.account not in scope.accounts:
        yield Miss.ACCOUNT


def speaks_of(scope: Scoped, facts: Individual, book: Book) -> bool:
    """Whether `scope` leaves this person in."""
    return not any(True for _ in misses_person(scope, facts, book))


def _further_misses(rule: Rule, facts: Situation) -> Iterator[Miss]:
    if rule.countries and rule.countries.isdisjoint(facts.countries):
        yield Miss.COUNTRY
    if rule.systems and facts.system not in rule.systems:
        yield Miss.SYSTEM
    if (rule.since and facts.day < rule.since.isoformat()) or (rule.until and facts.day > rule.until.isoformat()):
        yield Miss.DAY
    if rule.asks is Asks.REGISTER and not facts.none_usable:
        yield Miss.HAS_METHOD
    if rule.asks is Asks.ADDRESS and not facts.address_confirmed:
        yield Miss.NO_ADDRESS


def _is_at(rule: Rule, facts: Situation, book: Book) -> bool:
    if rule.place is Place.NETWORKS:
        return not rule.networks.isdisjoint(facts.networks)
    on_campus = not book.of_kind[NetworkKind.CAMPUS].isdisjoint(facts.networks)
    return on_campus == (rule.place is Place.CAMPUS)


def first(book: Book, part: Part, facts: Situation, *, reporting: bool = False) -> Rule | None:
    """The first rule of a part that speaks of this sign-in."""
    of_part = (rule for rule in book.rules if rule.part is part)
    return next((rule for rule in of_part if not any(True for _ in misses(rule, facts, book, reporting=reporting))), None)
