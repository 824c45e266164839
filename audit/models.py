"""What happened. Rows are only ever inserted; triggers on both databases refuse anything else (R-181)."""

import uuid

from django.db import models

from audit.catalogue import event_choices


class Event(models.Model):
    """One thing that happened: who, on whom, what, from where, verified how (R-184)."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    name = models.CharField(max_length=40, choices=event_choices)
    # Plain numbers instead of foreign keys: this floor knows no account, and a row outlives what it tells of.
    account_id = models.BigIntegerField(null=True)
    account_label = models.CharField(max_length=64, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=64, blank=True)
    actor_kind = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    verified_with = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    attempt = models.CharField(max_length=64, blank=True)
    session = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index("account_id", models.F("id").desc(), name="event_of_account"),
            models.Index("name", models.F("id").desc(), name="event_by_name"),
            models.Index("at", name="event_by_time"),
            models.Index("actor_id", models.F("id").desc(), name="event_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.account_label}".strip()
