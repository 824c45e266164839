"""Between which ids the events of a period lie, so that an index in the order of ids finds them, however long ago.

By the seals, for nobody can date these back. The time of an event is what its writer said: were the ids taken from events, a single
one with a wrong time would hide others.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from audit.models import Seal

LARGEST_ID = 2**63 - 1
SLACK = timedelta(days=1)  # more than the clocks of two machines, or the order of two commits, differ


def since(moment: datetime) -> Q:
    """Leaves out what was sealed long before this moment."""
    return Q(pk__gt=_or(_sealed_before(moment).values("settled"), 0))


def until(moment: datetime) -> Q:
    """Leaves out what was recorded long after this moment, when a seal of that time had been made."""
    later = Seal.objects.filter(sealed_at__gte=moment + SLACK).order_by("sealed_at")
    return Q(pk__lte=_or(later.values("highest_id"), LARGEST_ID))


def last_id_before(moment: datetime) -> int:
    """The id of which `since` takes only higher ones; for a query that is written by hand."""
    return _sealed_before(moment).values_list("settled", flat=True).first() or 0


def _sealed_before(moment: datetime) -> QuerySet[Seal]:
    return Seal.objects.filter(sealed_at__lt=moment - SLACK).order_by("-sealed_at")


def _or(found: QuerySet[Seal, Any], otherwise: int) -> Coalesce:
    return Coalesce(Subquery(found[:1]), Value(otherwise), output_field=BigIntegerField())
