"""The owner's “stop, this was not me”: cancels what is pending, locks what was loosened, and alarms the desk (R-166).

“No, it's not me” to a request alarms the desk as well. After either nothing that a caller has proved counts any more.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from accounts.locks import hold, lock_for_owner
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from helpdesk import callers, cases
from helpdesk.models import PENDING, Approval, ApprovalState, Case, CaseKind, CaseSource, Stop
from helpdesk.risks import OWN_TWO_PEOPLE, RISKS, STOPPABLE
from methods.challenges import close_all
from methods.ending import end_with_use
from methods.lifecycle import take_away
from methods.models import Report
from methods.notices import tell
from methods.stopping import stoppable
from methods.usable import listed, passes
from policies.returns import end_now
from policies.terminations import stop as stop_termination


@contextmanager
def with_stop(case: Case, action: str) -> Iterator[None]:
    """What the person is told meanwhile comes with a link that stops it, once."""
    assert case.account is not None  # noqa: S101  actions are of accounts
    stop = Stop.objects.create(account=case.account, case=case, action=action, expires_at=timezone.now() + STOPPABLE)
    with stoppable(stop.pk):
        yield


def open_stop(stop_id: uuid.UUID | None) -> Stop | None:
    """What a link stops, while it can."""
    if stop_id is None:
        return None
    known = Stop.objects.filter(pk=stop_id, used_at=None, expires_at__gt=timezone.now())
    return known.select_related("account", "case").first()


@transaction.atomic
def stop(stop_id: uuid.UUID) -> Stop:
    """Stop it, once: approvals, a termination that waits or is in force, passes and codes on their way; and lock what was loosened."""
    found = open_stop(stop_id)
    if found is None:
        raise Refused("stop-over")
    account = hold(found.account_id)
    if not Stop.objects.filter(pk=stop_id, used_at=None).update(used_at=timezone.now()):
        raise Refused("stop-over")
    with cases.within(found.case):
        record(EventName.ACTION_STOPPED, account=account, actor=account, after={"action": found.action})
        was_done = _cancel(account, found)
        if RISKS[found.action].loosens and was_done and lock_for_owner(account):
            end_with_use(account, why="locked")
            tell(account, "account-locked")
    text = f"{found.action}: {found.case.said}"
    cases.open_case(account, actor=None, kind=CaseKind.STOPPED, source=CaseSource.HOLDER, text=text, urgent=True)
    return found


def open_for_report(report: Report) -> None:
    """Somebody said that a request was not their own: an alarm. Called in the transaction that wrote the report, under the account's lock."""
    callers.void(report.account)
    cases.open_case(report.account, actor=None, kind=CaseKind.REPORT, source=CaseSource.REPORT, urgent=True, report=report)


def _cancel(account: Account, found: Stop) -> bool:
    """Cancel all that is pending; whether what the link is about had been done already."""
    callers.void(account)
    pending = Approval.objects.filter(account=account, state__in=PENDING)
    waited = pending.filter(case=found.case, action=found.action).exists()
    pending.update(state=ApprovalState.STOPPED, decided_at=timezone.now())
    waited |= stop_termination(account) and found.action in OWN_TWO_PEOPLE
    if found.action in OWN_TWO_PEOPLE:
        end_now(account)
    handed_out = passes(listed(account))
    for one in handed_out:
        take_away(one)
    close_all(account)
    return bool(handed_out) or not waited
