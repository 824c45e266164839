"""R-181: the role that docs/audit.md gives the site may read and record, and neither change nor remove what happened, nor lift the guard."""

import re
from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import Account
from audit.catalogue import EventName
from audit.checks import check_guard, check_role
from audit.models import Event, Seal
from audit.record import record
from audit.retention import months, retiring
from audit.retention.months import month_of
from audit.seals.sealing import seal
from tools.messages import ROOT

pytestmark = pytest.mark.django_db
ROLE = "mfa_site_of_this_test"
TABLES = ("audit_event", "audit_seal", "audit_retirement")
FORBIDDEN = [
    *(
        statement.format(table)
        for table in TABLES
        for statement in ("UPDATE {} SET key = key", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}")
    ),
    "UPDATE audit_event SET reason = ''",
    "ALTER TABLE audit_event DISABLE TRIGGER USER",
    "DROP TRIGGER audit_event_append_only ON audit_event",
    "CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    *(
        f"{statement} {{month}}"
        for statement in ("DELETE FROM", "TRUNCATE", "SELECT FROM", "DROP TABLE", "ALTER TABLE audit_event DETACH PARTITION")
    ),
    "DELETE FROM audit_event_other",
    "UPDATE audit_event_other SET reason = ''",
]


def statements() -> str:
    """What docs/audit.md tells to run, with a role of this test alone."""
    chapter = (ROOT / "docs" / "audit.md").read_text().partition("## The database role")[2]
    block = re.search(r"```sql\n(.*?)```", chapter, re.DOTALL)
    assert block
    return block[1].replace("mfa_site", ROLE)


@pytest.fixture
def as_the_site() -> Iterator[None]:
    """On PostgreSQL whatever follows is done in the role of the site; SQLite has no roles."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(statements())
        cursor.execute("SELECT audit_make_months(3)")  # one more, after the role was made
        cursor.execute(f"SET ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def made() -> list[str]:
    return [f"audit_event_{month_of(Event.objects.latest('at').at).begins:%Y_%m}"]


def test_the_site_records_seals_and_reads_in_its_role(as_the_site: None, hana: Account) -> None:
    record(EventName.ACCOUNT_VIEWED, account=hana)
    assert seal() == 1
    assert (Event.objects.count(), Seal.objects.count()) == (1, 1)
    months.make_ahead()


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_of_the_site_changes_nothing(as_the_site: None, statement: str) -> None:
    record(EventName.ACCOUNT_VIEWED)
    if connection.vendor != "postgresql":
        assert check_role(databases=["default"]) == []
        return
    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        cursor.execute(statement.format(month=made()[0]).replace("key = key", "id = id" if "event" in statement else "number = number"))


def test_months_made_later_give_the_role_nothing_either(as_the_site: None) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_event'::regclass
                AND has_table_privilege(inhrelid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"""
            )
            assert cursor.fetchone() == (0,)
    assert check_guard(databases=["default"]) == []


def test_the_role_of_the_site_retires_nothing(as_the_site: None) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(retiring.NotOwner):
            list(retiring.retire())


def test_the_check_warns_of_a_role_that_owns_the_tables_and_of_no_other(as_the_site: None) -> None:
    assert [warning.id for warning in check_role(databases=["default"])] == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        assert [warning.id for warning in check_role(databases=["default"])] == ["audit.W002"]


@pytest.mark.parametrize("place", ["a month", "the table of all others"])
def test_a_month_without_its_trigger_is_noticed(place: str) -> None:
    if connection.vendor == "postgresql":
        table = "audit_event_other" if place != "a month" else f"audit_event_{month_of(record(EventName.ACCOUNT_VIEWED).at).begins:%Y_%m}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        assert [error.id for error in check_guard(databases=["default"])] == ["audit.E004"]
