"""What keeps `audit_verify` from finding anything out is no tampering: it ends with 2, and says what to do."""

import os
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from multiprocessing import get_context

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, InterfaceError, OperationalError, connection

from audit.seals import verifying
from tests.audit.by_hand import verified

pytestmark = pytest.mark.django_db


def not_found_out(processes: int = 1) -> str:
    """What the command says when it ends with 2."""
    with pytest.raises(CommandError, match="could not be found out") as ended:
        call_command("audit_verify", f"--processes={processes}", stdout=StringIO(), stderr=StringIO())
    assert ended.value.returncode == 2
    return str(ended.value)


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (OperationalError("connection refused\n\tIs the server running?"), "DATABASE_URL"),
        (InterfaceError("connection already closed"), "DATABASE_URL"),
        (MemoryError(), "--processes 1"),
        (OSError(12, "Cannot allocate memory"), "--processes 1"),
    ],
    ids=repr,
)
def test_what_broke_off_is_said_with_the_way_out(ids: list[int], monkeypatch: pytest.MonkeyPatch, error: Exception, way_out: str) -> None:
    def broken(*args: object) -> None:
        raise error

    monkeypatch.setattr(verifying, "check_heads", broken)
    said = not_found_out()
    assert way_out in said
    assert type(error).__name__ in said
    assert "\n" not in said


def test_a_table_that_is_not_there_has_not_been_altered(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_seal RENAME TO elsewhere")
    assert "migrate" in not_found_out()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_was_killed_has_found_nothing_out(ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "workers", lambda count: ProcessPoolExecutor(count, get_context("spawn"), os._exit, (9,)))
    assert "--processes 1" in not_found_out(processes=2)


def test_a_value_that_the_database_cannot_hand_over_is_still_a_bad_row(ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise DataError("timestamp out of range")

    monkeypatch.setattr(verifying, "check_heads", broken)
    code, said = verified()
    assert (code, "First bad row: altered: something stands in the tables" in said) == (1, True), said
