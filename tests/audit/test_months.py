"""Events lie in the table of their month on PostgreSQL, which goes as a whole; SQLite keeps one table, and the same rules hold."""

from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit.catalogue import EventName
from audit.models import Event, Retirement
from audit.record import record
from audit.retention import months
from audit.retention.months import Month, month_of
from audit.seals import rows, sealing
from audit.seals.heads import Statement
from audit.tasks import make_months
from tests.audit.by_hand import by_hand, names, verified

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=600)


def happened(monkeypatch: pytest.MonkeyPatch, at: datetime, *what: EventName) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: at)
        for name in what:
            record(name)
        sealing.seal()


def places() -> dict[str, int]:
    """How many events lie in which table; on SQLite all in one."""
    if connection.vendor != "postgresql":
        return {"audit_event": Event.objects.count()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM audit_event GROUP BY 1")
        return dict(cursor.fetchall())


def tables() -> list[str]:
    """Every table of the database, those of months among them."""
    with connection.cursor() as cursor:
        postgresql = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        cursor.execute(postgresql if connection.vendor == "postgresql" else "SELECT name FROM sqlite_master")
        return sorted(row[0] for row in cursor.fetchall())


def expected(**told: int) -> dict[str, int]:
    return told if connection.vendor == "postgresql" else {"audit_event": sum(told.values())}


@pytest.fixture
def old_month() -> Month:
    """A month long ago, made as beat would have made it then."""
    month = month_of(LONG_AGO)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {month.table} PARTITION OF audit_event FOR VALUES FROM ('{month.begins}') TO ('{month.ends}')")
            cursor.execute(
                f"""CREATE TRIGGER {month.table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {month.table}
                FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()"""
            )
    return month


def test_an_event_lies_in_its_month_or_with_all_others(old_month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    happened(monkeypatch, LONG_AGO, EventName.SIGNIN_SUCCEEDED)
    happened(monkeypatch, LONG_AGO - timedelta(days=400), EventName.SIGNIN_SUCCEEDED)
    record(EventName.SIGNIN_SUCCEEDED)
    now = month_of(timezone.now()).table
    assert places() == expected(**{old_month.table: 1, "audit_event_other": 1, now: 1})


@pytest.mark.parametrize(("rules", "goes"), [(["signin=400", "method=400"], True), (["signin=400"], False)])
def test_a_month_goes_as_a_whole_when_nothing_in_it_stays(
    old_month: Month, monkeypatch: pytest.MonkeyPatch, settings: Any, *, rules: list[str], goes: bool
) -> None:
    happened(monkeypatch, LONG_AGO, EventName.SIGNIN_SUCCEEDED, EventName.METHOD_REMOVED)
    settings.MFA_AUDIT_KEEP = rules
    call_command("audit_retire", stdout=StringIO())
    sealing.seal()
    assert Retirement.objects.count() == len(rules)
    assert verified()[0] == 0
    assert tables().count(old_month.table) == (connection.vendor == "postgresql" and not goes)


def test_making_months_again_makes_nothing_and_disturbs_nothing() -> None:
    before = tables()
    make_months()
    months.make_ahead()
    assert tables() == before


def test_events_of_a_month_that_was_not_made_keep_no_other_month_from_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        following = month_of(month_of(timezone.now()).ends)
        cursor.execute(f"DROP TABLE {following.table}")
        happened(monkeypatch, following.begins + timedelta(days=1), EventName.SIGNIN_SUCCEEDED)
        cursor.execute("SELECT audit_make_months(3)")
        assert cursor.fetchone() == (1,)
    assert places() == {"audit_event_other": 1}


def in_the_first_form(patch: pytest.MonkeyPatch) -> None:
    """As the releases before sealed."""
    patch.setattr(rows, "FORM", 1)
    patch.setattr(sealing, "Statement", partial(Statement, form=1))


@pytest.mark.parametrize("place", [1, 4, 5, 7])
def test_what_was_sealed_in_the_first_form_is_verified_and_missed_as_ever(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    with monkeypatch.context() as patch:
        in_the_first_form(patch)
        for _ in range(4):
            record(EventName.METHOD_RENAMED, before={"name": "佐藤"}, after={"name": "a", "number": 2.5})
        sealing.seal()
    for _ in range(4):
        record(EventName.METHOD_RENAMED, before={"name": "佐藤"}, after={"name": "a", "number": 2.5})
    sealing.seal()
    assert verified()[0] == 0
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = (SELECT id FROM audit_event ORDER BY id LIMIT 1 OFFSET {place - 1})")  # noqa: S608  a number
    assert names(verified(), "altered", place)
