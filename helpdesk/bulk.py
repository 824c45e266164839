"""Work on many accounts: a list, a preview, a second person (R-162); `bulk_work` does it then, portion by portion, each account once.

There is no caller to verify, so it takes two people always, and whatever loosens waits for each person to stop it. Accounts with a
role are left out: they take two people and a day each.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Powers, Target, objection, powers, powers_of, require
from audit.catalogue import EventName
from audit.record import record
from helpdesk import velocity
from helpdesk.doing import EFFECTS
from helpdesk.models import BROKE_OFF, PENDING, Approval, ApprovalState, BulkJob, BulkRow, JobState, RowState
from helpdesk.risks import DECISION, RISKS, wait
from signin.password import canonical

ASK, APPROVE = "bulk:ask", "action:approve"
BULK: dict[str, Callable[..., object]] = {
    "end-sessions": EFFECTS["end-sessions"],
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
    def meant(self) -> int:
        """How many of the lines are to be done."""
        return self.total - self.excluded

    @property
    def tried(self) -> int:
        """How many of these are over, whatever came of them."""
        return self.done + self.failed

    @property
    def percent(self) -> int:
        """The same as a share."""
        return 100 * self.tried // self.meant if self.meant else 100


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
    ids = [canonical(one) for one in typed]
    known = {account.common_id: account for account in Account.objects.filter(common_id__in=ids).select_related("affiliation")}
    own, theirs, seen = powers(job.made_by), powers_of(known.values()), set()
    for line, (said, common_id) in enumerate(zip(typed, ids, strict=True), 1):
        account = known.get(common_id)
        why = UNKNOWN
        if account:
            why = (
                TWICE
                if account.pk in seen
                else objection_to(job.made_by, own, RISKS[job.action].right, Target(account, theirs[account.pk]))
            )
        if why == UNKNOWN:
            account = None
        elif account:
            seen.add(account.pk)
        yield BulkRow(job=job, line=line, typed=said[:64], account=account, state=RowState.EXCLUDED if why else RowState.READY, why=why)


def objection_to(actor: Account, own: Powers, right: str, on: Target) -> str:
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
    job = locked(job)
    require(actor, ASK)
    if job.state != JobState.PREVIEW or job.made_by_id != actor.pk or job.expires_at <= timezone.now() or not counts(job).ready:
        raise Refused("bulk-state")
    velocity.count(actor, velocity.BULK)
    job.asked_at = timezone.now()
    step(job, JobState.REQUESTED, EventName.BULK_REQUESTED, actor)


@transaction.atomic
def approve(job: BulkJob, *, actor: Account) -> None:
    """Say yes to exactly this list; never by whoever asked, and only by somebody whose right holds everywhere."""
    job = locked(job)
    require(actor, APPROVE)
    if not powers(actor).is_everywhere(APPROVE):
        raise Refused("not-allowed")
    if job.state != JobState.REQUESTED or job.expires_at <= timezone.now():
        raise Refused("bulk-state")
    if actor.pk == job.made_by_id or job.rows.filter(account=actor).exclude(state=RowState.EXCLUDED).exists():
        raise Refused("own-approval")
    velocity.count(actor, velocity.APPROVE)
    job.decided_by, job.decided_at = actor, timezone.now()
    step(job, JobState.RUNNING, EventName.BULK_APPROVED, actor, requested_by=job.made_by.common_id, approved_by=actor.common_id)


@transaction.atomic
def refuse(job: BulkJob, *, actor: Account) -> None:
    """Say no; whoever asked may take it back."""
    job = locked(job)
    require(actor, ASK if actor.pk == job.made_by_id else APPROVE)
    if job.state not in {JobState.PREVIEW, JobState.REQUESTED}:
        raise Refused("bulk-state")
    job.decided_by, job.decided_at = actor, timezone.now()
    step(job, JobState.REFUSED, EventName.BULK_REFUSED, actor)


@transaction.atomic
def stop(job: BulkJob, *, actor: Account) -> None:
    """Nothing more is begun, and what waits for its time does not happen. Anybody who may ask may stop: it only protects."""
    job = locked(job)
    require(actor, ASK)
    if job.state != JobState.RUNNING:
        raise Refused("bulk-state")
    step(job, JobState.STOPPED, EventName.BULK_STOPPED, actor)
    waiting = Approval.objects.filter(pk__in=job.rows.filter(state=RowState.WAITING).values("approval"), state__in=PENDING)
    for pk in list(waiting.values_list("pk", flat=True)):
        if waiting.filter(pk=pk).update(state=ApprovalState.REFUSED, decided_at=timezone.now()):
            job.rows.filter(approval=pk).update(state=RowState.READY, approval=None)
    catch_up(job)


@transaction.atomic
def resume(job: BulkJob, *, actor: Account) -> None:
    """Go on with what is left, which is announced anew; by one of the two who wanted it, while the approval holds."""
    job = locked(job)
    require(actor, ASK)
    if job.state != JobState.STOPPED or actor.pk not in {job.made_by_id, job.decided_by_id}:
        raise Refused("bulk-state")
    if is_outdated(job):
        raise Refused("bulk-outdated")
    step(job, JobState.RUNNING, EventName.BULK_RESUMED, actor)


def forget_unasked() -> int:
    """Remove lists that nobody asked for, and that nobody can ask for any more: they only name people. Returns how many."""
    unasked = Q(state=JobState.PREVIEW) | Q(state=JobState.REFUSED, asked_at=None)
    found = BulkJob.objects.filter(unasked, expires_at__lte=timezone.now())
    return sum(job.delete()[1].get("helpdesk.BulkJob", 0) for job in found[:100])


def is_outdated(job: BulkJob) -> bool:
    """Whether the approval is older than a day: two people meant the accounts as they were then."""
    return job.decided_at is None or job.decided_at <= timezone.now() - DECISION


def catch_up(job: BulkJob) -> None:
    """See what has become of what waited."""
    ended: dict[str, tuple[RowState, str]] = {
        ApprovalState.DONE: (RowState.DONE, ""),
        ApprovalState.STOPPED: (RowState.FAILED, "bulk-stopped-by-owner"),
        ApprovalState.FAILED: (RowState.FAILED, BROKE_OFF),
    }
    over = job.rows.filter(state=RowState.WAITING).exclude(approval__state__in=PENDING).values_list("pk", "approval__state")
    for pk, state in list(over):
        new, why = ended.get(state, (RowState.FAILED, "approval-outdated"))
        BulkRow.objects.filter(pk=pk, state=RowState.WAITING).update(state=new, why=why, done_at=timezone.now())


def locked(job: BulkJob) -> BulkJob:
    """The job as it is now, and nobody else's until the transaction ends."""
    return BulkJob.objects.select_for_update(of=("self",)).select_related("made_by", "decided_by").get(pk=job.pk)


def step(job: BulkJob, state: JobState, name: EventName, actor: Account | None, **people: str) -> None:
    """Go to another state, which is an event with the figures; under the lock of the job."""
    job.state = state
    job.save()
    found = counts(job)
    after = {"action": job.action, "bulk": str(job.pk), "count": found.meant, "done": found.done, "failed": found.failed}
    record(name, actor=actor, reason=job.reason, after=after | people)


def due_after(job: BulkJob) -> timedelta:
    """How long each person has to stop it."""
    return wait(0) if RISKS[job.action].loosens else timedelta(0)
