"""A period is found by the seals: an event whose time is wrong hides no other."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from audit import period
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import sealing
from audit.search import Wanted, matching_ids, read
from review.detectors.reading import recorded
from review.month import Month, counted

pytestmark = pytest.mark.django_db
NOON = timezone.now().replace(day=15, hour=12, minute=0, second=0, microsecond=0) - timedelta(days=62)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def days(hana: Account) -> None:
    """Three days, on each of which a method was removed twice, sealed at the time."""
    for day in range(3):
        with time_machine.travel(NOON + day * DAY, tick=False):
            for number in (1, 2):
                record(EventName.METHOD_REMOVED, account=hana, reason=f"day {day}, {number}")
            sealing.seal()


def misdated(hana: Account, moment: timedelta, *, written: timedelta) -> None:
    """By a clock that is wrong, or by somebody who has the rights of the site in the database."""
    with time_machine.travel(NOON + moment, tick=False):
        record(EventName.ACCOUNT_LOCKED, account=hana, reason="misdated")
    with time_machine.travel(NOON + written, tick=False):
        sealing.seal()


def reasons(wanted: Wanted) -> list[str]:
    return [event.reason for event in read(wanted).events]


SECOND_DAY = Wanted(since=NOON + DAY - HOUR, until=NOON + DAY + HOUR)
THERE = ["day 1, 2", "day 1, 1"]


def test_what_is_dated_back_hides_nothing_of_a_later_period(days: None, hana: Account) -> None:
    assert reasons(SECOND_DAY) == THERE
    misdated(hana, DAY - 2 * HOUR - timedelta(seconds=1), written=5 * DAY)
    misdated(hana, DAY - HOUR - timedelta(seconds=1), written=5 * DAY)
    assert reasons(SECOND_DAY) == THERE
    assert len(list(matching_ids(SECOND_DAY))) == len(THERE)
    assert set(recorded(NOON + DAY - HOUR).values_list("reason", flat=True)) == {"day 1, 1", "day 1, 2", "day 2, 1", "day 2, 2"}


def test_the_report_of_a_month_counts_all_of_it_whatever_is_dated_back(days: None, hana: Account) -> None:
    month = Month(NOON.year, NOON.month)
    misdated(hana, month.begin - NOON - 2 * HOUR, written=5 * DAY)
    assert sum(cell.times for cell in counted(month)) == 6


def test_what_is_dated_ahead_hides_nothing_of_an_earlier_period(hana: Account) -> None:
    misdated(hana, 3 * DAY, written=timedelta())
    with time_machine.travel(NOON + DAY, tick=False):
        for number in (1, 2):
            record(EventName.METHOD_REMOVED, account=hana, reason=f"day 1, {number}")
        sealing.seal()
    assert reasons(SECOND_DAY) == THERE


def test_a_period_is_looked_for_among_the_ids_of_its_time(days: None) -> None:
    """Otherwise a day long ago takes as long as all that came after it."""
    assert Event.objects.filter(period.since(NOON + 2 * DAY + HOUR)).count() == 2
    assert Event.objects.filter(period.until(NOON - HOUR)).count() == 4


def test_without_a_seal_everything_is_looked_at(hana: Account) -> None:
    with time_machine.travel(NOON + DAY, tick=False):
        record(EventName.METHOD_REMOVED, account=hana, reason="unsealed")
    assert reasons(SECOND_DAY) == ["unsealed"]
