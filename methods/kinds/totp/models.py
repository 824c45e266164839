"""The device row of an authenticator app: a sealed seed and the last time step that was used."""

from django.db import models

from methods.devices import MethodDevice
from vault.fields import SealedField


class TotpDevice(MethodDevice):
    """RFC 6238 with SHA-1, six digits and thirty seconds, which every app and hardware key understands (S-42)."""

    seed = SealedField(row_key="uid", owner="user_id")
    last_step = models.BigIntegerField(default=-1)

    class Meta:
        default_related_name = "totp_apps"
