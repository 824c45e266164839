"""A member of staff acts far more often than the others do.

By the modified z-score: median and median absolute deviation, which one busy person cannot shift (Iglewicz and Hoaglin, 1993).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import fmean, median
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import DAYS, events, since

ACTIONS = (EventName.METHODS_RESET, EventName.ACCESS_PASS_ISSUED, EventName.ACCOUNT_UNLOCKED, EventName.TERMINATION_REQUESTED)
TO_SIGMA, MEAN_TO_SIGMA = 0.6745, 1.2533  # so that both deviations count like a standard deviation
FEWEST_PEERS = 3


def scores(counts: Sequence[float]) -> list[float]:
    """How many deviations each is from the median; where most are the same, by the mean deviation instead."""
    middle = median(counts)
    apart = [abs(count - middle) for count in counts]
    spread = median(apart) / TO_SIGMA or fmean(apart) * MEAN_TO_SIGMA
    return [(count - middle) / spread if spread else 0.0 for count in counts]


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each person and month."""
    acted = events(since(limits["days"], now), *ACTIONS).filter(actor_kind="staff").order_by()
    rows: list[Any] = list(acted.values("actor_id", "actor_label").annotate(count=Count("pk")).order_by("actor_id"))
    if len(rows) < FEWEST_PEERS:
        return
    middle = median(row["count"] for row in rows)
    for row, score in zip(rows, scores([row["count"] for row in rows]), strict=True):
        if score >= limits["deviations"] and row["count"] >= limits["actions"]:
            facts = {"agent": row["actor_label"], "actions": row["count"], "median": middle, "deviations": round(score, 1)}
            yield Found(f"agent:{row['actor_id']}:{now:%Y-%m}", facts, row["actor_id"], (row["actor_id"],), row["count"])


DETECTOR = Detector(
    "busy-agent",
    _("Member of staff far from the others"),
    _("Read what they did and for whom. Whoever works at the counter alone stands out, too."),
    (
        Limit("deviations", _("How many deviations from the median"), 3.5, 1, 20),
        Limit("actions", _("How many actions at least"), 10, 1, 10000),
        DAYS,
    ),
    find,
)
