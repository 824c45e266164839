"""What staff do for a caller: each in a case, for a caller verified as needed, told to the person at once with a way to stop it (R-166)."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import powers, require
from helpdesk import approvals, callers, cases, velocity
from helpdesk.doing import EFFECTS
from helpdesk.models import Approval, CallerProof, Case, CaseKind, CaseSource
from helpdesk.risks import RISKS, takes_two
from helpdesk.stops import with_stop
from methods.models import Report
from methods.notices import tell
from methods.unknown_requests import settle
from policies import terminations
from policies.by_hand import RIGHT, settle_by_hand
from policies.models import Delivery, Termination, TerminationWish
from policies.propagation import retry
from policies.wishes import decline
from signin.counter import RIGHT as AT_COUNTER
from signin.counter import confirm, waiting

# What a case is about that an action opens.
KINDS = {
    "unlock": CaseKind.LOCKED,
    "request-termination": CaseKind.END,
    "end-exception": CaseKind.END,
    "end-session": CaseKind.OTHER,
    "end-sessions": CaseKind.OTHER,
    "mail-guide": CaseKind.SIGN_IN,
}


@transaction.atomic
def act(action: str, account: Account, *, actor: Account, reason: str, **facts: Any) -> Approval | None:
    """Do it in the case at hand, or ask for a second person where it takes two; returns what then waits.

    Refused without the right, a reason or enough proof of who calls, and as the verb itself refuses.
    """
    require(actor, RISKS[action].right, on=account, reason=reason)
    case = cases.working_on(account, actor=actor, kind=KINDS.get(action, CaseKind.LOST))
    callers.demand(case, action, actor=actor)
    velocity.count(actor, action)
    with cases.within(case), with_stop(case, action):
        if takes_two(action, powers(account).rank):
            return approvals.ask(case, action, account, facts, actor=actor, reason=reason)
        EFFECTS[action](account, actor=actor, reason=reason, **facts)
    return None


ON_DELIVERY: dict[str, Callable[..., object]] = {velocity.RETRY: retry, velocity.SETTLE: settle_by_hand}


@transaction.atomic
def on_delivery(action: str, delivery: Delivery, *, actor: Account, reason: str) -> None:
    """Pass a change on again, or answer for it, in the case at hand; one that is opened for it alone is closed with it."""
    account = delivery.account
    require(actor, RIGHT, on=account, reason=reason)
    at_hand = cases.current(account, actor=actor)
    case = cases.working_on(account, actor=actor, kind=CaseKind.SYSTEM)
    with cases.within(case):
        ON_DELIVERY[action](delivery, actor=actor, reason=reason)
        velocity.count(actor, action)
    if at_hand is None:
        cases.close(case, actor=actor, text=f"{delivery.system}: {reason}")


@transaction.atomic
def settle_report(report: Report, *, actor: Account, reason: str) -> None:
    """Close a report, and the case that it opened."""
    case = Case.objects.filter(report=report, closed_at=None).first()
    with cases.within(case) if case else nullcontext():
        settle(report.pk, actor=actor, reason=reason)
        velocity.count(actor, velocity.SETTLE_REPORT)
    if case:
        cases.close(case, actor=actor, text=reason)


@transaction.atomic
def approve_termination(termination: Termination, *, actor: Account) -> None:
    """The second person says yes; whoever's MFA use it is can stop it from the notice."""
    _decide(termination, terminations.approve, actor=actor)
    velocity.count(actor, velocity.APPROVE)


@transaction.atomic
def refuse_termination(termination: Termination, *, actor: Account) -> None:
    """The second person says no, or whoever asked takes it back."""
    _decide(termination, terminations.refuse, actor=actor)


def _decide(termination: Termination, verb: Callable[..., object], *, actor: Account) -> None:
    """In the case of the account, but taken from nobody: whoever decides does not work on it. One that is closed stays closed."""
    account = termination.application.account
    case = cases.current(account, actor=termination.requested_by) or cases.latest(account)
    with cases.within(case), with_stop(case, "request-termination"):
        verb(termination, actor=actor)


@transaction.atomic
def decline_wish(wish: TerminationWish, *, actor: Account, reason: str) -> None:
    """Tell a holder why it will not be done."""
    decline(wish, actor=actor, reason=reason)
    velocity.count(actor, velocity.DECLINE_WISH)


@transaction.atomic
def ask_caller(account: Account, what: tuple[uuid.UUID, str] | str, *, actor: Account) -> CallerProof:
    """Ask for a proof of who is calling: a method in one of its ways, or a person of some sort."""
    require(actor, callers.ASK, on=account)
    case = cases.working_on(account, actor=actor, kind=CaseKind.OTHER)
    velocity.count(actor, velocity.ASK_CALLER)
    return callers.ask_person(case, what, actor=actor) if isinstance(what, str) else callers.ask_device(case, *what, actor=actor)


@transaction.atomic
def confirm_at_counter(code: str, *, actor: Account, common_id: str) -> None:
    """The clerk has seen the card: the pass appears on the person's own screen. A case keeps it, and the owner can stop it."""
    require(actor, AT_COUNTER)
    shown = waiting(code, powers(actor).among(AT_COUNTER, "attempt__account__"))
    if shown is None:
        raise Refused("counter-over")
    account, text = shown.attempt.account, "ID card seen at the counter"
    case = cases.open_case(account, actor=actor, kind=CaseKind.LOST, source=CaseSource.COUNTER, text=text)
    Case.objects.filter(pk=case.pk).update(owner=actor, closed_at=case.opened_at, closed_by=actor)
    velocity.count(actor, velocity.COUNTER)
    with cases.within(case), with_stop(case, "issue-pass"):
        confirm(code, actor=actor, common_id=common_id)
        tell(account, "counter-confirmed")
