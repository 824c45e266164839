"""What an account holder sees of the events on their account, newest first, page by page along the ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from audit.catalogue import EventName
from audit.models import Event
from audit.period import LARGEST_ID

SHOWN = 20
CLOSING = (EventName.SIGNIN_SUCCEEDED, EventName.SIGNIN_REFUSED, EventName.SIGNIN_ABANDONED)
LONGEST_SIGN_IN = timedelta(hours=1)
# What the machinery does for its own sake stays out; what holders can neither judge nor change, too.
LEFT_OUT = frozenset(
    {
        EventName.ACCOUNT_IMPORTED,
        EventName.ACCOUNT_SEARCHED,
        EventName.ACCOUNTS_LISTED,
        EventName.ACCESS_DENIED,
        EventName.CHALLENGE_ISSUED,
        EventName.CHALLENGE_PASSED,
        EventName.CHALLENGE_APPROVED,
        EventName.MESSAGE_FAILED,
        EventName.SENDING_STOPPED,
        EventName.SENDING_UNUSED,
        EventName.METHOD_MOVED,
        EventName.DELIVERY_CONFIRMED,
        EventName.DELIVERY_FAILED,
        EventName.DELIVERY_RETRIED,
        EventName.DELIVERY_SENT,
        EventName.DELIVERY_REPEATED,
        EventName.CASE_TAKEN,
        EventName.CASE_NOTED,
        EventName.EXPORT_FINISHED,
        EventName.FINDING_MADE,
        EventName.FINDING_REMARKED,
        EventName.FINDING_CLOSED,
        EventName.FINDING_REOPENED,
        EventName.EVENTS_READ,
        EventName.EVENTS_EXPORTED,
    }
)
NAMES = tuple(name.value for name in EventName if name not in LEFT_OUT)


@dataclass(frozen=True)
class OwnPage:
    """Some events and the id from which the older ones go on; a page may hold a few less than it could."""

    events: list[Event]
    older: int | None


def of_holder(account_id: int, *, before: int | None = None, most: int = SHOWN) -> OwnPage:
    """Two queries, however many events there are. A password whose sign-in is listed with its end is not listed again."""
    mine = Event.objects.filter(account_id=account_id, name__in=NAMES, pk__lt=LARGEST_ID if before is None else before)
    rows = list(mine.order_by(F("id").desc())[: most + 1])
    shown = rows[:most]
    ended = _ended(account_id, shown)
    listed = [event for event in shown if event.name != EventName.PASSWORD_ACCEPTED or event.attempt not in ended]
    return OwnPage(listed, shown[-1].pk if len(rows) > most else None)


def _ended(account_id: int, shown: Iterable[Event]) -> set[str]:
    """Attempts among these whose end is an event of its own, perhaps on the page before."""
    begun = [event for event in shown if event.name == EventName.PASSWORD_ACCEPTED and event.attempt]
    if not begun:
        return set()
    until = max(event.at for event in begun) + LONGEST_SIGN_IN
    later = Event.objects.filter(account_id=account_id, pk__gt=min(event.pk for event in begun), at__lte=until)
    ends = later.filter(name__in=CLOSING, attempt__in=[event.attempt for event in begun])
    return set(ends.values_list("attempt", flat=True))
