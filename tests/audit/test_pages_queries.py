"""The list stays quick: few queries for the whole request, each served by an index, also long ago and among many events."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from audit.models import Event
from tests.factories import a_totp_app, proved_by, signed_in

pytestmark = pytest.mark.django_db
EVENTS = "/audit/"
MANY = 6000
COMMON = ("signin:succeeded", "password:accepted", "challenge:passed")
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY, ACCOUNT, ACTOR, NAME = "pkey", "event_of_account", "event_by_actor", "event_by_name"
KIND, BOTH, ADDRESS, CASE = "event_by_kind", "event_by_name_kind", "event_by_address", "event_by_case"
OLD_DAY = {"since": "2026-01-02", "until": "2026-01-02"}
FILTERS = [
    ({}, KEY),
    ({"before": 2000}, KEY),
    ({"after": 10}, KEY),
    (OLD_DAY, KEY),
    ({"account": "1000000001"}, ACCOUNT),
    ({"account": "1000000001"} | OLD_DAY, ACCOUNT),
    ({"actor": "1000000003"}, ACTOR),
    ({"event": "account:unlocked"}, NAME),
    ({"event": "account:unlocked"} | OLD_DAY, NAME),
    ({"event": "account:unlocked", "before": 2000}, NAME),
    ({"event": "signin:succeeded"}, NAME),  # so common that the ids alone would soon lead to some, unless others came in a row
    ({"event": "signin:succeeded", "after": 10}, NAME),
    ({"kind": "totp"}, KIND),
    ({"kind": "push"}, KIND),
    ({"event": "account:unlocked", "kind": "totp"}, BOTH),
    ({"network": "192.0.2.7"}, ADDRESS),
    ({"network": "192.0.2.8"}, ADDRESS),
    ({"case": "2026-0001"}, CASE),
]

MONTHS = {
    ACCOUNT: "account_id_id",
    ACTOR: "actor_id_id",
    NAME: "name_id",
    KIND: "kind_id",
    BOTH: "name_kind_id",
    ADDRESS: "address_id",
    CASE: "case_id",
}


@pytest.fixture
def many_events(hana: Account, hiro: Account) -> int:
    """Six thousand events, one a minute; the id of the first."""

    def events() -> Iterator[Event]:
        for number in range(MANY):
            account = hana.pk if number % 50 == 0 else 10_000 + number
            actor = hiro.pk if number % 40 == 0 else account
            name = "account:unlocked" if number % 60 == 0 else COMMON[number % 3]
            at = START + timedelta(minutes=number)
            after = {"kind": "totp" if number % 30 == 0 else ("push", "sms", "call")[number % 3]} | (
                {"case": "2026-0001"} if number % 70 == 0 else {}
            )
            who = {"account_id": account, "actor_id": actor, "account_label": "x", "actor_label": "x"}
            address = "192.0.2.7" if number % 80 == 0 else f"192.0.2.{8 + number % 3}"
            yield Event(at=at, name=name, actor_kind="self", after=after, address=address, **who)

    assert connection.features.supports_json_field  # asked once in a process, with statements of its own
    Event.objects.bulk_create(events())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_event")
    return Event.objects.earliest("pk").pk


@pytest.fixture
def auditor(aki: Account) -> Client:
    """Freshly signed in and verified as the door does it: the first request of a session must keep the budget, too."""
    client = Client()
    signed_in(client, aki, verified=proved_by(a_totp_app(aki)))
    return client


def asked(wanted: dict[str, Any], first: int) -> dict[str, Any]:
    """The filter with its cursor moved to the ids that the database happened to give."""
    return {key: first + value if isinstance(value, int) else value for key, value in wanted.items()}


@pytest.mark.parametrize("wanted", [wanted for wanted, _ in FILTERS], ids=str)
def test_a_page_of_events_takes_at_most_six_queries(
    wanted: dict[str, Any], many_events: int, auditor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        assert auditor.get(EVENTS, asked(wanted, many_events)).context["page"].events


def test_the_page_of_one_event_takes_at_most_six_queries(
    many_events: int, auditor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    event = Event.objects.first()
    assert event
    with django_assert_max_num_queries(6):
        assert auditor.get(f"{EVENTS}{event.uid}/").status_code == 200


@pytest.mark.parametrize(("wanted", "index"), FILTERS, ids=str)
def test_every_filter_walks_along_its_index_and_neither_sorts_nor_counts(
    wanted: dict[str, Any], index: str, many_events: int, auditor: Client
) -> None:
    with CaptureQueriesContext(connection) as captured:
        auditor.get(EVENTS, asked(wanted, many_events))
    [query] = [one["sql"] for one in captured.captured_queries if 'FROM "audit_event"' in one["sql"]]
    assert "COUNT(" not in query
    plan = explained(query)
    assert index in plan
    assert index == KEY or key_of_the_table_with(many_events) not in plan
    assert not any(word in plan for word in ("->  Sort", "Seq Scan on audit_event_other", "TEMP B-TREE")), plan


def key_of_the_table_with(event_id: int) -> str:
    """The primary key of the month that holds the many events; in those that hold a few the planner may take any index."""
    if connection.vendor != "postgresql":
        return KEY
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_event WHERE id = %s", [event_id])
        return f"{cursor.fetchone()[0]}_{KEY}"


def explained(query: str) -> str:
    """How the database goes about a query, in its own words; indexes of months and SQLite's rowid go by the name of the whole table's."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_sort = off")  # so few rows could as well be sorted
        cursor.execute(f"{'EXPLAIN' if connection.vendor == 'postgresql' else 'EXPLAIN QUERY PLAN'} {query}".replace("%", "%%"))
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    for index, month in MONTHS.items():
        plan = re.sub(rf"audit_event_(?:other|\d+_\d+)_{month}_idx", index, plan)
    return re.sub(r"INTEGER PRIMARY KEY|SCAN audit_event$", "pkey", plan, flags=re.MULTILINE)
