"""R-181: nobody changes or removes an event, not even by hand in the database."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db(transaction=True)
TAMPERING: dict[str, Callable[["QuerySet[Event]"], object]] = {
    "change": lambda events: events.update(reason="nothing happened"),
    "change to the same": lambda events: events.update(name="account:viewed"),
    "removal": lambda events: events.delete(),
    "saving again": lambda events: events.get().save(),
}
BY_HAND = ["UPDATE audit_event SET account_label = ''", "DELETE FROM audit_event", "DELETE FROM audit_event WHERE id > 0"]


@pytest.fixture
def event(hana: Account) -> Event:
    return record(EventName.ACCOUNT_VIEWED, account=hana)


def refused(tamper: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tamper()


@pytest.mark.parametrize("kind", TAMPERING)
def test_the_orm_is_refused(event: Event, kind: str) -> None:
    refused(lambda: TAMPERING[kind](Event.objects.all()))
    kept = Event.objects.get()
    assert (kept.pk, kept.reason, kept.name) == (event.pk, "", "account:viewed")


def statements() -> list[str]:
    return BY_HAND + (["TRUNCATE audit_event", "TRUNCATE audit_event CASCADE"] if connection.vendor == "postgresql" else [])


def test_sql_by_hand_is_refused(event: Event) -> None:
    for statement in statements():
        with connection.cursor() as cursor:
            refused(partial(cursor.execute, statement))
    assert Event.objects.get() == event


def test_the_tests_alone_may_empty_the_table_and_the_guard_is_back_afterwards(event: Event) -> None:
    with triggers_lifted(connection):
        Event.objects.all().delete()
    record(EventName.ACCOUNT_VIEWED)
    refused(Event.objects.all().delete)
