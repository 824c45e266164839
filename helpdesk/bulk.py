"""Work on many accounts: a list, a preview, a second person, then portion by portion, each account once (R-162).

There is no caller to verify, so it takes two people always, and whatever loosens waits for each person to stop it. Accounts with a
role are left out: they take two people and a day each.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Powers, Target, objection, powers, powers_of, require
from audit.catalogue import EventName
from audit.context import approved
from audit.record import record
from helpdesk import approvals, cases, velocity
from helpdesk.doing import EFFECTS, end_sessions
from helpdesk.models import PENDING, Approval, ApprovalState, BulkJob, BulkRow, Case, CaseKind, CaseSource, JobState, RowState
from helpdesk.risks import DECISION, RISKS, wait
from helpdesk.stops import with_stop
from signin.password import canonical

ASK, APPROVE = "bulk:ask", "action:approve"
PORTION = 50
BULK: dict[str, Callable[..., object]] = {
    "end-sessions": end_sessions,
    "mail-guide": EFFECTS["mail-guide"],
    "unlock": EFFECTS["unlock"],
    "require-reregistration": EFFECTS["require-reregistration"],
}
UNKNOWN, TWICE, STAFF = "bulk-unknown", "bulk-twice", "bulk-staff"


@dataclass(frozen=True)
class Counts:
    """How many rows stand where."""

    total: int
    ready: int
    excluded: int
    waiting: int
    done: int
    failed: int

    @property
    def percent(self) -> int:
        """How much of what can be done has been tried."""
        meant = self.total - self.excluded
        return 100 if not meant else 100 * (self.done + self.failed) // meant


def lines_of(text: str) -> list[str]:
    """The ids of a list: one a line, or the first cell of each line of a CSV file."""
    cells = (line.replace("\t", ",").replace(";", ",").split(",")[0] for line in text.splitlines())
    plain = ("".join(c for c in cell if unicodedata.category(c)[0] != "C").strip(' "') for cell in cells)
    return [cell for cell in plain if cell]


@transaction.atomic
def prepare(action: str, text: str, *, actor: Account, reason: str) -> BulkJob:
    """A preview: who would be affected, who not and why. Refused for an empty list, and one that is too long."""
    require(actor, ASK, reason=reason)
    require(actor, RISKS[action].right)
    typed = lines_of(text)
    if not typed or len(typed) > settings.MFA_BULK_MOST:
        raise Refused("bulk-size", most=settings.MFA_BULK_MOST, found=len(typed))
    velocity.count(actor, velocity.PREVIEW)  # each names up to so many people, and keeps a row for each
    job = BulkJob.objects.create(action=action, reason=reason, made_by=actor, expires_at=timezone.now() + DECISION)
    BulkRow.objects.bulk_create(_judged(job, typed), batch_size=500)
    return job


def _judged(job: BulkJob, typed: list[str]) -> Iterable[BulkRow]:
    ids = [canonical(one)[:32] for one in typed]
    known = {account.common_id: account for account in Account.objects.filter(common_id__in=ids).select_related("affiliation")}
    own, theirs, seen = powers(job.made_by), powers_of(known.values()), set()
    for line, (said, common_id) in enumerate(zip(typed, ids, strict=True), 1):
        account = known.get(common_id)
        why = UNKNOWN
        if account:
            why = (
                TWICE if account.pk in seen else _objection(job.made_by, own, RISKS[job.action].right, Target(account, theirs[account.pk]))
            )
        if why == UNKNOWN:
            account = None
        elif account:
            seen.add(account.pk)
        yield BulkRow(job=job, line=line, typed=said[:64], account=account, state=RowState.EXCLUDED if why else RowState.READY, why=why)


def _objection(actor: Account, own: Powers, right: str, on: Target) -> str:
    """As everywhere, but that accounts elsewhere answer like unknown ones, and that people with a role are left out."""
    why = objection(actor, own, right, on)
    if why == "out-of-scope":
        return UNKNOWN
    return why or (STAFF if on.powers.rank else "account-left" if on.account.left_at else "")


def counts(job: BulkJob) -> Counts:
    """How the rows stand now."""
    found = dict(BulkRow.objects.filter(job=job).values_list("state").annotate(Count("pk")))
    states = (RowState.READY, RowState.EXCLUDED, RowState.WAITING, RowState.DONE, RowState.FAILED)
    return Counts(sum(found.values()), *(found.get(state, 0) for state in states))


@transaction.atomic
def ask(job: BulkJob, *, actor: Account) -> None:
    """Ask for a second person; by whoever made the list."""
    job = _locked(job)
    require(actor, ASK)
    if job.state != JobState.PREVIEW or job.made_by_id != actor.pk or not counts(job).ready:
        raise Refused("bulk-state")
    velocity.count(actor, velocity.BULK)
    _step(job, JobState.REQUESTED, EventName.BULK_REQUESTED, actor)


@transaction.atomic
def approve(job: BulkJob, *, actor: Account) -> None:
    """Say yes to exactly this list; never by whoever asked, and only by somebody whose right holds everywhere."""
    job = _locked(job)
    require(actor, APPROVE)
    if not powers(actor).is_everywhere(APPROVE):
        raise Refused("not-allowed")
    if job.state != JobState.REQUESTED or job.expires_at <= timezone.now():
        raise Refused("bulk-state")
    if actor.pk == job.made_by_id or job.rows.filter(account=actor).exclude(state=RowState.EXCLUDED).exists():
        raise Refused("own-approval")
    velocity.count(actor, velocity.APPROVE)
    job.decided_by, job.decided_at = actor, timezone.now()
    _step(job, JobState.RUNNING, EventName.BULK_APPROVED, actor, requested_by=job.made_by.common_id, approved_by=actor.common_id)


@transaction.atomic
def refuse(job: BulkJob, *, actor: Account) -> None:
    """Say no; whoever asked may take it back."""
    job = _locked(job)
    require(actor, ASK if actor.pk == job.made_by_id else APPROVE)
    if job.state not in {JobState.PREVIEW, JobState.REQUESTED}:
        raise Refused("bulk-state")
    job.decided_by, job.decided_at = actor, timezone.now()
    _step(job, JobState.REFUSED, EventName.BULK_REFUSED, actor)


@transaction.atomic
def stop(job: BulkJob, *, actor: Account) -> None:
    """Nothing more is begun, and what waits for its time does not happen. Anybody who may ask may stop: it only protects."""
    job = _locked(job)
    require(actor, ASK)
    if job.state != JobState.RUNNING:
        raise Refused("bulk-state")
    _step(job, JobState.STOPPED, EventName.BULK_STOPPED, actor)
    waiting = Approval.objects.filter(pk__in=job.rows.filter(state=RowState.WAITING).values("approval"), state__in=PENDING)
    for pk in list(waiting.values_list("pk", flat=True)):
        if waiting.filter(pk=pk).update(state=ApprovalState.REFUSED, decided_at=timezone.now()):
            job.rows.filter(approval=pk).update(state=RowState.READY, approval=None)
    _catch_up(job)


@transaction.atomic
def resume(job: BulkJob, *, actor: Account) -> None:
    """Go on with what is left, which is announced anew; by one of the two who wanted it, while the approval holds."""
    job = _locked(job)
    require(actor, ASK)
    if job.state != JobState.STOPPED or actor.pk not in {job.made_by_id, job.decided_by_id}:
        raise Refused("bulk-state")
    if is_outdated(job):
        raise Refused("bulk-outdated")
    _step(job, JobState.RUNNING, EventName.BULK_RESUMED, actor)


def is_outdated(job: BulkJob) -> bool:
    """Whether the approval is older than a day: two people meant the accounts as they were then."""
    return job.decided_at is None or job.decided_at <= timezone.now() - DECISION


def work(*, seconds: float = 20.0) -> int:
    """Portions of every job at work, for a while; returns how many rows. What is left is for the next call."""
    until, done = timezone.now() + timedelta(seconds=seconds), 0
    for job in BulkJob.objects.filter(state=JobState.RUNNING).order_by("decided_at"):
        while timezone.now() < until and (portion := list(job.rows.filter(state=RowState.READY).order_by("line")[:PORTION])):
            worked = [_work_on(row.pk) for row in portion if timezone.now() < until]
            done += sum(worked)
            if not any(worked):
                break
        _settle(job)
    return done


def _work_on(row_id: int) -> bool:
    """One row, once: whoever takes it first under the account's lock does it. What is refused is kept with its reason."""
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
        try:
            with transaction.atomic():
                _do(row, account)
        except Refused as refusal:
            BulkRow.objects.filter(pk=row.pk).update(state=RowState.FAILED, why=refusal.code)
    return True


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
        if why := _objection(person, powers(person), right, Target(account, powers(account))):
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


def _catch_up(job: BulkJob) -> None:
    """See what has become of what waited."""
    ended: dict[str, tuple[RowState, str]] = {
        ApprovalState.DONE: (RowState.DONE, ""),
        ApprovalState.STOPPED: (RowState.FAILED, "bulk-stopped-by-owner"),
    }
    over = job.rows.filter(state=RowState.WAITING).exclude(approval__state__in=PENDING).values_list("pk", "approval__state")
    for pk, state in list(over):
        new, why = ended.get(state, (RowState.FAILED, "approval-outdated"))
        BulkRow.objects.filter(pk=pk, state=RowState.WAITING).update(state=new, why=why, done_at=timezone.now())


def _settle(job: BulkJob) -> None:
    """End a job of which nothing is left."""
    _catch_up(job)
    with transaction.atomic():
        fresh = _locked(job)
        if fresh.state == JobState.RUNNING and not fresh.rows.filter(state__in=(RowState.READY, RowState.WAITING)).exists():
            fresh.finished_at = timezone.now()
            _step(fresh, JobState.DONE, EventName.BULK_FINISHED, None)


def _locked(job: BulkJob) -> BulkJob:
    return BulkJob.objects.select_for_update(of=("self",)).select_related("made_by", "decided_by").get(pk=job.pk)


def _step(job: BulkJob, state: JobState, name: EventName, actor: Account | None, **people: str) -> None:
    job.state = state
    job.save()
    found = counts(job)
    after = {"action": job.action, "bulk": str(job.pk), "count": found.total - found.excluded, "done": found.done, "failed": found.failed}
    record(name, actor=actor, reason=job.reason, after=after | people)


def due_after(job: BulkJob) -> timedelta:
    """How long each person has to stop it."""
    return wait(0) if RISKS[job.action].loosens else timedelta(0)
