"""What the desk keeps: cases, how callers were verified, what a second person has to approve, and what owners can stop."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.terms import name_codes
from methods.models import Challenge, Report


class CaseKind(models.TextChoices):
    """What somebody needs help with."""

    LOCKED = "locked", _("Locked out")
    LOST = "lost", _("Lost or changed phone")
    END = "end", _("End of MFA use")
    SIGN_IN = "sign-in", _("Cannot sign in")
    REPORT = "report", _("Reported request")
    STOPPED = "stopped", _("Stopped by the account holder")
    SYSTEM = "system", _("Connected system")
    OTHER = "other", _("Something else")


class CaseSource(models.TextChoices):
    """Who opened a case."""

    DESK = "desk", _("the desk")
    HOLDER = "holder", _("the form “I cannot sign in”")
    REPORT = "report", _("a report of an unknown request")
    COUNTER = "counter", _("a counter")
    BULK = "bulk", _("work on a list")
    SYSTEM = "system", _("this site")


class Case(models.Model):
    """One matter of one person, from the first call until it is closed. Every action of staff belongs to one.

    `number` can be said on the phone. What a stranger typed into the form stands in `typed` when there is no such account.
    """

    number = models.CharField(max_length=7, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="cases")
    typed = models.CharField(max_length=64, blank=True, default="")
    kind = models.CharField(max_length=16, choices=CaseKind.choices)
    source = models.CharField(max_length=16, choices=CaseSource.choices)
    urgent = models.BooleanField(default=False)  # an alarm: it stands before everything else
    owner = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)  # of the browser with which the holder's form was sent
    notes = models.JSONField(default=list)  # text alone, nothing is attached; `helpdesk.cases` writes and reads them

    class Meta:
        indexes = [
            models.Index(models.F("urgent").desc(), "opened_at", name="case_open", condition=models.Q(closed_at=None)),
            models.Index("account", models.F("opened_at").desc(), name="case_of_account"),
            models.Index("closed_at", name="case_closed", condition=models.Q(closed_at__isnull=False)),
            models.Index("owner", models.F("opened_at").desc(), name="case_of_staff", condition=models.Q(owner__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """The number as it is said and written."""
        return f"{self.number[:3]}-{self.number[3:]}"

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.closed_at is None


class Typing(models.Model):
    """What a member of staff has typed into the search field and been shown, until it has settled and is an event (R-170).

    `circumstances` are those of the request, for the event. `began_at` and `times` say how often they searched within a minute.
    """

    staff = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.CharField(max_length=200, blank=True)
    found = models.PositiveIntegerField(default=0)
    typed_at = models.DateTimeField()
    circumstances = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index("typed_at", name="typing_open", condition=~models.Q(text=""))]

    def __str__(self) -> str:
        return self.text


class ProofState(models.TextChoices):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class CallerProof(models.Model):
    """One piece of evidence of who is on the telephone, for one case; what each sort is worth stands in `helpdesk.risks`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="proofs")
    sort = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=ProofState.choices, default=ProofState.WAITING)
    challenge = models.OneToOneField(Challenge, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=64, blank=True)  # of the method that was asked
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")  # of the office or a colleague
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("state", "sort", "expires_at", name="proof_waiting", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.sort} {self.state}"


class ApprovalState(models.TextChoices):
    REQUESTED = "requested"
    WAITING = "waiting"  # approved; takes effect when the waiting time is over
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"  # by the account's owner
    DROPPED = "dropped"  # expired, or no longer what was approved
    FAILED = "failed"  # broke off at the server; nothing of it has happened


PENDING = (ApprovalState.REQUESTED, ApprovalState.WAITING)


class Approval(models.Model):
    """An action that takes two people: asked for by one, decided by another on a snapshot, done once after a while (R-162, R-166)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    snapshot = models.JSONField()
    state = models.CharField(max_length=16, choices=ApprovalState.choices, default=ApprovalState.REQUESTED)
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()  # for the decision
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "action"], condition=models.Q(state__in=PENDING), name="one_pending_per_action")
        ]
        indexes = [
            models.Index("state", "due_at", name="approval_due", condition=models.Q(state__in=PENDING)),
            models.Index("decided_at", name="approval_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"


class Stop(models.Model):
    """What the owner can stop with the link in a notice: one use, whatever the mail is read by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=32)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.action} {self.made_at:%Y-%m-%d %H:%M}"


class StaffCount(models.Model):
    """How often a member of staff has done something in the period that began at `since`; `seen`: to which accounts, where each counts once."""

    actor = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=32)
    period = models.CharField(max_length=8)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    seen = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "action", "period"], name="one_count_per_period")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.period}: {self.count}"


class JobState(models.TextChoices):
    PREVIEW = "preview"  # nobody has asked for it yet
    REQUESTED = "requested"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    REFUSED = "refused"


class RowState(models.TextChoices):
    READY = "ready"
    EXCLUDED = "excluded"  # found out before: unknown, higher rank, twice
    WAITING = "waiting"  # approved; the person has time to stop it
    DONE = "done"
    FAILED = "failed"


BROKE_OFF = "broke-off"  # the reason code of what a fault of the server kept from being done


class BulkJob(models.Model):
    """One action on a list of accounts. What was approved is the list of rows as it stood: it changes no more after the preview."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=32)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.PREVIEW)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()  # for the decision
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index("state", "decided_at", name="bulk_at_work", condition=models.Q(state="running"))]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"


class BulkRow(models.Model):
    """One line of the list and what came of it; `why` is a reason code."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    typed = models.CharField(max_length=64)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=RowState.choices)
    why = models.CharField(max_length=48, blank=True)
    approval = models.OneToOneField(Approval, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "account"], condition=~models.Q(state="excluded"), name="one_row_per_account"),
            models.UniqueConstraint(fields=["job", "line"], name="one_row_per_line"),
        ]
        indexes = [
            models.Index("job", "state", "line", name="bulk_rows_by_state"),
            models.Index("done_at", name="bulk_rows_broken_off", condition=models.Q(why=BROKE_OFF)),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.typed} {self.state}"


name_codes("case_kind", dict(CaseKind.choices))
name_codes("source", dict(CaseSource.choices))
