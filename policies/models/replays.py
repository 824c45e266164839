"""Dry runs of a draft on past sign-ins: how far each has come, and whom it found."""

import uuid

from django.db import models

from accounts.models import Account


class ReplayState(models.TextChoices):
    WAITING = "waiting"  # for a worker
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class Finding(models.TextChoices):
    """What a sign-in would be under the draft, compared with the version in force."""

    MORE = "more"
    LESS = "less"
    REFUSED = "refused"
    NO_METHOD = "no-method"  # the draft asks for what the account does not have


class Replay(models.Model):
    """One dry run. `attempt` is the fence: whoever holds an older number writes nothing any more."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField()  # of the version that is tried
    against = models.PositiveIntegerField()  # of the version in force
    content = models.JSONField()  # of the draft, as it was
    state = models.CharField(max_length=8, choices=ReplayState.choices, default=ReplayState.WAITING)
    attempt = models.PositiveIntegerField(default=1)
    first = models.BigIntegerField()  # events from here
    cursor = models.BigIntegerField()  # done up to here
    last = models.BigIntegerField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when a worker last wrote

    def __str__(self) -> str:
        return f"{self.number} {self.state} {self.done}/{self.total}"


class Found(models.Model):
    """Sign-ins of one account in one stretch of the replay that would be decided otherwise."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="found")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    finding = models.CharField(max_length=10, choices=Finding.choices)
    signins = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index("replay", "finding", name="found_in_replay")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.finding} {self.signins}"
