"""Reading the events of the last days for a detector."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit import period
from audit.catalogue import EventName
from audit.models import Event
from review.detectors.base import Limit

DAYS = Limit("days", _("How many days back"), 35, 1, 400)


def since(days: float, now: datetime) -> datetime:
    """The moment so many days ago."""
    return now - timedelta(days=days)


def rows(found: QuerySet[Event], *names: str) -> Iterator[dict[str, Any]]:
    """These columns of events on an account, one after another."""
    return iter(found.exclude(account_id=None).values(*names).iterator())


def recorded(begin: datetime) -> QuerySet[Event]:
    """Whatever was recorded since `begin`; bounded by id as well, so that the index of whatever is asked for finds it."""
    return Event.objects.filter(period.since(begin), at__gte=begin)


def events(begin: datetime, *names: EventName) -> QuerySet[Event]:
    """The events of these names since `begin`, in their order."""
    return recorded(begin).filter(name__in=[name.value for name in names]).order_by("pk")
