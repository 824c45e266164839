"""The device row of an app password: a digest of it, and where it was used last."""

from django.db import models

from methods.devices import MethodDevice


class AppPasswordDevice(MethodDevice):
    """Kept as a digest alone; without another round of hashing, as nobody guesses 140 random bits (R-125).

    `epoch` is the account's when it was made: whatever ends every session of the account ends it as well.
    """

    digest = models.CharField(max_length=64, unique=True)
    epoch = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    last_used_in = models.CharField(max_length=64, blank=True)  # code of the connected system

    class Meta:
        default_related_name = "app_passwords"
