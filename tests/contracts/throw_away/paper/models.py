"""The device row of a printed card of codes."""

import os

from django.db import models

from accounts.models import Account
from methods.devices import MethodDevice
from vault.fields import SealedField, seal


class PaperDevice(MethodDevice):
    """The codes of a card are counted, and each is crossed out when it was used."""

    seed = SealedField(row_key="uid", owner="user_id")
    crossed_out = models.PositiveIntegerField(default=0)

    class Meta:
        default_related_name = "paper_cards"


def new_card(account: Account) -> PaperDevice:
    """An unsaved card."""
    device = PaperDevice(user=account, name="")
    seal(device, "seed", os.urandom(20))
    return device
