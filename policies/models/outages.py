"""Outages that were declared: who asked, who agreed, from when until when."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Account


class OutageState(models.TextChoices):
    ASKED = "asked"
    ON = "on"
    OVER = "over"


class Outage(models.Model):
    """One use of what was prepared. `content` is what was agreed to and never changes; only one is open at a time."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content = models.JSONField()
    version = models.PositiveIntegerField()  # of the policy in which it was prepared
    state = models.CharField(max_length=8, choices=OutageState.choices, default=OutageState.ASKED)
    reason = models.TextField()
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    agreed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=~Q(state="over"), name="one_open_outage"),
            models.CheckConstraint(condition=Q(agreed_by=None) | ~Q(agreed_by=models.F("asked_by")), name="outage_needs_two_people"),
            models.CheckConstraint(condition=~Q(state="on") | Q(agreed_by__isnull=False), name="outage_was_agreed_to"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"
