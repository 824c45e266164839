"""A sign-in under way: a row of its own, never a session (D5, R-002)."""

import uuid

from django.db import models

from accounts.models import Account


class AttemptState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    OVER = "over"


class SignInAttempt(models.Model):
    """What is known between the right password and the session, bound to one browser for ten minutes (R-003, R-005).

    `token_digest` is of the browser's cookie. The account's password, epoch and methods version are those at the start: a
    change of any of them ends the attempt.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_digest = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=AttemptState.choices, default=AttemptState.OPEN)
    requirement = models.CharField(max_length=16)
    rule = models.CharField(max_length=48)
    strong = models.BooleanField(default=False, db_default=False)  # only with a security key or passkey
    facts = models.JSONField(default=dict)  # by which it was decided
    next_path = models.CharField(max_length=500)
    password_digest = models.CharField(max_length=64)
    password_budget = models.CharField(max_length=80)
    epoch = models.PositiveIntegerField()
    methods_version = models.PositiveIntegerField()
    registered_kind = models.CharField(max_length=32, blank=True)
    registered_method = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("expires_at", name="attempt_by_expiry")]

    def __str__(self) -> str:
        return f"{self.account} {self.requirement} {self.state}"

    @property
    def binding(self) -> str:
        """How challenges and unfinished registrations of this browser are told apart."""
        return f"attempt:{self.pk}"


class CounterRequest(models.Model):
    """A browser whose person stands at a counter: the code on its page, the clerk who confirmed, and that the pass was taken."""

    attempt = models.OneToOneField(SignInAttempt, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=8, unique=True)
    expires_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """The code in groups of four."""
        return f"{self.code[:4]}-{self.code[4:]}"
