"""The device row of a recovery address."""

from django.db import models

from methods.devices import MethodDevice


class EmailDevice(MethodDevice):
    """An address that can be read when the account itself cannot be used."""

    address = models.EmailField()

    @property
    def destination(self) -> str:
        return self.address.lower()

    class Meta:
        default_related_name = "recovery_addresses"
