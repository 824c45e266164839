"""On which of a person's devices a method lives: what is on one device is lost with it (S-140)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Carrier(TextChoices):
    """What people tell apart; `OWN` is something of its own, such as a key or a landline telephone."""

    SMARTPHONE = "smartphone", _("My smartphone")
    SECOND = "second", _("Another smartphone or a tablet")
    COMPUTER = "computer", _("My computer")
    OWN = "own", _("A device of its own, such as a security key or a landline telephone")
