"""What detectors found, what auditors said of it, and the thresholds that an administrator has set."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Account


class Finding(models.Model):
    """One thing that somebody should look into; a detector finds the same `subject` once. `people` are the accounts it is about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    detector = models.CharField(max_length=32)
    subject = models.CharField(max_length=128)
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    people = models.JSONField(default=list)
    measure = models.FloatField(default=0)
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["detector", "subject"], name="one_finding_per_subject")]
        indexes = [
            models.Index("found_at", name="finding_open", condition=models.Q(closed_at=None)),
            models.Index("closed_at", name="finding_closed", condition=models.Q(closed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.detector} {self.subject}"


class Remark(models.Model):
    """What an auditor said of a finding; the last one, when it was closed, says why."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="remarks")
    by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.CharField(max_length=500)
    closing = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Threshold(models.Model):
    """A limit of a detector where it is not the one it comes with; events tell what it was before."""

    detector = models.CharField(max_length=32)
    name = models.CharField(max_length=32)
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["detector", "name"], name="one_value_per_threshold")]

    def __str__(self) -> str:
        return f"{self.detector} {self.name}: {self.value}"


class Search(models.Model):
    """One run of all detectors. `attempt` is the fence: whoever holds an older number goes on no further."""

    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)  # when a worker last came further
    attempt = models.PositiveIntegerField(default=1)
    done = models.JSONField(default=list)  # detectors that have looked, and those that broke off
    found = models.PositiveIntegerField(default=0)
    failed = models.JSONField(default=list)  # detectors that broke off

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


class Export(models.Model):
    """A file that somebody took along: what was in it, and the signed digest of its bytes, by which it can be recognised."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=64)
    wanted = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)  # empty while it is being made, and for ever when it broke off
    key = models.CharField(max_length=16, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        indexes = [models.Index(models.F("at").desc(), name="export_by_time")]

    def __str__(self) -> str:
        return self.name
