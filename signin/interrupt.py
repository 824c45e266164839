"""The "More information required" interrupt: what opens the registration of a method, and what it leaves as evidence."""

from typing import Any

from django.conf import settings

from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import end_all
from audit.catalogue import EventName
from audit.record import record
from methods.allowance import allowance_of
from methods.ending import end_with_use
from methods.lifecycle import prefer
from methods.models import RegisteredMethod
from methods.notices import tell
from methods.registry import kind, kinds, ranked
from methods.usable import self_sufficient
from policies.requirements import Outcome
from signin.binding import unchanged
from signin.models import AttemptState, SignInAttempt

PASS_RULE = "access-pass"  # noqa: S105  a rule of policies.requirements
OPENED_BY_PROOF = (Outcome.VERIFY, Outcome.PASS, Outcome.ADDRESS)


def open_registration(attempt: SignInAttempt, account: Account, *, after: EventName, rule: str = "") -> None:
    """What a first registration asks for was shown, as `after` records: a method may be registered in this attempt, nothing else."""
    rule = rule or attempt.rule
    mine = SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, requirement__in=OPENED_BY_PROOF)
    if not unchanged(attempt, account) or not mine.update(requirement=Outcome.REGISTER.value, rule=rule):
        raise Refused("attempt-over")
    attempt.requirement, attempt.rule = Outcome.REGISTER.value, rule
    record(after, account=account, actor=account)


def open_registration_by_pass(attempt: SignInAttempt, account: Account) -> None:
    """A Temporary Access Pass was right (R-164).

    Sessions that were open and app passwords end: whoever lost everything may have lost them, too (R-126).
    """
    open_registration(attempt, account, after=EventName.ACCESS_PASS_USED, rule=PASS_RULE)
    end_all(account, actor=account, why="access-pass")
    end_with_use(account, why="access-pass")
    tell(account, "access-pass-used")


def note_registration(attempt: SignInAttempt, account: Account, registered: RegisteredMethod) -> None:
    """Keep as evidence what was registered in the interrupt; in the transaction that registered it."""
    mine = SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, methods_version=account.methods_version - 1)
    evidence: dict[str, Any] = {"methods_version": account.methods_version}
    if kind(registered.kind).for_sign_in:
        evidence |= {"registered_kind": registered.kind, "registered_method": registered.pk}
    if not mine.update(**evidence):
        raise Refused("attempt-over")
    if attempt.rule == PASS_RULE and self_sufficient([registered]):
        prefer(account, registered)  # what was the default is not at hand


def wants_address(account: Account) -> bool:
    """Whether everybody is to have a recovery address, which is so only where one is allowed (S-36, C-03)."""
    return settings.MFA_FIRST_REGISTRATION_EMAIL and any(known.reaches_owner for known in ranked(kinds(), allowance_of(account)))


def needs_address(account: Account) -> bool:
    """Whether the first registration still asks for a recovery address."""
    return not account.recovery_address_confirmed_at and wants_address(account)


def needs_number(account: Account) -> bool:
    """Whether the first registration still asks for the student or staff number (S-118, C-03)."""
    return settings.MFA_FIRST_REGISTRATION_NUMBER and not account.institution_number
