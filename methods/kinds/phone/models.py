"""The device row of a telephone number: one per slot and account (S-12)."""

from django.conf import settings
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from methods.devices import MethodDevice


class Slot(models.TextChoices):
    PHONE = "phone"


class PhoneDevice(MethodDevice):
    """A number that can receive texts or calls; stored as RFC 3966 so that an extension is kept."""

    slot = models.CharField(max_length=16, choices=Slot.choices, default=Slot.PHONE)
    number = PhoneNumberField()

    @property
    def destination(self) -> str:
        return str(self.number.as_e164)

    def is_on_too_many_accounts(self) -> bool:
        """Whether as many other accounts as may share a number have this one (setting MFA_ACCOUNTS_PER_NUMBER)."""
        others = PhoneDevice.objects.filter(number=self.number, confirmed=True).exclude(user=self.user_id)
        return others.values("user").distinct().count() >= settings.MFA_ACCOUNTS_PER_NUMBER

    class Meta:
        default_related_name = "phones"
        constraints = [
            models.UniqueConstraint(fields=["user", "slot"], condition=models.Q(confirmed=True), name="one_number_per_slot"),
        ]
        indexes = [models.Index("number", name="phone_by_number")]
