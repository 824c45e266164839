"""A journey: for its days another default where that is wanted, and back by itself; rules may speak of its country (S-134 to S-136).

Days are those of the institution's calendar, both included, whatever the clocks say where the person is.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone, localdate

from accounts.locks import hold, hold_own
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.countries import CODES, in_both_languages
from methods.lifecycle import set_default
from methods.models import Journey, RegisteredMethod
from methods.notices import tell
from methods.options import Option, option, options
from methods.usable import listed, self_sufficient

log = structlog.get_logger(__name__)
REMINDER = timedelta(days=3)
LONGEST = timedelta(days=366)


def today() -> date:
    """The day by the institution's calendar."""
    return localdate(timezone=get_default_timezone())


def under_way(day: date) -> QuerySet[Journey]:
    """Journeys to a named country of which this day is one."""
    return Journey.objects.filter(leaves_on__lte=day, returns_on__gte=day).exclude(country="")


def works_abroad(account: Account) -> list[Option]:
    """What verifies without a telephone network and without a notification, and may be the default."""
    return [one for one in options(self_sufficient(listed(account))) if not (one.way.sends or one.way.waits)]


def journey_of(account: Account) -> Journey | None:
    """The journey that is planned or under way."""
    return Journey.objects.filter(account=account).select_related("method").first()


def still_chosen(account: Account, journey: Journey) -> RegisteredMethod | None:
    """What the plan asks with, unless it was removed or suspended since, or its kind is not allowed any more."""
    found = _preferable(account, journey.method_id, journey.way)
    return found.method if found else None


@dataclass(frozen=True)
class Days:
    """The first and the last day of a journey."""

    first: date
    last: date

    def can_be_planned(self, now: date) -> bool:
        """In order, not over, and no longer than a year."""
        return self.first <= self.last and self.last >= now and self.last - max(self.first, now) <= LONGEST


@transaction.atomic
def plan(account: Account, chosen: Option | None, *, country: str, days: Days, actor: Account) -> None:
    """Travel to this country, asked in the way `chosen`, in place of an earlier plan; None: the default stays.

    Refused for what needs a telephone network, for an unknown country, and for days that cannot be.
    """
    account, now = hold_own(account.pk, actor), today()
    if country not in CODES:
        raise Refused("travel-country")
    if chosen and not any((one.method.pk, one.way.code) == (chosen.method.pk, chosen.way.code) for one in works_abroad(account)):
        raise Refused("not-for-travel")
    if not days.can_be_planned(now):
        raise Refused("travel-dates")
    _end(account, actor=actor)
    preferred = {"method": chosen.method, "way": chosen.way.code} if chosen else {}
    journey = Journey.objects.create(account=account, country=country, leaves_on=days.first, returns_on=days.last, **preferred)
    after = {"country": country, "since": days.first.isoformat(), "until": days.last.isoformat()}
    record(EventName.JOURNEY_PLANNED, account=account, actor=actor, after=after | ({"name": chosen.method.name} if chosen else {}))
    tell(account, "journey-planned", leaves_on=after["since"], returns_on=after["until"], **in_both_languages(country))
    if days.first <= now:
        _leave(account, journey)


@transaction.atomic
def cancel(account: Account, *, actor: Account) -> None:
    """Take a plan back; what was the default before is it again."""
    account = hold_own(account.pk, actor)
    _end(account, actor=actor)


def forget(account: Account) -> None:
    """Take a plan away together with the methods of whoever made it; under the account's lock."""
    if Journey.objects.filter(account=account).delete()[0]:
        record(EventName.JOURNEY_ENDED, account=account)


def look_after() -> int:
    """Remind, switch on the first day, and back after the last one; returns how many changed."""
    now = today()
    due = Journey.objects.filter(leaves_on__lte=now + REMINDER, account__locked_at=None, account__left_at=None)
    return sum(_apart(account_id, now) for account_id in list(due.values_list("account_id", flat=True)))


def _apart(account_id: int, now: date) -> bool:
    """One account; what is refused to it holds up nobody else's journey."""
    try:
        return _look_after_one(account_id, now)
    except Refused:
        log.exception("a journey could not be looked after", account=account_id)
        return False


@transaction.atomic
def _look_after_one(account_id: int, now: date) -> bool:
    """A closed account's plan waits, and goes on when it is opened again: nothing is changed for somebody who may not change it."""
    account = hold(account_id)
    journey = journey_of(account)
    if journey is None or not account.is_active:
        return False
    if journey.returns_on < now:
        _end(account)
        tell(account, "journey-over")
    elif journey.leaves_on <= now and not journey.is_away:
        _leave(account, journey)
    elif journey.leaves_on <= now + REMINDER and not (journey.reminded or journey.is_away):
        Journey.objects.filter(pk=journey.pk).update(reminded=True)
        chosen = still_chosen(account, journey)
        tell(account, "journey-reminder", leaves_on=journey.leaves_on.isoformat(), method=chosen.name if chosen else "")
    else:
        return False
    return True


def _default(account: Account) -> RegisteredMethod | None:
    return next((method for method in listed(account) if method.is_default), None)


def _leave(account: Account, journey: Journey) -> None:
    """A method that was removed meanwhile is not asked for; the days and the country stay as they were planned."""
    before = _default(account)
    journey.is_away = True
    if journey.method_id and _prefer(account, journey.method_id, journey.way):
        journey.back_to, journey.back_way = before, before.way if before else ""
    else:
        journey.method, journey.way = None, ""
    journey.save(update_fields=["is_away", "back_to", "back_way", "method", "way"])


def _end(account: Account, *, actor: Account | None = None) -> None:
    """The default goes back unless its owner has chosen another one meanwhile."""
    journey = journey_of(account)
    if journey is None:
        return
    now = _default(account)
    if journey.is_away and journey.back_to_id and now and (now.pk, now.way) == (journey.method_id, journey.way):
        _prefer(account, journey.back_to_id, journey.back_way)
    journey.delete()
    before = {"country": journey.country} if journey.country else {}
    record(EventName.JOURNEY_ENDED, account=account, actor=actor, before=before)


def _prefer(account: Account, method_id: uuid.UUID, way: str) -> bool:
    """Whether it could be made the default: it may have been removed meanwhile."""
    if _preferable(account, method_id, way) is None:
        return False
    set_default(account, method_id, actor=account, way=way)
    return True


def _preferable(account: Account, method_id: uuid.UUID | None, way: str) -> Option | None:
    return option(self_sufficient(listed(account)), method_id, way)
