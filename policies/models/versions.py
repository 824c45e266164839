"""Versions of a policy: drafts, the one in force, and all that ever were; lists of accounts that rules speak of."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Account


class Subject(models.TextChoices):
    """What a policy is about; each has its own versions."""

    REQUIREMENTS = "requirements"


class VersionState(models.TextChoices):
    DRAFT = "draft"
    WAITING = "waiting"  # it weakens security: a second person decides
    IN_FORCE = "in-force"
    REPLACED = "replaced"
    DISCARDED = "discarded"


OPEN = (VersionState.DRAFT, VersionState.WAITING)


class PolicyVersion(models.Model):
    """One version, kept for ever; what it says never changes once it has been in force. `edits` counts the changes of a draft."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=16, choices=Subject.choices, default=Subject.REQUIREMENTS)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)
    content = models.JSONField()
    edits = models.PositiveIntegerField(default=0)
    based_on = models.PositiveIntegerField(default=0)  # number of the version it was made from
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    weakens = models.JSONField(default=list)  # how, as it was when somebody asked for it
    strands = models.PositiveIntegerField(default=0, db_default=0)  # whom it leaves without a usable method at once, as was confirmed
    asked_over = models.PositiveIntegerField(default=0)  # number of the version that was in force when it was asked for
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    in_force_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["subject"], condition=Q(state="in-force"), name="one_version_in_force"),
            models.UniqueConstraint(fields=["subject"], condition=Q(state__in=["draft", "waiting"]), name="one_open_draft"),
            models.CheckConstraint(
                condition=Q(weakens=[]) | ~Q(decided_by=models.F("asked_by")) | ~Q(state__in=["in-force", "replaced"]),
                name="weakening_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.number} {self.state}"


class AccountList(models.Model):
    """A list of accounts that a group stands for. It never changes: other members are another list, in another version."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.uid)


class ListedAccount(models.Model):
    """One account on a list."""

    pk = models.CompositePrimaryKey("account_id", "list_id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    list = models.ForeignKey(AccountList, on_delete=models.CASCADE, related_name="listed")

    def __str__(self) -> str:
        return f"{self.list_id} {self.account_id}"
