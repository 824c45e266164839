"""A method was registered by somebody who had shown the password alone, where that is not the usual way (S-02, S-104).

Once there was a method, the next one takes it, a pass, or a code from the recovery address. A first registration takes the password alone on campus, and everywhere where the
policy opens it: there it stands out only when one network registers for many accounts, as somebody with a list of passwords would.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.context import network_of
from audit.models import Event
from audit.terms import name_codes
from policies.current import current_book
from policies.networks import is_campus
from policies.rulebook.content import Asks, Book, Mode, Part, Place
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import DAYS, events, rows, since

MORE = (EventName.ACCESS_PASS_USED, EventName.RECOVERY_ADDRESS_PROVED)
NOT_FIRST, CROWD, OUTSIDE = "not-first", "crowd", "outside"
name_codes(
    "why",
    {
        NOT_FIRST: _("a method had been there before"),
        CROWD: _("one network registered for several accounts"),
        OUTSIDE: _("a first registration from outside the campus"),
    },
)
COLUMNS = ("pk", "uid", "account_id", "at", "address", "attempt", "after")


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each registration. A pass from the desk or a code from the recovery address, in the same sign-in, is proof."""
    begin, book = since(limits["days"], now), current_book()
    with_more = set(events(begin, *MORE).exclude(attempt="").values_list("attempt", flat=True))
    registered = events(begin, EventName.METHOD_REGISTERED).filter(verified_with="", actor_kind="self")
    alone = [row for row in rows(registered, *COLUMNS) if row["attempt"] not in with_more]
    first, crowded = _first_ids({row["account_id"] for row in alone}), _crowded(alone, limits["accounts"])
    outside = bool(limits["first"]) or not is_open(book)
    seen: set[tuple[int, str]] = set()
    for row in alone:
        why = _why(row, first, crowded, outside=outside, on_campus=is_campus(row["address"], book) and not limits["campus"])
        attempt = (row["account_id"], row["attempt"] or str(row["uid"]))
        if why and attempt not in seen:
            seen.add(attempt)
            yield Found(f"event:{row['uid']}", _facts(row, why), row["account_id"], (row["account_id"],), 1)


def is_open(book: Book) -> bool:
    """Whether the policy lets people register a first method from anywhere with the password alone."""
    opening = [rule for rule in book.rules if rule.part == Part.REGISTRATION and rule.mode == Mode.ON and rule.asks == Asks.OPEN]
    return any(rule.place in {Place.ANYWHERE, Place.OUTSIDE} for rule in opening)


def _why(row: dict[str, Any], first: dict[int, tuple[int, str]], crowded: Collection[str], *, outside: bool, on_campus: bool) -> str:
    earliest, attempt = first.get(row["account_id"], (row["pk"], row["attempt"]))
    if earliest < row["pk"] and not (row["attempt"] and row["attempt"] == attempt):
        return NOT_FIRST
    if on_campus:
        return ""
    return CROWD if network_of(row["address"] or "") in crowded else OUTSIDE if outside else ""


def _first_ids(accounts: set[int]) -> dict[int, tuple[int, str]]:
    """The first registration of each account ever, and the sign-in it was made in; several methods may be registered in one."""
    found: dict[int, tuple[int, str]] = {}
    wanted = sorted(accounts)
    for start in range(0, len(wanted), 500):
        mine = Event.objects.filter(name=EventName.METHOD_REGISTERED, account_id__in=wanted[start : start + 500])
        ids = list(mine.order_by().values_list("account_id").annotate(first=Min("pk")).values_list("first", flat=True))
        for account, pk, attempt in Event.objects.filter(pk__in=ids).values_list("account_id", "pk", "attempt"):
            found[account or 0] = pk, attempt
    return found


def _crowded(alone: list[dict[str, Any]], accounts: float) -> set[str]:
    pairs = {(network_of(row["address"] or ""), row["account_id"]) for row in alone if row["address"]}
    return {network for network, count in Counter(network for network, _account in pairs).items() if count >= accounts}


def _facts(row: dict[str, Any], why: str) -> dict[str, Any]:
    after = row["after"]
    facts = {"event": str(row["uid"]), "at": row["at"].isoformat(), "method": after.get("name", ""), "kind": after.get("kind", "")}
    return facts | {"asked_from": row["address"] or "", "why": why}


DETECTOR = Detector(
    "password-only",
    _("Method registered with the password alone"),
    _("See from where it was done, and whether a method had been there before. Ask the account holder by another way."),
    (
        Limit("campus", _("Also from a campus network (1 yes, 0 no)"), 0, 0, 1),
        Limit("first", _("Every first registration from outside, also where the policy allows it (1 yes, 0 no)"), 0, 0, 1),
        Limit("accounts", _("From one network for how many accounts"), 5, 2, 1000),
        DAYS,
    ),
    find,
)
