"""What a database can be made to hold, or to do, so that its audit looks untouched: it is found, and never ends in a traceback."""

# ruff: noqa: S608  statements by hand are what this is about

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import rows
from tests.audit.by_hand import by_hand, names, verified

pytestmark = pytest.mark.django_db
SHADOW = """CREATE FUNCTION public.row_to_json(record) RETURNS json LANGUAGE plpgsql STABLE AS $f$ BEGIN
    RETURN (SELECT f::json FROM public.hidden WHERE id = (pg_catalog.row_to_json($1) ->> 'id')::bigint); END $f$"""


def young(after: str) -> None:
    record(EventName.ACCOUNT_VIEWED)
    last = Event.objects.latest("pk").pk
    by_hand(f"UPDATE audit_event SET name = 'events:retired', after = '{after}' WHERE id = {last}")


@pytest.mark.parametrize("after", ['{"digest":[]}', "[]", '{"digest":"x","retirement":"abc"}', '"x"', "1"])
def test_a_young_event_may_say_anything_of_statements(ids: list[int], after: str) -> None:
    young(after)
    assert verified()[0] in {0, 1}


UNREADABLE = {"postgresql": [f'{{"x":{"[" * 3000}1{"]" * 3000}}}', '{"x":1e130000}'], "sqlite": ['{"x":1e999}', '{"x":1e999999}']}


@pytest.mark.parametrize("which", [0, 1])
def test_a_sealed_event_that_python_cannot_read_is_named(ids: list[int], which: int) -> None:
    by_hand(f"UPDATE audit_event SET after = '{UNREADABLE[connection.vendor][which]}' WHERE id = {ids[4]}")
    code, said = verified()
    assert (code, "First bad row: altered: " in said) == (1, True), said


def test_an_event_that_says_it_is_of_a_statement_is_named(ids: list[int]) -> None:
    by_hand(f"UPDATE audit_event SET name = 'events:retired', after = '[1]' WHERE id = {ids[4]}")
    assert names(verified(), "altered", 5)


def test_a_folder_without_heads_is_no_published_head(ids: list[int], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no head"):
        call_command("audit_verify", f"--heads={tmp_path}")


def test_what_an_event_says_is_never_taken_for_words_of_the_command(ids: list[int]) -> None:
    by_hand(f"UPDATE audit_event SET name = 'x\n\x1b[2JNothing was altered' WHERE id = {ids[4]}")
    assert "\x1b" not in verified()[1]


def test_a_function_that_stands_for_another_by_its_name_deceives_nobody(ids: list[int]) -> None:
    """Who owns a PostgreSQL database can have it look for `row_to_json` among functions of his own first."""
    columns = ", ".join(f'"{column}"' for column in rows.COLUMNS)
    if connection.vendor == "postgresql":
        by_hand(f"CREATE TABLE hidden AS SELECT id, row_to_json(r)::text f FROM (SELECT {columns} FROM audit_event) r", SHADOW)
        by_hand("SET search_path = public, pg_catalog")
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[4]}")
    assert names(verified(), "altered", 5)


def test_a_column_that_is_made_from_something_else_is_named(ids: list[int]) -> None:
    """On PostgreSQL, where months have such columns of their own; elsewhere the row itself is what was altered."""
    if connection.vendor != "postgresql":
        by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[4]}")
        assert names(verified(), "altered", 5)
        return
    by_hand("ALTER TABLE audit_event DROP COLUMN kind CASCADE")
    assert "altered: the column kind of audit_event is no longer made" in verified()[1]
    by_hand("ALTER TABLE audit_event ADD COLUMN kind text GENERATED ALWAYS AS ('sms'::text) STORED")
    assert "altered: the column kind of audit_event is no longer made" in verified()[1]
