"""How late after its due time changes were confirmed: counted in a few steps, for each connected system."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.models import Delivery
from policies.models.deliveries import DeliveryState

MEASURED = timedelta(hours=24)
HOUR = timedelta(hours=1)
STEPS: tuple[tuple[timedelta, Promise], ...] = (
    (timedelta(seconds=10), _("10 s")),
    (timedelta(minutes=1), _("1 min")),
    (timedelta(minutes=5), _("5 min")),
    (timedelta(minutes=10), _("10 min")),
    (timedelta(hours=1), _("1 h")),
    (timedelta.max, _("longer")),
)
WIDTH, HEIGHT, GAP = 100, 120, 12  # of a column of the drawing


@dataclass(frozen=True)
class Step:
    """How many were confirmed within `label` and not within the step before; the rest is where the column stands in the drawing."""

    label: Promise
    count: int
    percent: int
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """Where the words under the column are centred."""
        return self.x + (WIDTH - GAP) // 2


@dataclass(frozen=True)
class Pace:
    """What one system confirmed lately."""

    last_hour: int
    total: int
    steps: list[Step]

    @property
    def per_minute(self) -> float:
        """Confirmations per minute over the last hour."""
        return round(self.last_hour / 60, 1)


def paces(now: datetime) -> dict[int, Pace]:
    """The pace of each system that confirmed something in the last 24 hours, by the system's id; one query."""
    within = {f"within_{number}": Count("pk", filter=_within(limit)) for number, (limit, _label) in enumerate(STEPS[:-1])}
    confirmed = Delivery.objects.filter(state=DeliveryState.CONFIRMED, confirmed_at__gt=now - MEASURED)
    last_hour = Count("pk", filter=Q(confirmed_at__gt=now - HOUR))
    rows = confirmed.order_by().values("system_id").annotate(total=Count("pk"), last_hour=last_hour, **within)
    return {row["system_id"]: _pace({**row}) for row in rows}


def _within(limit: timedelta) -> Q:
    return Q(confirmed_at__lte=F("due_at") + limit)


def _pace(row: dict[str, Any]) -> Pace:
    up_to = [0, *(row[f"within_{number}"] for number in range(len(STEPS) - 1)), row["total"]]
    return Pace(row["last_hour"], row["total"], steps_of([more - less for less, more in pairwise(up_to)]))


def steps_of(counts: list[int]) -> list[Step]:
    """The columns of the drawing; the highest one fills it."""
    highest, total = max(counts) or 1, sum(counts) or 1
    steps = []
    for number, (count, (_limit, label)) in enumerate(zip(counts, STEPS, strict=True)):
        height = max(round(HEIGHT * count / highest), 2 if count else 0)
        steps.append(Step(label, count, round(100 * count / total), number * WIDTH + GAP // 2, HEIGHT - height, height))
    return steps


NOTHING = Pace(0, 0, steps_of([0] * len(STEPS)))
