"""Deliveries: that one system is to learn one revision of one account's MFA use."""

import uuid

from django.db import models

from accounts.models import Account
from policies.models.applications import Application
from policies.models.systems import ConnectedSystem

PAYLOAD_VERSION = 1


class Desired(models.TextChoices):
    ON = "on"
    OFF = "off"


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"  # a worker has it in hand until `lease_until`
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"  # a newer revision takes its place
    FAILED = "failed"  # the system refused it: a person is needed
    UNSURE = "unsure"  # it may have been applied and must not be repeated unasked: a person is needed
    SETTLED = "settled"  # a person has made sure that the system holds the state, and answers for it


DONE = (DeliveryState.CONFIRMED, DeliveryState.SETTLED)
NEEDS_A_PERSON = (DeliveryState.FAILED, DeliveryState.UNSURE)


class Delivery(models.Model):
    """The row is the truth: written with the application, due by the database's clock, fenced by `attempt` (R-221 to R-224)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No indexes of their own for account and system: others begin with these columns, and each one is written twice for a delivery.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="deliveries")
    system = models.ForeignKey(ConnectedSystem, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    revision = models.PositiveBigIntegerField()
    desired = models.CharField(max_length=4, choices=Desired.choices)
    payload_version = models.PositiveSmallIntegerField(default=PAYLOAD_VERSION)  # a worker leaves versions it does not know
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_try_at = models.DateTimeField()  # the order in which they are taken in hand; may lie before `due_at`: a claim asks for both
    attempt = models.PositiveIntegerField(default=0)  # how often it was taken in hand: the fence against late writes
    failures = models.PositiveIntegerField(default=0)  # how often the system could not take it
    lost = models.PositiveSmallIntegerField(default=0)  # attempts whose worker never came back
    lease_until = models.DateTimeField(null=True)
    first_sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(null=True)  # an attempt whose end nobody knows was given up then: it may still take effect
    last_answer = models.CharField(max_length=200, blank=True)
    held_since: float | None = None  # no column: by the monotonic clock of the process that has it in hand
    tell_when_ready = models.BooleanField(default=False, db_default=False)  # the person wants a mail about this very system (S-92)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "system", "revision"], name="one_delivery_per_revision")]
        indexes = [
            models.Index("system", "next_try_at", "id", name="delivery_waiting", condition=models.Q(state="waiting")),
            models.Index("system", "lease_until", name="delivery_in_hand", condition=models.Q(state="sent")),
            models.Index(models.F("confirmed_at").desc(), name="delivery_confirmed", condition=models.Q(state="confirmed")),
            models.Index("system", name="delivery_needs_a_person", condition=models.Q(state__in=["failed", "unsure"])),
            models.Index("system", "doubted_at", name="delivery_in_doubt", condition=models.Q(doubted_at__isnull=False)),
            models.Index("state", name="delivery_ready_to_tell", condition=models.Q(tell_when_ready=True)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.system_id} {self.desired} {self.revision} {self.state}"

    @property
    def key(self) -> str:
        """Names this change to the connected system; the same at every attempt (R-224)."""
        return f"mfa-{self.uid}"
