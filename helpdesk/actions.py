"""What staff do for a caller, each in a case, told to the person at once (R-166). The rules stand in the verbs of the floors below."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import transaction

from accounts import locks, sessions
from accounts.models import Account
from accounts.roles import require
from helpdesk import callers, cases
from helpdesk.models import CallerProof, Case, CaseKind
from methods import lifecycle
from methods.ending import end_with_use
from methods.models import Report
from methods.notices import tell
from methods.unknown_requests import settle
from policies import terminations

# What a case is about that an action opens.
KINDS = {
    "lock": CaseKind.LOST,
    "unlock": CaseKind.LOCKED,
    "end-session": CaseKind.OTHER,
    "require-reregistration": CaseKind.LOST,
    "request-termination": CaseKind.END,
}


@contextmanager
def acting(action: str, account: Account, right: str, *, actor: Account) -> Iterator[Case]:
    """In one transaction, the case in which something is done: opened or taken where that is needed, its caller verified as needed."""
    require(actor, right, on=account)
    with transaction.atomic():
        case = cases.working_on(account, actor=actor, kind=KINDS[action])
        callers.demand(case, action)
        with cases.within(case):
            yield case


def unlock(account: Account, *, actor: Account, reason: str) -> None:
    """Clear the holds of an account; Refused without the right or a reason."""
    with acting("unlock", account, "account:unlock", actor=actor):
        locks.unlock(account, actor=actor, reason=reason)
        tell(account, "account-unlocked")


def lock(account: Account, *, actor: Account, reason: str) -> None:
    """Let nobody sign in until it is unlocked, nor any program; Refused without the right or a reason, and when it is locked already."""
    with acting("lock", account, "account:lock", actor=actor):
        locks.lock(account, actor=actor, reason=reason)
        end_with_use(account, why="locked")
        tell(account, "account-locked")


def end_session(account: Account, session_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """End one of somebody's sessions; Refused without the right or a reason, on one's own account, and when it is over already."""
    with acting("end-session", account, "session:end", actor=actor):
        require(actor, "session:end", on=account, reason=reason)
        sessions.end_one(account, session_id, actor=actor, reason=reason)
        tell(account, "session-ended")


def require_reregistration(account: Account, *, actor: Account, reason: str) -> None:
    """Take every method away, so that the person registers anew."""
    with acting("require-reregistration", account, "methods:reset", actor=actor):
        lifecycle.require_reregistration(account, actor=actor, reason=reason)


def request_termination(account: Account, *, actor: Account, reason: str, days: int) -> None:
    """Ask for MFA use to be ended; somebody else decides."""
    with acting("request-termination", account, "termination:request", actor=actor):
        terminations.request(account, actor=actor, reason=reason, days=days)


@transaction.atomic
def settle_report(report: Report, *, actor: Account, reason: str) -> None:
    """Close a report, and the case that it opened."""
    case = Case.objects.filter(report=report, closed_at=None).first()
    with cases.within(case) if case else nullcontext():
        settle(report.pk, actor=actor, reason=reason)
    if case:
        cases.close(case, actor=actor, text=reason)


@transaction.atomic
def ask_caller(account: Account, what: tuple[uuid.UUID, str] | str, *, actor: Account) -> CallerProof:
    """Ask for a proof of who is calling: a method in one of its ways, or a person of some sort."""
    require(actor, callers.ASK, on=account)
    case = cases.working_on(account, actor=actor, kind=CaseKind.OTHER)
    return callers.ask_person(case, what, actor=actor) if isinstance(what, str) else callers.ask_device(case, *what, actor=actor)
