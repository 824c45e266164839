"""Among many events each detector finds what it is for and nothing else, and reads no more of them than its index leads it to."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.catalogue import EventName
from audit.models import Event, Seal
from review.detectors.base import detectors
from review.month import Month, counted
from review.thresholds import limits_of
from tests.audit.test_pages_queries import explained
from tests.review.stages import MINUTE, NOW, STAGES

pytestmark = pytest.mark.django_db
MANY = 6000
READ_ALL = re.compile(r"(?:Seq Scan on|SCAN) (audit_event\w*)(?! USING (?:COVERING )?INDEX)")


def noise() -> Iterator[Event]:
    """A month of a university: people sign in, some register a method as they should, each approval is of another pair."""
    for number in range(MANY):
        person = {"account_id": 50_000 + number, "account_label": f"{number:010}", "actor_id": 50_000 + number, "actor_kind": "self"}
        name, after = EventName.SIGNIN_SUCCEEDED, {"verified_with": "totp"}
        if number % 60 == 0:
            name, after = EventName.METHOD_REGISTERED, {"kind": "totp", "name": "App"}
        if number % 200 == 1:
            name, after = EventName.ACTION_APPROVED, {"requested_by": f"a{number}", "approved_by": f"b{number}"}
        at, proved = NOW - 7 * MINUTE * (MANY - number), "totp" if number % 60 else "fido"
        yield Event(at=at, name=name, after=after, address=f"192.0.2.{number % 250}", verified_with=proved, attempt=f"n{number}", **person)


def daily_seals() -> Iterator[Seal]:
    """Made at the time, so that the ids of a period are known."""
    facts = {"form": 1, "root": "", "previous": "", "key": "", "signature": "", "leaves": b"", "event_ids": b""}
    by_day = groupby(Event.objects.order_by("pk").values_list("pk", "at"), lambda event: event[1].date())
    for number, (_day, group) in enumerate(by_day, 1):
        ids, times = zip(*group, strict=True)
        ends = {"lowest_id": ids[0], "highest_id": ids[-1], "settled": ids[-1], "first": ids[0], "last": ids[-1]}
        yield Seal(number=number, sealed_at=times[-1], **ends, **facts)


@pytest.fixture(autouse=True)
def _many_events(db: None, settings: Any) -> None:
    settings.MFA_CAMPUS_NETWORKS = ["10.0.0.0/8"]
    Event.objects.bulk_create(noise())
    Seal.objects.bulk_create(daily_seals())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_event")
        if connection.vendor == "postgresql":
            # Earlier tests fill the index with rows that are gone, and 127 pages are soon read in full.
            cursor.execute("SET LOCAL random_page_cost = 1.1")


@pytest.mark.parametrize("code", sorted(STAGES))
def test_a_detector_finds_one_among_many_along_an_index(code: str) -> None:
    detector = detectors()[code]
    assert list(detector.find(limits_of(detector), NOW)) == []
    STAGES[code].found()
    with CaptureQueriesContext(connection) as captured:
        [one] = detector.find(limits_of(detector), NOW)
    assert one.people
    assert read_in_full(captured) == []


def read_in_full(captured: CaptureQueriesContext) -> list[str]:
    """The queries that go through all of a table that holds more than a few events: a month in which nothing happened is read as it is."""
    queries = [re.sub(r"^DECLARE .*? HOLD FOR ", "", one["sql"]) for one in captured.captured_queries if "audit_event" in one["sql"]]
    return [query for query in queries if any(holds_many(table) for table in READ_ALL.findall(explained(query)))]


def holds_many(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  a name from a plan
        return bool(cursor.fetchone()[0] > MANY // 60)


def test_the_report_of_a_month_reads_along_an_index() -> None:
    fortnight = NOW - timedelta(days=15)  # whatever the day is: the month with most of them
    month = Month(fortnight.year, fortnight.month)
    with CaptureQueriesContext(connection) as captured:
        cells = counted(month)
    assert sum(cell.times for cell in cells) <= MANY // 60
    assert read_in_full(captured) == []


def test_what_happened_before_the_period_is_left_alone() -> None:
    """The ids that bound what is read are those of the period: an event of today that came late counts by its time."""
    for code, stage in STAGES.items():
        limits = limits_of(detectors()[code])
        if "days" in limits:
            stage.found()
            assert list(detectors()[code].find(limits, NOW + timedelta(days=limits["days"] + 60))) == [], code
