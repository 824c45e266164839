"""A method was added, and others were deleted within the hour: so does somebody who takes an account over."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import DAYS, events, rows, since


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each registration."""
    both = events(since(limits["days"], now), EventName.METHOD_REGISTERED, EventName.METHOD_REMOVED)
    removed: dict[int, list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)
    registered = []
    for row in rows(both, "uid", "name", "account_id", "at", "before", "after"):
        if row["name"] == EventName.METHOD_REMOVED:
            removed[row["account_id"]].append((row["at"], row["before"]))
        else:
            registered.append(row)
    for row in registered:
        gone = _between(removed[row["account_id"]], row["at"], row["at"] + timedelta(minutes=limits["minutes"]))
        gone = [one for one in gone if one.get("method", "?") != row["after"].get("method")]  # names are whatever the person calls them
        if len(gone) >= limits["deleted"]:
            facts = {
                "event": str(row["uid"]),
                "at": row["at"].isoformat(),
                "method": row["after"].get("name", ""),
                "deleted": [one.get("name", "") for one in gone],
            }
            yield Found(f"event:{row['uid']}", facts, row["account_id"], (row["account_id"],), len(gone))


def _between(removed: list[tuple[datetime, dict[str, Any]]], begin: datetime, end: datetime) -> list[dict[str, Any]]:
    moments = [at for at, _method in removed]
    return [method for _at, method in removed[bisect_left(moments, begin) : bisect_right(moments, end)]]


DETECTOR = Detector(
    "swapped-methods",
    _("Method added, others deleted soon after"),
    _("Ask the account holder, by a way that the new method cannot answer. A new phone looks the same."),
    (Limit("minutes", _("Within how many minutes"), 60, 1, 1440), Limit("deleted", _("How many deleted methods"), 1, 1, 20), DAYS),
    find,
)
