"""The device row of a telephone number: one per slot and account (S-12)."""

import re
import unicodedata
from typing import Any

import phonenumbers
from django.conf import settings
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import Account
from methods.devices import MethodDevice

ENDING = 4  # digits by which staff find a number; fewer would fit a thousand people
LONGEST = 15  # digits of a number, after E.164
_SPOKEN = re.compile(r"[+(]?[0-9][-0-9() .‐－ー]*")


class Slot(models.TextChoices):
    """Which phone it is; the value is the code of its kind of method."""

    PHONE = "phone"
    ALTERNATE = "alternate-phone"
    OFFICE = "office-phone"


class PhoneDevice(MethodDevice):
    """A number that can receive texts or calls; stored as RFC 3966 so that an extension is kept."""

    slot = models.CharField(max_length=16, choices=Slot, default=Slot.PHONE)
    number = PhoneNumberField()
    ending = models.CharField(max_length=ENDING, default="", db_default="", editable=False)  # of the number, without an extension
    way = models.CharField(max_length=16, default="text", db_default="text")  # how it is asked for its first proof

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and keep the digits by which it is found."""
        self.ending = phonenumbers.national_significant_number(self.number)[-ENDING:]
        super().save(*args, **options)

    @classmethod
    def owners(cls, text: str) -> list[int]:
        """By the last digits, four at least; the whole number may be said as well, with or without the country."""
        spoken = unicodedata.normalize("NFKC", text).strip()
        digits = re.sub(r"\D", "", spoken)
        if not _SPOKEN.fullmatch(spoken) or not ENDING <= len(digits) <= LONGEST:
            return []
        near = cls.objects.filter(ending=digits[-ENDING:], confirmed=True).order_by("user").values_list("user", "number")
        return [owner for owner, number in near if _ends_so(number, digits)]

    @property
    def destination(self) -> str:
        return str(self.number.as_e164)

    @property
    def first_way(self) -> str:
        return self.kind().way(self.way).code

    def asks_like(self, other: MethodDevice) -> bool:
        """With another extension it is another phone."""
        return super().asks_like(other) and isinstance(other, PhoneDevice) and self.number.extension == other.number.extension

    def is_on_too_many_accounts(self) -> bool:
        """Whether as many other accounts as may share a number have this one (setting MFA_ACCOUNTS_PER_NUMBER)."""
        others = PhoneDevice.objects.filter(number=self.number, confirmed=True).exclude(user=self.user_id)
        return others.values("user").distinct().count() >= settings.MFA_ACCOUNTS_PER_NUMBER

    def is_in_another_slot(self, account: Account) -> bool:
        """Whether another phone of the account is this very one: it would be lost together with it (S-12)."""
        return PhoneDevice.objects.filter(user=account, number=self.number, confirmed=True).exclude(slot=self.slot).exists()

    class Meta:
        default_related_name = "phones"
        constraints = [
            models.UniqueConstraint(fields=["user", "slot"], condition=models.Q(confirmed=True), name="one_number_per_slot"),
        ]
        indexes = [
            models.Index("number", name="phone_by_number"),
            models.Index("ending", name="phone_by_ending", condition=models.Q(confirmed=True)),
        ]


def _ends_so(number: phonenumbers.PhoneNumber, digits: str) -> bool:
    whole = f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    return whole.endswith((digits, digits.lstrip("0")))
