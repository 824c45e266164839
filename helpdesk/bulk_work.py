"""What two people approved for many accounts, done by a worker: portion by portion, each account once, in a transaction of its own.

Whatever goes wrong with one account is kept in its row, and whatever goes wrong with one list is its own: the others go on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Target, powers
from audit.catalogue import EventName
from audit.context import approved
from helpdesk import approvals, cases
from helpdesk.bulk import APPROVE, BULK, catch_up, is_outdated, locked, objection_to, step
from helpdesk.faults import is_passing
from helpdesk.models import BROKE_OFF, BulkJob, BulkRow, Case, CaseKind, CaseSource, JobState, RowState
from helpdesk.risks import RISKS
from helpdesk.stops import with_stop

PORTION = 50
log = structlog.get_logger(__name__)


def work(*, seconds: float = 20.0) -> int:
    """A portion of each list at work in turn, for a while; returns how many rows. What is left is for the next call."""
    until, done = timezone.now() + timedelta(seconds=seconds), 0
    jobs = list(BulkJob.objects.filter(state=JobState.RUNNING).order_by("decided_at"))
    turn = jobs
    while turn and timezone.now() < until:
        worked = [(job, _apart(job, lambda job: _portion(job, until))) for job in turn]
        done += sum(rows for _job, rows in worked)
        turn = [job for job, rows in worked if rows]
    for job in jobs:
        _apart(job, _settle)
    return done


def _apart(job: BulkJob, what: Callable[[BulkJob], int]) -> int:
    """What is done with one list; its fault is logged, and those behind it have their turn."""
    try:
        return what(job)
    except Exception:  # whatever it is, the others go on
        log.exception("a list broke off", bulk=str(job.pk))
        return 0


def _portion(job: BulkJob, until: datetime) -> int:
    ready = job.rows.filter(state=RowState.READY).order_by("line").values_list("pk", flat=True)[:PORTION]
    return sum(_work_on(row_id) for row_id in list(ready) if timezone.now() < until)


def _work_on(row_id: int) -> bool:
    """One row, once: whoever takes it first under the account's lock does it. Why nothing came of it is kept."""
    with transaction.atomic():
        row = BulkRow.objects.select_related("job__made_by", "job__decided_by").get(pk=row_id)
        if row.account_id is None:
            return False
        account = hold(row.account_id)
        mine = BulkRow.objects.filter(pk=row.pk, state=RowState.READY, job__state=JobState.RUNNING)
        if not BulkJob.objects.select_for_update(no_key=True).filter(pk=row.job_id, state=JobState.RUNNING).exists():
            return False
        if not mine.update(state=RowState.DONE, done_at=timezone.now()):
            return False
        if why := _why_not_done(row, account):
            BulkRow.objects.filter(pk=row.pk).update(state=RowState.FAILED, why=why)
    return True


def _why_not_done(row: BulkRow, account: Account) -> str:
    """Do it; a reason code when it is refused, or when it broke off: then nothing of it has happened."""
    try:
        with transaction.atomic():
            _do(row, account)
    except Refused as refusal:
        return refusal.code
    except Exception as error:  # a fault with this account costs the others nothing
        if is_passing(error):
            raise
        log.exception("a row of a list broke off", bulk=str(row.job_id), line=row.line)
        return BROKE_OFF
    return ""


def _do(row: BulkRow, account: Account) -> None:
    """What was approved, if both people may still do it to this account."""
    job, second = row.job, row.job.decided_by
    if second is None:
        raise Refused("not-allowed")
    if is_outdated(job):
        raise Refused("bulk-outdated")
    for person, right in ((job.made_by, RISKS[job.action].right), (second, APPROVE)):
        if not person.is_active:
            raise Refused("not-allowed")
        if why := objection_to(person, powers(person), right, Target(account, powers(account))):
            raise Refused(why)
    case = cases.open_case(account, actor=job.made_by, kind=CaseKind.OTHER, source=CaseSource.BULK, text=job.reason)
    Case.objects.filter(pk=case.pk).update(closed_at=case.opened_at, closed_by=job.made_by)
    with cases.within(case), approved(second.common_id), with_stop(case, job.action):
        if RISKS[job.action].loosens:
            _announce(row, account, case, second)
        else:
            BULK[job.action](account, actor=job.made_by, reason=job.reason)


def _announce(row: BulkRow, account: Account, case: Case, second: Account) -> None:
    """An approval like any other: done once when its time has come, dropped when the account changes, stopped by its owner."""
    job = row.job
    approval = approvals.approved_in_bulk(case, job.action, account, asked_by=job.made_by, decided_by=second, reason=job.reason)
    BulkRow.objects.filter(pk=row.pk).update(state=RowState.WAITING, approval=approval, done_at=None)


def _settle(job: BulkJob) -> int:
    """End a job of which nothing is left."""
    catch_up(job)
    with transaction.atomic():
        fresh = locked(job)
        if fresh.state == JobState.RUNNING and not fresh.rows.filter(state__in=(RowState.READY, RowState.WAITING)).exists():
            fresh.finished_at = timezone.now()
            step(fresh, JobState.DONE, EventName.BULK_FINISHED, None)
    return 0
