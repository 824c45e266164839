"""Attempts of which nobody knows the end: the worker was lost, or no answer came. They may still take effect (R-224).

A system that knows keys or revisions takes no harm. One that merely holds a state is asked again later (`looking_again.py`).
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from policies.connectors.base import Capability
from policies.leases import lease
from policies.models import Delivery
from policies.models.deliveries import DeliveryState

LEASES = 2  # whatever was under way has been carried out after so many leases, or never will be


def in_doubt(capability: Capability, now: datetime) -> dict[str, datetime]:
    """The columns of an attempt of which nobody knows what becomes; for the same UPDATE that gives it up."""
    return {"doubted_at": now} if capability == Capability.SET_STATE else {}


def doubt(rows: QuerySet[Delivery], capability: Capability, now: datetime) -> None:
    """Nobody knows what becomes of these attempts."""
    if columns := in_doubt(capability, now):
        rows.update(**columns)


def ripe(now: datetime) -> QuerySet[Delivery]:
    """Those in doubt for long enough; not while the system is about to be told of the account anyway."""
    return Delivery.objects.filter(~under_way(), doubted_at__lte=now - LEASES * lease())


def under_way() -> Exists:
    """Condition on deliveries: the same system is about to be told of the same account."""
    same = Delivery.objects.filter(account=OuterRef("account"), system=OuterRef("system"))
    return Exists(same.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENT]))


def looked_at(now: datetime) -> QuerySet[Delivery]:
    """Those in doubt about which a worker asks their system at this moment, under a lease like any other."""
    return Delivery.objects.filter(doubted_at__isnull=False, lease_until__gt=now)
