"""What the parts of a policy are called on screen, and a sentence that reads a rule aloud."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.kinds import AccountKind
from accounts.roles import ROLES
from audit.terms import name_codes
from methods.countries import country_name
from policies.rulebook.content import Asks, Book, Mode, NetworkKind, Part, Place, Rule, Use
from policies.rulebook.matching import Miss
from policies.rulebook.scope import Scoped

ASKS: dict[Asks, Promise] = {
    Asks.NONE: _("no verification is asked for"),
    Asks.VERIFY: _("a verification is asked for"),
    Asks.STRONG: _("a security key or passkey is asked for"),
    Asks.REGISTER: _("whoever has no method yet registers one first"),
    Asks.REFUSE: _("the sign-in is refused"),
    Asks.OPEN: _("the first method may be registered with the password alone"),
    Asks.ADDRESS: _("the first method may be registered after a code from the confirmed recovery address"),
    Asks.PASS: _("the first method may be registered with a Temporary Access Pass only"),
}
MODES: dict[Mode, Promise] = {Mode.OFF: _("Off"), Mode.REPORT: _("Report only"), Mode.ON: _("On")}
KINDS: dict[NetworkKind, Promise] = {
    NetworkKind.CAMPUS: _("Campus"),
    NetworkKind.PARTNER: _("Partner"),
    NetworkKind.BLOCKED: _("Blocked: every sign-in is refused"),
    NetworkKind.NO_SETUP: _("Notifications and set-up do not work here"),
}
PLACES: dict[Place, Promise] = {
    Place.ANYWHERE: _("from anywhere"),
    Place.CAMPUS: _("from a campus network"),
    Place.OUTSIDE: _("from outside the campus"),
    Place.NETWORKS: _("from certain networks"),
}
USES: dict[Use, Promise] = {
    Use.ANY: _("whether MFA use is in effect or not"),
    Use.IN_EFFECT: _("once MFA use is in effect"),
    Use.NOT_YET: _("while MFA use is not in effect"),
}
MISSES: dict[Miss, Promise] = {
    Miss.OFF: _("it is off"),
    Miss.REPORTS: _("it only reports"),
    Miss.AFFILIATION: _("another affiliation"),
    Miss.KIND: _("another kind of account"),
    Miss.ROLE: _("without such a role"),
    Miss.GROUP: _("not in the group"),
    Miss.ACCOUNT: _("another account"),
    Miss.USE: _("another state of MFA use"),
    Miss.PLACE: _("from elsewhere"),
    Miss.COUNTRY: _("no journey to such a country"),
    Miss.SYSTEM: _("to another system"),
    Miss.DAY: _("not on these days"),
    Miss.HAS_METHOD: _("a method is registered"),
    Miss.NO_ADDRESS: _("no recovery address was confirmed"),
}
PARTS: dict[Part, Promise] = {Part.SIGN_IN: _("Sign-in"), Part.REGISTRATION: _("First registration")}
for key, words in {"asks": ASKS, "mode": MODES, "place": PLACES, "use": USES, "part": PARTS}.items():
    name_codes(key, {code.value: said for code, said in words.items()})  # type: ignore[attr-defined]
name_codes("kind", {kind.value: said for kind, said in KINDS.items()})


@dataclass(frozen=True)
class Names:
    """Names of what rules know by code, in the reader's language."""

    affiliations: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)


def asks_words(asks: Asks) -> str:
    """What a rule asks for, as the end of a sentence."""
    return str(ASKS[asks])


def aloud(rule: Rule, book: Book, names: Names) -> str:
    """The rule as one sentence: who, when, from where, to what: what is asked."""
    parts = [who_words(rule, book, names), *_conditions(rule, book, names)]
    return gettext("%(conditions)s: %(asks)s.") % {
        "conditions": pgettext("between conditions", ", ").join(parts),
        "asks": asks_words(rule.asks),
    }


def who_words(rule: Scoped, book: Book, names: Names) -> str:
    """Whom a part of the policy speaks of."""
    kinds = {kind.value: str(kind.label) for kind in AccountKind}
    roles = {code: str(role.label) for code, role in ROLES.items()}
    groups = {group.code: str(group) for group in book.groups}
    said = [
        *([_either(rule.kinds, kinds)] if rule.kinds else []),
        *([gettext("of %(affiliations)s") % {"affiliations": _either(rule.affiliations, names.affiliations)}] if rule.affiliations else []),
        *([gettext("with the role %(roles)s") % {"roles": _either(rule.roles, roles)}] if rule.roles else []),
        *([gettext("in the group %(groups)s") % {"groups": _either(rule.groups, groups)}] if rule.groups else []),
        *([gettext("the account %(accounts)s") % {"accounts": _either(rule.accounts, {})}] if rule.accounts else []),
    ]
    return pgettext("between words about people", " ").join(said) or gettext("Everybody")


def _either(codes: frozenset[str], names: Mapping[str, str]) -> str:
    return gettext(" or ").join(str(names.get(code, code)) for code in sorted(codes))


def countries_of(rule: Rule) -> str:
    """The countries a rule speaks of, in the reader's language."""
    return _either(rule.countries, {code: country_name(code) for code in rule.countries})


def _conditions(rule: Rule, book: Book, names: Names) -> Iterator[str]:
    if rule.use:
        yield str(USES[rule.use])
    if rule.place is Place.NETWORKS:
        named = {network.code: str(network) for network in book.networks}
        yield gettext("from %(networks)s") % {"networks": _either(rule.networks, named)}
    elif rule.place:
        yield str(PLACES[rule.place])
    if rule.countries:
        yield gettext("on a journey to %(countries)s") % {"countries": countries_of(rule)}
    if rule.systems:
        yield gettext("signing in to %(systems)s") % {"systems": _either(rule.systems, names.systems)}
    if rule.since:
        yield gettext("from %(day)s on") % {"day": date_format(rule.since, "DATE_FORMAT")}
    if rule.until:
        yield gettext("until %(day)s") % {"day": date_format(rule.until, "DATE_FORMAT")}
