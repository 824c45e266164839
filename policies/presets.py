"""Rules that many institutions begin with, as one click."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from policies.current import current_book
from policies.drafting import new_id
from policies.rulebook.content import Asks, Book, Mode, Part, Place, Rule, Use


@dataclass(frozen=True)
class Preset:
    """A button on the draft's page; `make` is what becomes of the draft."""

    label: Promise
    text: Promise
    make: Callable[[Book], Book]


def _named(words: Promise) -> tuple[str, str]:
    names = []
    for language in ("en", "ja"):
        with override(language):
            names.append(str(words))
    return names[0], names[1]


def _rule(words: Promise, asks: Asks, *, use: Use = Use.ANY, place: Place = Place.ANYWHERE) -> Rule:
    return Rule(*_named(words), id=new_id(), part=Part.SIGN_IN, asks=asks, use=use, place=place)


def _with_sign_in(book: Book, *rules: Rule) -> Book:
    return replace(book, rules=(*rules, *(rule for rule in book.rules if rule.part is not Part.SIGN_IN)))


def every_sign_in(book: Book) -> Book:
    """Everybody once MFA use is in effect; before that the password is enough."""
    return _with_sign_in(
        book,
        _rule(_("Every sign-in once MFA use is in effect"), Asks.VERIFY, use=Use.IN_EFFECT),
        _rule(_("Before MFA use is in effect"), Asks.NONE, use=Use.NOT_YET),
    )


def only_from_outside(book: Book) -> Book:
    """From outside the campus networks alone (C-02)."""
    return _with_sign_in(
        book,
        _rule(_("From outside the campus"), Asks.VERIFY, place=Place.OUTSIDE),
        _rule(_("On campus"), Asks.NONE, place=Place.CAMPUS),
    )


def report_only(book: Book) -> Book:
    """What is new or changed only reports; what is in force goes on deciding, so that nobody is let in or shut out by the trial."""
    now = current_book()
    deciding = {part: [rule for rule in now.rules if rule.part is part and rule.mode is Mode.ON] for part in Part}
    rules = [rule for part in Part for rule in _reporting([one for one in book.rules if one.part is part], deciding[part])]
    networks = [one for one in now.networks if one.code not in {known.code for known in book.networks}]
    groups = [one for one in now.groups if one.code not in {known.code for known in book.groups}]
    return replace(
        book,
        rules=tuple(rules),
        networks=(*book.networks, *(one for one in networks if any(one.code in rule.networks for rule in rules))),
        groups=(*book.groups, *(one for one in groups if any(one.code in rule.groups for rule in rules))),
    )


def _reporting(drafted: list[Rule], deciding: list[Rule]) -> list[Rule]:
    """In their order where all that decides is among them; otherwise all of them only report, and what decides stands below."""
    if [rule for rule in drafted if rule in deciding] == deciding:
        return [rule if rule in deciding else _reports(rule) for rule in drafted]
    taken = {rule.id for rule in deciding}
    return [*(replace(_reports(rule), id=new_id() if rule.id in taken else rule.id) for rule in drafted), *deciding]


def _reports(rule: Rule) -> Rule:
    return replace(rule, mode=Mode.REPORT) if rule.mode is Mode.ON else rule


def all_on(book: Book) -> Book:
    """All rules that only report count from now on."""
    return replace(book, rules=tuple(replace(rule, mode=Mode.ON) if rule.mode is Mode.REPORT else rule for rule in book.rules))


PRESETS: Mapping[str, Preset] = {
    "every-sign-in": Preset(
        _("At every sign-in once in effect"),
        _("Replaces the rules for sign-in: everybody is asked once their MFA use is in effect, and not before."),
        every_sign_in,
    ),
    "only-from-outside": Preset(
        _("Only from outside the campus"),
        _("Replaces the rules for sign-in: everybody is asked from outside the campus networks, and not on campus."),
        only_from_outside,
    ),
    "report-only": Preset(
        _("Report only"),
        _("Rules that are new or changed only report what they would do. What is in force stands below them and goes on deciding."),
        report_only,
    ),
    "all-on": Preset(_("Switch on what reports"), _("Every rule that only reports counts."), all_on),
}
