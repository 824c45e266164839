"""What a person verifies with, what was asked, and what is on its way to them."""

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Account, Budget
from methods.carriers import Carrier

HINT_LENGTH = 64


class MethodState(models.TextChoices):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class RegisteredMethod(Budget):
    """One method of one account; the row stays when the method is removed (SP 800-63B-4 keeps the record).

    The kind's own device row holds the secret and goes away with removal. The budget columns count failures in a row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="registered_methods")
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    hint = models.CharField(max_length=HINT_LENGTH, blank=True)
    way = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, choices=MethodState.choices, default=MethodState.ACTIVE)
    carrier = models.CharField(max_length=16, choices=Carrier.choices, blank=True, default="", db_default="")  # as its owner says
    is_default = models.BooleanField(default=False)
    bound_at = models.DateTimeField(default=timezone.now)
    last_proven_at = models.DateTimeField(null=True)
    last_signin_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # of kinds that end by themselves
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=models.Q(is_default=True), name="one_default_method"),
            models.CheckConstraint(condition=models.Q(is_default=False) | models.Q(state="active"), name="default_method_is_active"),
        ]
        indexes = [models.Index("account", "state", name="methods_of_account")]

    def __str__(self) -> str:
        return self.name


class Purpose(models.TextChoices):
    SIGN_IN = "sign-in"
    STEP_UP = "step-up"
    REGISTER = "register"
    CALLER = "caller"  # staff ask whether the person on the telephone is the account's holder


class ChallengeState(models.TextChoices):
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    CLOSED = "closed"


class Ending(models.TextChoices):
    """How a challenge ended when it was not passed, in the device's words."""

    WRONG = "wrong"
    DECLINED = "declined"
    REPORTED = "reported"
    MACHINE = "machine"  # a machine answered the call
    UNANSWERED = "unanswered"
    HELD = "held"
    SUPERSEDED = "superseded"  # a newer request of the same account took its place


class Challenge(models.Model):
    """One question to one device for one purpose, answerable once, by the browser it was asked in (R-008).

    `binding` names that browser's sign-in attempt or session. `code_digest` is empty where the device makes the codes.
    `approved_at`: the device said yes by itself, and the browser has still to go on (`methods.hearing`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    method = models.ForeignKey(RegisteredMethod, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=32)
    device_id = models.BigIntegerField(null=True)  # of a device that is no method yet
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    way = models.CharField(max_length=16, blank=True)
    binding = models.CharField(max_length=64)
    code_digest = models.CharField(max_length=64, blank=True)
    sent_to = models.CharField(max_length=64, blank=True, default="", db_default="")  # digest of a destination still to be proved
    address = models.GenericIPAddressField(null=True)  # of the browser that is asked
    browser = models.CharField(max_length=200, blank=True, default="", db_default="")
    state = models.CharField(max_length=16, choices=ChallengeState.choices, default=ChallengeState.OPEN)
    issued_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now)  # of a browser's open challenges the latest is the one on its page
    expires_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index("binding", "purpose", name="challenge_of_browser"),
            models.Index("expires_at", name="challenge_by_expiry"),
            models.Index("sent_to", "issued_at", name="challenge_by_destination", condition=~models.Q(sent_to="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.purpose} {self.state}"


class Report(models.Model):
    """Somebody said "No, it's not me" of a request, or "This wasn't me" of what was done; the help desk should hear of it (S-127, S-143)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    challenge = models.OneToOneField(Challenge, on_delete=models.SET_NULL, null=True, related_name="+")
    event = models.UUIDField(null=True, unique=True)  # what was not the account holder's, where that was no request
    facts = models.JSONField(default=dict)  # kind, name of the method, where the request came from
    reported_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="", db_default="")  # what was found and done

    class Meta:
        indexes = [
            models.Index("reported_at", name="report_open", condition=models.Q(settled_at=None)),
            models.Index("settled_at", name="report_settled", condition=models.Q(settled_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"report of {self.account}"


class CallState(models.TextChoices):
    """How far a call has come; it only goes on, so that a callback that comes twice changes nothing (R-082)."""

    PLACED = "placed"
    GREETED = "greeted"  # somebody answered and is told what it is about; keys do not count yet
    LISTENING = "listening"
    REPORTING = "reporting"  # 0 was pressed; # says that it is a report
    OVER = "over"


CALL_GOES_ON = [CallState.GREETED, CallState.LISTENING, CallState.REPORTING]


class Call(models.Model):
    """One telephone call that asks for a challenge. The provider names it by a token of which only the digest is kept (R-081)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="calls")
    token_digest = models.CharField(max_length=64, unique=True)
    number = models.CharField(max_length=16)  # as it was dialled, E.164
    sid = models.CharField(max_length=64, blank=True, default="")  # the provider's name of the call
    asks_digits = models.BooleanField(default=False)  # those on the screen, then #
    patience = models.PositiveSmallIntegerField(default=2)  # how often the question is still asked
    state = models.CharField(max_length=16, choices=CallState.choices, default=CallState.PLACED)
    placed_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"call {self.state}"


class MessageState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


class Message(models.Model):
    """A mail or text that a verb decided on, written in its transaction and sent after it (R-220).

    A code is never in it: the worker makes the code when it sends and leaves only its digest on the challenge.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8)
    template = models.CharField(max_length=48)
    facts = models.JSONField(default=dict)
    address = models.CharField(max_length=254, blank=True)
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, null=True, related_name="messages")
    state = models.CharField(max_length=16, choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    gives_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True, default="", db_default="")  # of the number a text or call goes to
    report_digest = models.CharField(max_length=64, blank=True, default="", db_default="")  # of the token with which the provider reports
    report = models.CharField(max_length=16, blank=True, default="", db_default="")  # what it reported last, in its own word
    report_code = models.CharField(max_length=8, blank=True, default="", db_default="")
    reported_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index("report_digest", name="message_by_report", condition=~models.Q(report_digest="")),
            models.Index("channel", "due_at", name="message_due", condition=models.Q(state__in=["waiting", "sending"])),
            models.Index("account", models.F("due_at").desc(), name="message_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.template} {self.state}"


class SendingCount(models.Model):
    """How many texts and calls were asked for since `since`, to one number, prefix or country, from one network, or in all (R-077)."""

    scope = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key", "since"], name="one_sending_count")]
        indexes = [models.Index("since", name="sending_count_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.sent}"


class Journey(models.Model):
    """Where a person travels on which days, the way they want to be asked meanwhile, and what comes back afterwards (S-135).

    Without a `method` the default stays. The days are those of the institution's calendar, both included.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    method = models.ForeignKey(RegisteredMethod, on_delete=models.SET_NULL, null=True, related_name="+")
    way = models.CharField(max_length=16, blank=True)
    leaves_on = models.DateField()
    returns_on = models.DateField()
    reminded = models.BooleanField(default=False)
    is_away = models.BooleanField(default=False)
    back_to = models.ForeignKey(RegisteredMethod, on_delete=models.SET_NULL, null=True, related_name="+")
    back_way = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return f"{self.leaves_on} to {self.returns_on}"
