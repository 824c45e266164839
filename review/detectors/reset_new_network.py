"""The help desk opened an account anew, and a sign-in soon after came from a network where the person had never been."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.context import network_of
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import DAYS, events, rows, since

OPENED = (EventName.METHODS_RESET, EventName.ACCESS_PASS_ISSUED)


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each reset or pass."""
    opened = list(rows(events(since(limits["days"], now), *OPENED), "uid", "name", "account_id", "actor_id", "at"))
    sign_ins = _sign_ins({row["account_id"] for row in opened}, since(limits["days"] + limits["known_days"], now))
    for row in opened:
        known_since, until = row["at"] - timedelta(days=limits["known_days"]), row["at"] + timedelta(hours=limits["hours"])
        mine = sign_ins[row["account_id"]]
        known = {network for at, network in mine if known_since <= at < row["at"]}
        then = next(((at, network) for at, network in mine if row["at"] <= at <= until and network not in known), None)
        if then:
            yield Found(f"event:{row['uid']}", _facts(row, then), row["account_id"], _people(row), 1)


def _facts(row: dict[str, Any], then: tuple[datetime, str]) -> dict[str, Any]:
    return {
        "event": str(row["uid"]),
        "what": row["name"],
        "at": row["at"].isoformat(),
        "signed_in": then[0].isoformat(),
        "network": then[1],
    }


def _people(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(one for one in (row["account_id"], row["actor_id"]) if one)


def _sign_ins(accounts: set[int], begin: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """When and from which network these accounts signed in, in order."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    wanted = sorted(accounts)
    for start in range(0, len(wanted), 500):
        signed_in = events(begin, EventName.SIGNIN_SUCCEEDED).filter(account_id__in=wanted[start : start + 500])
        for row in rows(signed_in, "account_id", "at", "address"):
            found[row["account_id"]].append((row["at"], network_of(row["address"] or "")))
    return found


DETECTOR = Detector(
    "reset-new-network",
    _("Reset by the desk, then a sign-in from a new network"),
    _("Look at how the desk made sure who was calling. Somebody else may have been on the telephone."),
    (
        Limit("hours", _("Within how many hours"), 72, 1, 720),
        Limit("known_days", _("Networks of how many days count as known"), 90, 1, 400),
        DAYS,
    ),
    find,
)
