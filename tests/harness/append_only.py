"""Emptying tables between transactional tests, although triggers refuse it: this harness alone lifts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations

POSTGRESQL = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def _rows(connection: BaseDatabaseWrapper, query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def triggers_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Within the block, rows of append-only tables can be removed; in one transaction, so nobody else sees it."""
    if connection.vendor == "postgresql":
        tables = [table for (table,) in _rows(connection, POSTGRESQL)]
        lift = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
        restore = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
    else:
        triggers = _rows(connection, SQLITE)
        lift, restore = [f'DROP TRIGGER "{name}"' for name, _ in triggers], [sql for _, sql in triggers]
    with transaction.atomic(using=connection.alias):
        _run(connection, lift)
        yield
        _run(connection, restore)


@pytest.fixture(autouse=True, scope="session")
def _flush_lifts_triggers() -> Iterator[None]:
    plain = BaseDatabaseOperations.execute_sql_flush

    def flush(operations: BaseDatabaseOperations, sql_list: Any) -> None:
        with triggers_lifted(operations.connection):
            plain(operations, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield
