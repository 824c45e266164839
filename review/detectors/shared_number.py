"""One number stands on many accounts: one person may be answering for others."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from methods.devices import MethodDevice
from methods.phones import masked
from methods.registry import kinds
from review.detectors.base import Detector, Found, Limit, Limits

SHOWN = 20


def telephones() -> set[type[MethodDevice]]:
    """The tables that hold telephone numbers, each once: several kinds may share one."""
    return {known.device_model for known in kinds() if known.by_telephone}


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each number. Numbers are counted by the database's index of numbers, and told by a digest of their own."""
    for model in telephones():
        confirmed = model._default_manager.filter(confirmed=True)
        many = confirmed.values("number").annotate(accounts=Count("user", distinct=True)).filter(accounts__gte=limits["accounts"])
        for row in many.order_by("-accounts"):
            owners = tuple(confirmed.filter(number=row["number"]).order_by("user").values_list("user", flat=True).distinct()[:SHOWN])
            facts = {"hint": masked(row["number"]), "accounts": row["accounts"]}
            yield Found(_named(str(row["number"])), facts, None, owners, row["accounts"])


def _named(number: str) -> str:
    return "number:" + salted_hmac("number on many accounts", number, algorithm="sha256").hexdigest()


DETECTOR = Detector(
    "shared-number",
    _("One number on many accounts"),
    _("A family or a shared office may be fine. Ask the account holders whether they know of each other."),
    (Limit("accounts", _("On how many accounts"), 3, 2, 100),),
    find,
)
