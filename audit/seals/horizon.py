"""Up to which id no event can appear any more. Ids are given before the commit, and commits come in another order."""

import time

from django.db import connection

PATIENCE = 1.0  # seconds; what is being written for longer is waited for by a later seal, and keeps nothing from being sealed
PAUSE = 0.02
WRITERS = """SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = 'audit_event'::regclass AND pid IS DISTINCT FROM pg_backend_pid()"""
NEWEST = {
    "postgresql": "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')::regclass), 0)",
    "sqlite": "SELECT coalesce(max(id), 0) FROM audit_event",
}


def settled() -> int | None:
    """An id of which this is true: every event up to it is committed or will never be; None when that cannot be said now.

    On PostgreSQL a writer holds a lock on the table from before its id is drawn until its transaction has ended. So: read the newest
    id, then the writers; when all those have ended, everything up to that id is settled. On SQLite there is one writer at a time.
    """
    newest = _newest()
    if connection.vendor != "postgresql":
        return newest
    writers, until = _writers(), time.monotonic() + PATIENCE
    while writers & _writers():
        if time.monotonic() > until:
            return None
        time.sleep(PAUSE)
    return newest


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST[connection.vendor])
        return int(cursor.fetchone()[0])


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {row[0] for row in cursor.fetchall()}
