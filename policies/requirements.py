"""What a sign-in needs besides the right password: one ordered table of rules, asked by the door (R-002, R-014).

Whatever no rule opens stays closed: the last rule refuses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.terms import name_codes
from methods.models import RegisteredMethod
from methods.registry import sign_in_kinds
from methods.usable import only_usable, passes
from policies.networks import CAMPUS, network_of


class Outcome(StrEnum):
    """What the door does next."""

    ALLOW = "allow"
    VERIFY = "verify"
    REGISTER = "register"
    PASS = "pass"  # noqa: S105  a Temporary Access Pass first, then a registration
    REFUSE = "refuse"


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. The last two are the institution's choice, closed unless it says otherwise."""

    active: bool
    usable: int  # methods the person could verify with now
    had_methods: bool  # methods stand on the account, suspended ones included: it is not a newcomer's
    asked_here: bool  # MFA use is in effect for this site's own sign-in
    in_recovery: bool  # staff checked who it is and allowed a new registration
    sensitive: bool  # what is asked for needs a verification whatever the state of the application (S-76)
    network: str
    registration_open: bool = False  # MFA_FIRST_REGISTRATION
    verify_early: bool = True  # MFA_VERIFY_BEFORE_EFFECT
    has_pass: bool = False  # staff handed out a Temporary Access Pass that is valid

    @property
    def none_usable(self) -> bool:
        """Nothing to verify with."""
        return self.usable <= 0


@dataclass(frozen=True)
class Rule:
    """When `applies`, `outcome` is the answer; `sentence` explains it to a person."""

    code: str
    outcome: Outcome
    applies: Callable[[Facts], bool]
    sentence: Promise


@dataclass(frozen=True)
class Requirement:
    """The answer, with the code of the rule that gave it."""

    outcome: Outcome
    rule: str


RULES: tuple[Rule, ...] = (
    Rule(
        "account-left",
        Outcome.REFUSE,
        lambda facts: not facts.active,
        _("This account has left the institution and cannot be used. Contact the support desk."),
    ),
    Rule(
        "access-pass",
        Outcome.PASS,
        lambda facts: facts.none_usable and facts.has_pass,
        _("A Temporary Access Pass opens the registration of a verification method."),
    ),
    Rule(
        "recovery-needed",
        Outcome.REFUSE,
        lambda facts: facts.none_usable and (facts.asked_here or facts.had_methods) and not facts.in_recovery,
        _("None of the verification methods of this account can be used. Contact the support desk to recover it."),
    ),
    Rule(
        "register-in-recovery",
        Outcome.REGISTER,
        lambda facts: facts.none_usable and facts.in_recovery,
        _("The support desk has allowed a new registration of verification methods."),
    ),
    Rule(
        "first-registration-on-campus",
        Outcome.REGISTER,
        lambda facts: facts.none_usable and facts.network == CAMPUS,
        _("The first verification method may be registered from a campus network."),
    ),
    Rule(
        "first-registration-open",
        Outcome.REGISTER,
        lambda facts: facts.none_usable and facts.registration_open,
        _("The first verification method may be registered from anywhere."),
    ),
    Rule(
        "always-verify",
        Outcome.VERIFY,
        lambda facts: not facts.none_usable and facts.asked_here,
        _("MFA use is in effect: every sign-in is verified."),
    ),
    Rule(
        "sensitive-page",
        Outcome.VERIFY,
        lambda facts: not facts.none_usable and facts.sensitive,
        _("This page is always verified once a method is registered."),
    ),
    Rule(
        "verify-before-effect",
        Outcome.VERIFY,
        lambda facts: not facts.none_usable and facts.verify_early,
        _("A method is registered: sign-ins to this site are verified already."),
    ),
    Rule(
        "not-in-effect-yet",
        Outcome.ALLOW,
        lambda facts: not (facts.none_usable or facts.asked_here or facts.sensitive or facts.verify_early),
        _("MFA use is not in effect yet: the password is enough for this page."),
    ),
    Rule(
        "register-on-campus",
        Outcome.REFUSE,
        lambda facts: True,
        _("The first verification method must be registered from a campus network. If you cannot come, contact the support desk."),
    ),
)


name_codes("rule", {rule.code: rule.sentence for rule in RULES})


def decide(facts: Facts) -> Requirement:
    """The answer of the first rule that applies."""
    rule = next(rule for rule in RULES if rule.applies(facts))
    return Requirement(rule.outcome, rule.code)


def facts_for(account: Account, registered: Sequence[RegisteredMethod], *, sensitive: bool, address: str | None) -> Facts:
    """The facts of this account with these methods, now, from this network address."""
    had_methods = account.recovery_until is not None or any(one.kind in sign_in_kinds() for one in registered)
    return Facts(
        active=account.is_active,
        usable=len(only_usable(registered)),
        had_methods=had_methods,
        asked_here=account.mfa_asked_here,
        in_recovery=account.recovery_until is not None and account.recovery_until > timezone.now(),
        sensitive=sensitive,
        network=network_of(address),
        registration_open=settings.MFA_FIRST_REGISTRATION == "open",
        verify_early=settings.MFA_VERIFY_BEFORE_EFFECT,
        has_pass=bool(passes(registered)),
    )


def explain_rule(code: str) -> Promise | str:
    """The sentence of a rule, in the reader's language; the code itself when the rule has been retired."""
    return next((rule.sentence for rule in RULES if rule.code == code), code)
