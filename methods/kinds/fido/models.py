"""The device row of a security key or passkey: what its public half and its counter are."""

from typing import Any

from django.db import models

from accounts.models import Account
from methods.devices import MethodDevice
from methods.kinds.fido.product import product

LONGEST_ID = 1023  # WebAuthn 7.1, R-093


class UserHandle(models.Model):
    """By what name keys know an account: random, the same for all its keys, never the Common ID (WebAuthn 14.6.1)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    handle = models.BinaryField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"handle of account {self.account_id}"


class FidoDevice(MethodDevice):
    """A WebAuthn credential. Everything but the first column is as the key said when it was registered or last used.

    The id is unique over all accounts (R-093); it is unknown until the key has been registered.
    """

    credential_id = models.BinaryField(max_length=LONGEST_ID, unique=True, null=True)
    public_key = models.BinaryField(max_length=2048, null=True)
    sign_count = models.PositiveBigIntegerField(default=0)
    aaguid = models.UUIDField(null=True)
    transports = models.JSONField(default=list)
    backup_eligible = models.BooleanField(default=False)
    backed_up = models.BooleanField(default=False)
    user_verified = models.BooleanField(default=False)  # by PIN, finger or face, when it was registered

    class Meta:
        default_related_name = "security_keys"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed=False) | models.Q(credential_id__isnull=False, public_key__isnull=False),
                name="confirmed_key_has_credential",
            ),
        ]

    @property
    def own_name(self) -> str:
        return product(self.aaguid)

    def learn(self, **facts: Any) -> None:
        """Keep what the key said of itself."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.save(update_fields=list(facts))
