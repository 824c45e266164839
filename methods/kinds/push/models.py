"""The device row of the Authenticator: one installation of the app, paired with one account."""

from django.db import models

from methods.devices import MethodDevice
from vault.fields import SealedField


class PushDevice(MethodDevice):
    """Holds the app's public key, made on the phone (R-056), and the seed of its offline codes (S-133).

    Without a key it is waiting to be paired; the pairing code is derived from the row and stored nowhere.
    """

    key = models.TextField(blank=True)  # DER of a P-256 key, base64
    seed = SealedField(row_key="uid", owner="user_id", default="")
    last_step = models.BigIntegerField(default=-1)
    installation = models.CharField(max_length=64, blank=True)  # browser and system, as the app's browser calls itself
    subscription = models.JSONField(null=True)  # where Web Push reaches it; polling works without
    last_seen = models.DateTimeField(null=True)

    class Meta:
        default_related_name = "push_apps"

    @property
    def is_paired(self) -> bool:
        """Whether an app has taken this row."""
        return bool(self.key)

    @property
    def first_way(self) -> str:
        """It is tried out once before it is a method (S-34)."""
        return "try"
