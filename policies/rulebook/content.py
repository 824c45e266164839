"""What one version of the policy says: named networks, groups of accounts, rules in their order, and the method policy."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from policies.rulebook.addresses import Range, read_range
from policies.rulebook.contingency import Contingency, Declared
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.scope import Named, Scoped
from policies.rulebook.table import AddressTable


class NetworkKind(StrEnum):
    """What a network means; a blocked one refuses every sign-in, whatever the rules say."""

    CAMPUS = "campus"
    PARTNER = "partner"
    BLOCKED = "blocked"
    NO_SETUP = "no-setup"  # notifications do not come through and a set-up fails (S-103)


class Part(StrEnum):
    """What a rule is about."""

    SIGN_IN = "sign-in"
    REGISTRATION = "registration"


class Mode(StrEnum):
    """Whether a rule counts; one that only reports leaves its word beside the decision."""

    OFF = "off"
    REPORT = "report"
    ON = "on"


class Asks(StrEnum):
    """What a rule asks for. The last three are answers of rules about the first registration."""

    NONE = "none"
    VERIFY = "verify"
    STRONG = "strong"  # a security key or a passkey
    REGISTER = "register"  # of whoever has no method; whoever has one goes on to the next rule
    REFUSE = "refuse"
    OPEN = "open"
    ADDRESS = "address"
    PASS = "pass"  # noqa: S105  a Temporary Access Pass


OF_PART = {
    Part.SIGN_IN: (Asks.NONE, Asks.VERIFY, Asks.STRONG, Asks.REGISTER, Asks.REFUSE),
    Part.REGISTRATION: (Asks.OPEN, Asks.ADDRESS, Asks.PASS),
}


class Use(StrEnum):
    """Whether MFA use has come into effect for an account."""

    ANY = ""
    IN_EFFECT = "in-effect"
    NOT_YET = "not-yet"


class Place(StrEnum):
    """From where a sign-in comes."""

    ANYWHERE = ""
    CAMPUS = "campus"
    OUTSIDE = "outside"
    NETWORKS = "networks"


@dataclass(frozen=True)
class Network(Named):
    """A named set of ranges of addresses."""

    code: str
    kind: NetworkKind
    ranges: tuple[str, ...] = ()

    @cached_property
    def read_ranges(self) -> tuple[Range, ...]:
        """The ranges as numbers; ValueError when one cannot be read, so that nothing is decided by half a network."""
        read = [(text, read_range(text)) for text in self.ranges]
        if bad := [text for text, known in read if known is None]:
            raise ValueError(f"network {self.code}: {bad[0]} is not a range")
        return tuple(known for _text, known in read if known)


@dataclass(frozen=True)
class Group(Named):
    """A named list of accounts; `members` names the list, which never changes, and `size` says how many are on it."""

    code: str
    members: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Rule(Scoped):
    """Who, in which state, from where, to which system, on which days: what is asked. What is empty restricts nothing."""

    part: Part
    asks: Asks
    mode: Mode = Mode.ON
    use: Use = Use.ANY
    place: Place = Place.ANYWHERE
    networks: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Book:
    """One version: `number` 0 is what the settings say until the first version is switched on."""

    number: int
    rules: tuple[Rule, ...] = ()
    networks: tuple[Network, ...] = ()
    groups: tuple[Group, ...] = ()
    methods: tuple[MethodRule, ...] = ()  # none in versions that were made before there were any: then the settings say
    contingencies: tuple[Contingency, ...] = ()
    uid: str = field(default="", compare=False)
    outage: Declared | None = field(default=None, compare=False)  # what was declared just now, besides what the version says

    @cached_property
    def table(self) -> AddressTable:
        """Looks up the networks of an address."""
        return AddressTable({network.code: network.read_ranges for network in self.networks})

    @cached_property
    def of_kind(self) -> dict[NetworkKind, frozenset[str]]:
        """Codes of the networks of each kind."""
        return {kind: frozenset(one.code for one in self.networks if one.kind == kind) for kind in NetworkKind}

    @cached_property
    def lists(self) -> dict[str, str]:
        """The list of accounts behind each group."""
        return {group.code: group.members for group in self.groups}

    @cached_property
    def rule_named(self) -> dict[str, Rule]:
        """Rules by their ids."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def network_named(self) -> dict[str, Network]:
        """Networks by their codes."""
        return {network.code: network for network in self.networks}

    @cached_property
    def looks_at_roles(self) -> bool:
        """Whether anything that counts speaks of roles."""
        return any(scope.roles for scope in (*self.rules, *self.methods, *([self.outage.what] if self.outage else [])))

    @cached_property
    def looks_at_countries(self) -> bool:
        """Whether any rule speaks of the country of a journey."""
        return any(rule.countries for rule in self.rules)

    @cached_property
    def reports(self) -> bool:
        """Whether any rule only reports."""
        return any(rule.mode is Mode.REPORT for rule in self.rules)

    def with_outage(self, outage: Declared) -> "Book":
        """The same version while this is declared."""
        return replace(self, outage=outage)

    def ref(self, rule: Rule) -> str:
        """How a sign-in remembers a rule: with its version."""
        return f"{self.number}:{rule.id}" if self.number else rule.id
