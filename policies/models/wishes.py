"""That a person asks for the end of their own MFA use: staff take it up or decline it, the person never ends it alone (S-97, S-98)."""

import uuid

from django.db import models

from accounts.models import Account
from policies.models.applications import Application, Termination


class WishState(models.TextChoices):
    OPEN = "open"
    TAKEN_UP = "taken-up"  # staff have requested the termination
    DECLINED = "declined"
    TAKEN_BACK = "taken-back"
    OVER = "over"  # the MFA use that it was about has ended by another way


class TerminationWish(models.Model):
    """What the person wrote, and what came of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="termination_wishes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=WishState.choices, default=WishState.OPEN)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)  # why it was declined, in words for the person
    termination = models.OneToOneField(Termination, on_delete=models.PROTECT, null=True, related_name="wish")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account"], condition=models.Q(state=WishState.OPEN), name="one_open_wish")]
        indexes = [models.Index("asked_at", name="wish_open", condition=models.Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.account} {self.state}"
