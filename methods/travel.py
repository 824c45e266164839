"""Abroad, texts and calls may not arrive: for the days of a journey another default, and back by itself (S-134 to S-136)."""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.lifecycle import set_default
from methods.models import Journey, RegisteredMethod
from methods.notices import tell
from methods.options import Option, option, options
from methods.usable import listed, self_sufficient

REMINDER = timedelta(days=3)
LONGEST = timedelta(days=366)


def works_abroad(account: Account) -> list[Option]:
    """What verifies without a telephone network and without a notification, and may be the default."""
    return [one for one in options(self_sufficient(listed(account))) if not (one.way.sends or one.way.waits)]


def journey_of(account: Account) -> Journey | None:
    """The journey that is planned or under way."""
    return Journey.objects.filter(account=account).select_related("method").first()


@transaction.atomic
def plan(account: Account, chosen: Option, *, leaves_on: date, returns_on: date, actor: Account) -> None:
    """Be asked in this way from one day to another, in place of an earlier plan; Refused for what needs a telephone network."""
    account, today = hold(account.pk), localdate()
    if actor.pk != account.pk:
        raise Refused("not-allowed")
    if not any((one.method.pk, one.way.code) == (chosen.method.pk, chosen.way.code) for one in works_abroad(account)):
        raise Refused("not-for-travel")
    if not leaves_on <= returns_on or returns_on < today or returns_on - max(leaves_on, today) > LONGEST:
        raise Refused("travel-dates")
    _end(account)
    journey = Journey.objects.create(account=account, method=chosen.method, way=chosen.way.code, leaves_on=leaves_on, returns_on=returns_on)
    after = {"name": chosen.method.name, "since": leaves_on.isoformat(), "until": returns_on.isoformat()}
    record(EventName.JOURNEY_PLANNED, account=account, actor=actor, after=after)
    if leaves_on <= today:
        _leave(account, journey)


@transaction.atomic
def cancel(account: Account, *, actor: Account) -> None:
    """Take a plan back; what was the default before is it again."""
    account = hold(account.pk)
    if actor.pk != account.pk:
        raise Refused("not-allowed")
    _end(account)


def look_after() -> int:
    """Remind, switch on the first day, and back after the last one; returns how many changed."""
    today = localdate()
    due = Journey.objects.filter(leaves_on__lte=today + REMINDER).values_list("account_id", flat=True)
    return sum(_look_after_one(account_id, today) for account_id in list(due))


@transaction.atomic
def _look_after_one(account_id: int, today: date) -> bool:
    account = hold(account_id)
    journey = journey_of(account)
    if journey is None:
        return False
    if journey.returns_on < today:
        _end(account)
    elif journey.leaves_on <= today and not journey.is_away:
        _leave(account, journey)
    elif journey.leaves_on <= today + REMINDER and not (journey.reminded or journey.is_away):
        Journey.objects.filter(pk=journey.pk).update(reminded=True)
        tell(account, "journey-reminder", leaves_on=journey.leaves_on.isoformat(), method=journey.method.name)
    else:
        return False
    return True


def _default(account: Account) -> RegisteredMethod | None:
    return next((method for method in listed(account) if method.is_default), None)


def _leave(account: Account, journey: Journey) -> None:
    before = _default(account)
    if _prefer(account, journey.method_id, journey.way):
        journey.is_away, journey.back_to, journey.back_way = True, before, before.way if before else ""
        journey.save(update_fields=["is_away", "back_to", "back_way"])
    else:
        journey.delete()


def _end(account: Account) -> None:
    """The default goes back unless its owner has chosen another one meanwhile."""
    journey = journey_of(account)
    if journey is None:
        return
    now = _default(account)
    if journey.is_away and journey.back_to_id and now and (now.pk, now.way) == (journey.method_id, journey.way):
        _prefer(account, journey.back_to_id, journey.back_way)
    journey.delete()
    record(EventName.JOURNEY_ENDED, account=account)


def _prefer(account: Account, method_id: uuid.UUID, way: str) -> bool:
    """Whether it could be made the default: it may have been removed meanwhile."""
    if option(self_sufficient(listed(account)), method_id, way) is None:
        return False
    set_default(account, method_id, actor=account, way=way)
    return True
