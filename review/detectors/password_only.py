"""A method was registered by somebody who had shown the password alone: whoever knows it could have been first."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from policies.current import current_book
from policies.networks import is_campus
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import DAYS, events, rows, since

MORE = (EventName.ACCESS_PASS_USED, EventName.RECOVERY_ADDRESS_PROVED)


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each registration. A pass from the desk or a code from the recovery address, in the same sign-in, is proof."""
    begin, book = since(limits["days"], now), current_book()
    with_more = set(events(begin, *MORE).exclude(attempt="").values_list("attempt", flat=True))
    registered = events(begin, EventName.METHOD_REGISTERED).filter(verified_with="", actor_kind="self")
    for row in rows(registered, "uid", "account_id", "at", "address", "attempt", "after"):
        on_campus = is_campus(row["address"], book)
        if row["attempt"] in with_more or (on_campus and not limits["campus"]):
            continue
        facts = {
            "event": str(row["uid"]),
            "at": row["at"].isoformat(),
            "method": row["after"].get("name", ""),
            "kind": row["after"].get("kind", ""),
        }
        yield Found(f"event:{row['uid']}", facts | {"asked_from": row["address"] or ""}, row["account_id"], (row["account_id"],), 1)


DETECTOR = Detector(
    "password-only",
    _("Method registered with the password alone"),
    _("See from where it was done. On a campus network it is the usual first registration."),
    (Limit("campus", _("Also from a campus network (1 yes, 0 no)"), 0, 0, 1), DAYS),
    find,
)
