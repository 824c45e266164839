"""A connected system: where MFA use takes effect."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.kinds import AccountKind
from accounts.models import Account
from vault.fields import SealedField

LONGEST_WINDOW = 7 * 24 * 60  # minutes
SPOKEN_BY = ("connector", "address", "options", "credentials")


class ConnectedSystem(models.Model):
    """One system that is told who uses MFA; its connector knows how to tell it."""

    code = models.SlugField(max_length=64, unique=True)
    name_en = models.CharField(max_length=120)
    name_ja = models.CharField(max_length=120)
    used_for_en = models.CharField(max_length=200, blank=True)
    used_for_ja = models.CharField(max_length=200, blank=True)
    connector = models.CharField(max_length=32)
    address = models.CharField(max_length=500, blank=True)
    options = models.JSONField(default=dict, blank=True)  # what else the connector is to know; never a secret
    credentials = SealedField(row_key="code", blank=True)
    window_minutes = models.FloatField(  # until a change is passed on; null: MFA_PROPAGATION_MINUTES
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(LONGEST_WINDOW)]
    )
    batch_size = models.PositiveSmallIntegerField(default=50, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])  # changes; null: as many as it takes
    next_batch_at = models.DateTimeField(null=True, blank=True)  # not before: so that no more pass than that
    required = models.BooleanField(default=True)  # MFA use is in effect only when this system has confirmed
    enabled = models.BooleanField(default=True)
    takes_security_keys = models.BooleanField(default=False)  # S-14: it can ask for one
    takes_app_passwords = models.BooleanField(default=False)  # S-66: for programs that cannot ask for a verification
    caller_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)  # of the secret it calls with
    ends_sessions = models.BooleanField(default=False)  # S-87: what is open there is cut when MFA use is applied for
    ends_sessions_of = models.CharField(max_length=16, choices=AccountKind.choices, blank=True)  # blank: of everybody
    needs_mfa = models.BooleanField(default=False, db_default=False)  # C-08: cannot be used by who does not use MFA
    stopped_reason = models.CharField(max_length=200, blank=True)  # a wrong setting, or a person: nothing is passed on until it is resumed
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stopped_note = models.CharField(max_length=500, blank=True, default="", db_default="")  # why, in the words of that person
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_failure = models.CharField(max_length=200, blank=True, default="", db_default="")
    opened_at = models.DateTimeField(null=True, blank=True)  # its circuit is open since then: it failed several times in a row
    paused_until = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)  # when what it holds was last compared with what it should hold
    drift = models.PositiveIntegerField(null=True, blank=True)  # accounts on which the two differed then
    unknown_there = models.PositiveIntegerField(null=True, blank=True)  # accounts that should use MFA, and were not known there then

    class Meta:
        ordering = ["pk"]
        verbose_name = _("connected system")
        verbose_name_plural = _("connected systems")

    def __str__(self) -> str:
        return self.name_ja if get_language() == "ja" else self.name_en

    @property
    def used_for(self) -> str:
        """What people use it for, in the reader's language."""
        return self.used_for_ja if get_language() == "ja" else self.used_for_en

    def is_spoken_to_like(self, other: "ConnectedSystem") -> bool:
        """Whether both have the same connector, address, options and credentials."""
        return all(getattr(self, name) == getattr(other, name) for name in SPOKEN_BY)

    @property
    def window(self) -> timedelta:
        """How long a change waits before it is passed on."""
        minutes = settings.MFA_PROPAGATION_MINUTES if self.window_minutes is None else self.window_minutes
        return timedelta(minutes=minutes)
