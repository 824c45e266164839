"""Reading what a list of the desk says of people is an event, as looking at one account is (R-170)."""

from collections.abc import Iterable

from accounts.badge import Badged
from accounts.models import Account
from audit.catalogue import EventName
from audit.context import path_of
from audit.record import record


def note(request: Badged, shown: Iterable[Account | None]) -> None:
    """Whom the page lists; a page that lists nobody is no reading."""
    people = sorted({account.common_id for account in shown if account is not None})
    if people:
        record(EventName.ACCOUNTS_LISTED, actor=request.user, after={"path": path_of(request), "shown": people})
