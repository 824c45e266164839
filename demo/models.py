"""What the stand-ins for the outside world received: texts, mail, notices to the sample systems."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.models import ConnectedSystem


class Text(models.Model):
    """A text message that arrived on a demo phone."""

    sid = models.CharField(max_length=34, unique=True)
    number = models.CharField(max_length=16)
    sender = models.CharField(max_length=34)
    body = models.TextField()
    arrived_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-arrived_at", "-pk"]
        indexes = [models.Index("number", models.F("arrived_at").desc(), name="texts_of_phone")]

    def __str__(self) -> str:
        return f"{self.number}: {self.body}"


class Line(models.TextChoices):
    """How far a call on a demo phone has come."""

    RINGING = "ringing"
    OPEN = "open"
    OVER = "over"


class PhoneCall(models.Model):
    """A call to a demo phone. `turn` tells a timer whether something has happened since it was started."""

    sid = models.CharField(max_length=34, unique=True)
    number = models.CharField(max_length=16)
    caller = models.CharField(max_length=16)
    asks_at = models.URLField(max_length=300)  # what is asked for markup when somebody answers
    reports_to = models.URLField(max_length=300, blank=True)
    dialled = models.CharField(max_length=32, blank=True)  # after the answer, such as an extension
    detects_machines = models.BooleanField(default=False)
    line = models.CharField(max_length=8, choices=Line, default=Line.RINGING)
    said = models.JSONField(default=list)  # what was heard, each with its language
    keys_go_to = models.URLField(max_length=300, blank=True)
    keys_wanted = models.PositiveSmallIntegerField(default=0)
    keys = models.CharField(max_length=32, blank=True)
    turn = models.PositiveIntegerField(default=0)
    rang_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-rang_at", "-pk"]
        indexes = [models.Index("number", models.F("rang_at").desc(), name="calls_of_phone")]

    def __str__(self) -> str:
        return f"{self.number} {self.line}"


class Mail(models.Model):
    """A mail that arrived in the demo mailbox, once per recipient."""

    recipient = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=400)
    body = models.TextField()
    arrived_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-arrived_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"


class Mood(models.TextChoices):
    """How a sample system answers, for trying faults."""

    NORMAL = "normal", _("Answers at once")
    SLOW = "slow", _("Answers after 20 seconds")
    BROKEN = "broken", _("Answers with error 500")
    BUSY = "busy", _("Answers with error 429: try later")
    FORGETFUL = "forgetful", _("Does what it is told, but the answer is lost")


class Use(models.TextChoices):
    """Whether an account uses MFA, as a system was told."""

    ON = "on", _("On")
    OFF = "off", _("Off")


class SampleSystem(models.Model):
    """A connected system that shows what it was told."""

    code = models.SlugField(max_length=64, primary_key=True)
    mood = models.CharField(max_length=16, choices=Mood.choices, default=Mood.NORMAL)

    def __str__(self) -> str:
        return str(ConnectedSystem.objects.filter(code=self.code).first() or self.code)


class SystemAccount(models.Model):
    """What a sample system knows of one account."""

    system = models.ForeignKey(SampleSystem, on_delete=models.CASCADE, related_name="accounts")
    account = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=Use.choices)
    revision = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["system", "account"], name="one_state_per_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.state} ({self.revision})"


class Outcome(models.TextChoices):
    """What a sample system made of a notice."""

    APPLIED = "applied", _("Done")
    OUTDATED = "outdated", _("Refused: a newer one had come before")


class Notice(models.Model):
    """One notice, known by its idempotency key; `times` counts how often it arrived."""

    system = models.ForeignKey(SampleSystem, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=200)
    account = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=Use.choices)
    revision = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-last_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["system", "key"], name="one_notice_per_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.account} {self.state} ({self.revision})"
