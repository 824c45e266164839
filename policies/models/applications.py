"""Applications for MFA use and their terminations."""

import uuid

from django.db import models

from accounts.models import Account
from policies.states import LIVE, ApplicationState, check_step


class Application(models.Model):
    """That a person wants to use MFA: who, when, from where, which text was accepted (S-85), and what has become of it.

    `revision` counts the changes of this account's MFA use over all its applications; deliveries carry it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(max_length=16, choices=ApplicationState.choices, default=ApplicationState.APPLIED)
    revision = models.PositiveBigIntegerField()
    text_version = models.CharField(max_length=32)
    tested_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)  # every required system had confirmed: in effect since then
    ended_at = models.DateTimeField(null=True)  # withdrawn or terminated
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    session = models.CharField(max_length=64, blank=True)
    attempt = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=models.Q(state__in=LIVE), name="one_live_application"),
            models.UniqueConstraint(fields=["account", "revision"], name="one_application_per_revision"),
        ]
        indexes = [
            models.Index("account", models.F("submitted_at").desc(), name="application_of_account"),
            models.Index("account", name="application_on_its_way", condition=models.Q(state__in=["applied", "withdrawing", "terminating"])),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.state} {self.revision}"

    @property
    def is_return(self) -> bool:
        """Whether the end of a termination made it, and not the person (C-08)."""
        return hasattr(self, "return_of")

    def step(self, new: ApplicationState) -> None:
        """Go to `new`, saving all columns; IllegalStep unless the table of states allows it."""
        check_step(self.state, new)
        self.state = new
        self.save()


class TerminationState(models.TextChoices):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    ENDED = "ended"  # its date has come: MFA use has returned


class Termination(models.Model):
    """A request of staff to end somebody's MFA use, until a date or without end (C-08); `snapshot` is what the approver decides on (R-162)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="terminations")
    state = models.CharField(max_length=16, choices=TerminationState.choices, default=TerminationState.REQUESTED)
    reason = models.TextField()
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(null=True)  # null: without end, which an administrator has asked for
    snapshot = models.JSONField()
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)  # MFA use returns then; known once approved, null without end
    notified_days = models.PositiveSmallIntegerField(null=True)  # of the last notice: so many days before the end
    returned_as = models.OneToOneField(Application, on_delete=models.PROTECT, null=True, related_name="return_of")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(state=TerminationState.REQUESTED), name="one_open_termination"
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("requested_by")) | ~models.Q(state=TerminationState.APPROVED),
                name="termination_needs_two_people",
            ),
        ]
        indexes = [
            models.Index("expires_at", name="termination_open", condition=models.Q(state="requested")),
            models.Index("ends_at", name="termination_ending", condition=models.Q(state="approved")),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.state}"

    @property
    def is_closed_early(self) -> bool:
        """Whether it was closed undecided before its time was over: nothing could come of it any more."""
        return self.state == TerminationState.EXPIRED and self.decided_at is not None and self.decided_at < self.expires_at
