"""Whose tables and functions PostgreSQL means by a name: whoever owns the database can have it look among his own first."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

LOOK = "SELECT pg_catalog.set_config('search_path', %s, false)"
SCHEMA = """SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.oid OPERATOR(pg_catalog.=) 'audit_event'::pg_catalog.regclass"""


@contextmanager
def own_names_only() -> Iterator[None]:
    """Within the block a name means what PostgreSQL itself, or else the schema of the audit's table, has under it."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.current_setting('search_path')")
        before = cursor.fetchone()
    look_only_there()
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # in a transaction that has failed it ends by itself
            cursor.execute(LOOK, before)


def look_only_there() -> None:
    """From now on, for as long as this connection lives."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(SCHEMA)
            cursor.execute(LOOK, ["pg_catalog, " + connection.ops.quote_name(cursor.fetchone()[0])])
