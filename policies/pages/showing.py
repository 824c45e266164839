"""How the pages show a policy: rules read aloud, networks with what they share, and two versions side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Affiliation
from policies.explaining import explain_rule
from policies.loosening import MORE, More
from policies.members import overlaps
from policies.models import ConnectedSystem
from policies.rulebook.content import Book, Group, Mode, Network, Part, Rule
from policies.rulebook.contingency import Contingency
from policies.rulebook.contingency_words import contingency_words
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.method_words import lines, whole
from policies.rulebook.scope import Scoped
from policies.rulebook.starting import method_rules
from policies.rulebook.words import KINDS, MODES, PARTS, Names, aloud, asks_words, who_words

AnyRule = TypeVar("AnyRule", Rule, MethodRule)
Pair = tuple[AnyRule | None, AnyRule | None]
TONES = {Mode.ON: "success", Mode.REPORT: "info", Mode.OFF: "neutral"}


@dataclass(frozen=True)
class ShownRule:
    """One rule as a page shows it."""

    rule: Rule
    sentence: str
    mode: Promise
    tone: str


@dataclass(frozen=True)
class ShownPart:
    """The rules of one part, in order."""

    part: Part
    title: Promise
    rules: list[ShownRule]


def names() -> Names:
    """What affiliations and systems are called; two queries."""
    return Names(
        affiliations={one.code: str(one) for one in Affiliation.objects.all()},
        systems={one.code: str(one) for one in ConnectedSystem.objects.all()},
    )


def parts_of(book: Book, known: Names) -> list[ShownPart]:
    """Every part with its rules, read aloud."""

    def shown(rule: Rule) -> ShownRule:
        return ShownRule(rule, aloud(rule, book, known), MODES[rule.mode], TONES[rule.mode])

    return [ShownPart(part, PARTS[part], [shown(rule) for rule in book.rules if rule.part is part]) for part in Part]


@dataclass(frozen=True)
class ShownMethods:
    """One rule about methods as a page shows it."""

    rule: MethodRule
    who: str
    lines: list[str]
    last: bool  # the one for everybody, which stays where it is


def methods_of(book: Book, known: Names) -> list[ShownMethods]:
    """The method policy of a version, read aloud."""
    rules = method_rules(book)
    return [ShownMethods(rule, who_words(rule, book, known), lines(rule), rule is rules[-1]) for rule in rules]


@dataclass(frozen=True)
class ShownContingency:
    """What is prepared for an outage, as a page shows it."""

    one: Contingency
    who: str
    said: str


def contingencies_of(book: Book, known: Names) -> list[ShownContingency]:
    """All that a version prepares."""
    return [ShownContingency(one, who_words(one, book, known), contingency_words(one)) for one in book.contingencies]


@dataclass(frozen=True)
class ShownNetwork:
    """One network, how many ranges it has, and which others share addresses with it."""

    network: Network
    kind: Promise
    size: str
    shares: list[str]


def networks_of(book: Book) -> list[ShownNetwork]:
    """Every network of a version."""
    return [
        ShownNetwork(
            one, KINDS[one.kind], _size(one), [f"{name}: {_few(shared)}" for name, shared in overlaps(book, one.code, one.ranges).items()]
        )
        for one in book.networks
    ]


def _size(network: Network) -> str:
    count = len(network.ranges)
    return ngettext("%(count)d range", "%(count)d ranges", count) % {"count": count}


def _few(texts: list[str]) -> str:
    return ", ".join(texts[:3]) + (" …" if len(texts) > 3 else "")


@dataclass(frozen=True)
class Difference:
    """One line of a comparison; empty text where there was, or is, nothing."""

    what: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether anything has changed in it."""
        return self.before != self.after


def compare(old: Book, new: Book, known: Names) -> list[Difference]:
    """Everything of both versions, side by side, in the order of the new one; what is gone comes last."""
    return [
        *_rules(old, new, known),
        *_methods(old, new, known),
        *_contingencies(old, new, known),
        *_things(old.networks, new.networks),
        *_things(old.groups, new.groups),
    ]


def _rules(old: Book, new: Book, known: Names) -> Iterator[Difference]:
    for was, now in _paired(old.rules, new.rules, lambda rule: (rule.part, rule.name_en)):
        yield Difference(str(now or was), *(_said(rule, book, known) for rule, book in ((was, old), (now, new))))


def _methods(old: Book, new: Book, known: Names) -> Iterator[Difference]:
    for was, now in _paired(method_rules(old), method_rules(new), lambda rule: rule.name_en):
        name = _("Methods: %(name)s") % {"name": now or was}
        yield Difference(name, *(_said_of_methods(rule, book, known) for rule, book in ((was, old), (now, new))))


def _paired(old: Sequence[AnyRule], new: Sequence[AnyRule], called: Callable[[AnyRule], object]) -> Iterator[Pair[AnyRule]]:
    """The same rule in both, in the order of the new: by its id, else by its name, as in a version that was brought back; each is shown."""
    left = {one.id: one for one in old}
    same = {one.id: left.pop(one.id) for one in new if one.id in left}
    for one in new:
        if one.id not in same and (named := next((was for was in left.values() if called(was) == called(one)), None)):
            same[one.id] = left.pop(named.id)
    yield from ((same.get(one.id), one) for one in new)
    yield from ((was, None) for was in left.values())


def _said_of_methods(rule: MethodRule | None, book: Book, known: Names) -> str:
    if rule is None:
        return ""
    place = method_rules(book).index(rule) + 1
    return f"{place}. {who_words(rule, book, known)}. {whole(rule)}"


def _contingencies(old: Book, new: Book, known: Names) -> Iterator[Difference]:
    before, after = ({one.one.id: one for one in contingencies_of(book, known)} for book in (old, new))
    for code in dict.fromkeys([*after, *before]):
        was, now = before.get(code), after.get(code)
        name = str((now or before[code]).one)
        yield Difference(name, *(f"{one.who}. {one.said}" if one else "" for one in (was, now)))


def _said(rule: Rule | None, book: Book, known: Names) -> str:
    return f"{book.rules.index(rule) + 1}. {aloud(rule, book, known)} ({MODES[rule.mode]})" if rule else ""


def _things(old: Iterable[Network | Group], new: Iterable[Network | Group]) -> Iterator[Difference]:
    before, after = ({one.code: one for one in things} for things in (old, new))
    for code in dict.fromkeys([*after, *before]):
        yield Difference(str(after.get(code) or before[code]), _content(before.get(code)), _content(after.get(code)))


def _content(thing: Network | Group | None) -> str:
    if thing is None:
        return ""
    if isinstance(thing, Network):
        return f"{KINDS[thing.kind]}: {', '.join(thing.ranges)}"
    count = ngettext("%(count)d account", "%(count)d accounts", thing.size) % {"count": thing.size}
    return f"{count} ({thing.members[:8]})"


def weakenings_of(stored: list[dict[str, Any]], new: Book, known: Names) -> list[str]:
    """Sentences about what a version protects less."""
    return [
        _looser(one, new, known)
        if "more" in one
        else _weaker(one, new, known)
        if one
        else _("The versions could not be compared to the end in time: look at them side by side.")
        for one in stored
    ]


def _person_words(person: dict[str, Any], book: Book, known: Names) -> str:
    """Somebody who was made up for a comparison, as rules speak of people."""
    single = {
        of: frozenset(filter(None, [person[name]]))
        for of, name in (("kinds", "kind"), ("affiliations", "affiliation"), ("accounts", "account"))
    }
    groups = frozenset(code for code, members in book.lists.items() if members in person["lists"])
    return who_words(Scoped("", "", id="", **single, roles=frozenset(person["roles"]), groups=groups), book, known)


def _weaker(one: dict[str, Any], new: Book, known: Names) -> str:
    facts = one["facts"]
    places = [str(new.network_named[code]) for code in facts["networks"] if code in new.network_named]
    return _("%(who)s, %(where)s. Before: %(before)s Now: %(after)s") % {
        "who": _person_words(facts, new, known),
        "where": ", ".join(places) or _("Outside the campus network"),
        "before": explain_rule(one["before"]["rule"]),
        "after": _rule_words(one["after"]["rule"], new),
    }


def _looser(one: dict[str, Any], new: Book, known: Names) -> str:
    rule = next((rule for rule in method_rules(new) if rule.id == one["after"]), None)
    return _("%(who)s: more is allowed by “%(rule)s”: %(more)s") % {
        "who": _person_words(one["person"], new, known),
        "rule": rule or one["before"],
        "more": ", ".join(str(MORE[More(code)]) for code in one["more"]),
    }


def _rule_words(ref: str, book: Book) -> str:
    rule = book.rule_named.get(ref.partition(":")[2])
    return f"“{rule}”: {asks_words(rule.asks)}" if rule else explain_rule(ref)
