"""What a sign-in needs besides the right password, decided by facts alone (R-002, R-014).

Around the institution's rules stand rules of the site itself that nobody can switch off. Whatever no rule opens stays closed:
whoever has a method is verified, whoever has none is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes
from policies.facts import Facts
from policies.rulebook.content import Asks, Book, NetworkKind, Part, Rule
from policies.rulebook.matching import first


class Outcome(StrEnum):
    """What the door does next."""

    ALLOW = "allow"
    VERIFY = "verify"
    REGISTER = "register"
    PASS = "pass"  # noqa: S105  a Temporary Access Pass first, then a registration
    ADDRESS = "address"  # a code mailed to the confirmed recovery address first, then a registration
    REFUSE = "refuse"


@dataclass(frozen=True)
class Own:
    """A rule of the site itself: when `applies`, `outcome` is the answer; `sentence` explains it to a person."""

    code: str
    outcome: Outcome
    applies: Callable[[Facts, Book], bool]
    sentence: Promise


@dataclass(frozen=True)
class Requirement:
    """The answer, and the rule that gave it: a code of ours, or version and id of one of the institution's.

    `strong`: only with a security key or passkey. `reported`: the rule that would have decided if it did not only report.
    """

    outcome: Outcome
    rule: str
    strong: bool = False
    reported: str = ""


BEFORE = (
    Own(
        "account-left",
        Outcome.REFUSE,
        lambda facts, book: not facts.active,
        _("This account has left the institution and cannot be used. Contact the support desk."),
    ),
    Own(
        "network-blocked",
        Outcome.REFUSE,
        lambda facts, book: not book.of_kind[NetworkKind.BLOCKED].isdisjoint(facts.networks),
        _("The network you are on is blocked here. Try from another network, or contact the support desk."),
    ),
)
WITHOUT_METHOD = (
    Own(
        "access-pass",
        Outcome.PASS,
        lambda facts, book: facts.has_pass,
        _("A Temporary Access Pass opens the registration of a verification method."),
    ),
    Own(
        "recovery-needed",
        Outcome.REFUSE,
        lambda facts, book: (facts.had_methods or (facts.asked_here and not facts.registers_anew)) and not facts.in_recovery,
        _("None of the verification methods of this account can be used. Contact the support desk to recover it."),
    ),
    Own(
        "register-in-recovery",
        Outcome.REGISTER,
        lambda facts, book: facts.in_recovery,
        _("The support desk has allowed a new registration of verification methods."),
    ),
)
SENSITIVE, UNSAID, LAST, OVERDUE = "sensitive-page", "verify-unless-said", "register-on-campus", "campaign-overdue"
EMERGENCY = "emergency-account"
OTHERS: dict[str, Promise] = {
    SENSITIVE: _("This page is always verified once a method is registered."),
    OVERDUE: _("The last day for applying for MFA use has passed: until you apply, every sign-in is verified."),
    UNSAID: _("No rule says otherwise: the sign-in is verified."),
    EMERGENCY: _("This account is for emergencies: it signs in with a security key or a passkey alone."),
    LAST: _("The first verification method must be registered from a campus network. If you cannot come, contact the support desk."),
}
OWN_SENTENCES: dict[str, Promise] = {own.code: own.sentence for own in (*BEFORE, *WITHOUT_METHOD)} | OTHERS
# The rules that the settings stand for until a policy is switched on, by which earlier sign-ins were decided.
STARTING: dict[str, Promise] = {
    "first-registration-on-campus": _("The first verification method may be registered from a campus network."),
    "first-registration-open": _("The first verification method may be registered from anywhere."),
    "always-verify": _("MFA use is in effect: every sign-in is verified."),
    "verify-before-effect": _("A method is registered: sign-ins to this site are verified already."),
    "not-in-effect-yet": _("MFA use is not in effect yet: the password is enough for this page."),
}
name_codes("rule", OWN_SENTENCES | STARTING)


def decide(facts: Facts, book: Book) -> Requirement:
    """The answer to a sign-in with these facts under this version of the policy."""
    found = _decided(facts, book, reporting=False)
    if not book.reports:
        return found
    would = _decided(facts, book, reporting=True)
    return found if (would.outcome, would.strong) == (found.outcome, found.strong) else replace(found, reported=would.rule)


def would_decide(facts: Facts, book: Book) -> Requirement:
    """The answer if the rules that only report counted as well."""
    return _decided(facts, book, reporting=True)


def _decided(facts: Facts, book: Book, *, reporting: bool) -> Requirement:
    found = _by_rules(facts, book, reporting=reporting)
    return _with_key(found, facts) if facts.emergency and found.outcome is not Outcome.REFUSE else found


def _with_key(found: Requirement, facts: Facts) -> Requirement:
    """An account for emergencies needs a key whatever the rules say, also to register its first method (R-172)."""
    if facts.none_usable:
        return replace(found, strong=True)
    return _strong(EMERGENCY, facts)


def _by_rules(facts: Facts, book: Book, *, reporting: bool) -> Requirement:
    if own := _own(BEFORE, facts, book):
        return own
    rule = first(book, Part.SIGN_IN, facts, reporting=reporting)
    if rule and rule.asks is Asks.REFUSE:
        return Requirement(Outcome.REFUSE, book.ref(rule))
    if facts.none_usable:
        return _own(WITHOUT_METHOD, facts, book) or _first_registration(facts, book, reporting=reporting)
    return _verification(facts, book, rule)


def _own(rules: tuple[Own, ...], facts: Facts, book: Book) -> Requirement | None:
    return next((Requirement(rule.outcome, rule.code) for rule in rules if rule.applies(facts, book)), None)


REGISTRATION = {Asks.OPEN: Outcome.REGISTER, Asks.ADDRESS: Outcome.ADDRESS}


def _first_registration(facts: Facts, book: Book, *, reporting: bool) -> Requirement:
    """Never a session: also where no verification is asked, a method is registered first (S-102)."""
    rule = first(book, Part.REGISTRATION, facts, reporting=reporting)
    outcome = REGISTRATION.get(rule.asks) if rule else None
    return Requirement(outcome, book.ref(rule)) if rule and outcome else Requirement(Outcome.REFUSE, LAST)


def _verification(facts: Facts, book: Book, rule: Rule | None) -> Requirement:
    if rule is None or rule.asks is Asks.REGISTER:
        return Requirement(Outcome.VERIFY, UNSAID)
    if rule.asks is Asks.NONE:
        return _password_enough(facts, book.ref(rule))
    if rule.asks is not Asks.STRONG:
        return Requirement(Outcome.VERIFY, book.ref(rule))
    return _strong(book.ref(rule), facts)


def _strong(rule: str, facts: Facts) -> Requirement:
    """With a security key or passkey alone; who has none needs a pass to register one."""
    outcome = Outcome.VERIFY if facts.strong else Outcome.PASS if facts.has_pass else Outcome.REFUSE
    return Requirement(outcome, rule, strong=True)


def _password_enough(facts: Facts, ref: str) -> Requirement:
    """A rule says so; not for a sensitive page, nor for whoever let a campaign's day pass. Both have a method: nobody is locked out."""
    if facts.sensitive:
        return Requirement(Outcome.VERIFY, SENSITIVE)
    return Requirement(Outcome.VERIFY, OVERDUE) if facts.overdue else Requirement(Outcome.ALLOW, ref)
