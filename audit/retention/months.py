"""The months in which events lie, and how those of one are removed. On PostgreSQL a month is a table of its own."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from audit.models import Event

AHEAD = 2
GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'"
OWNS = "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_event'::regclass"


class Month(NamedTuple):
    """From its first moment up to that of the next one, by UTC."""

    begins: datetime
    ends: datetime

    @property
    def table(self) -> str:
        """What PostgreSQL keeps it in, when it was made in time."""
        return f"audit_event_{self.begins:%Y_%m}"


def make_ahead() -> None:
    """Make the tables of this month and the next ones; a function with the rights of their owner does it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_make_months(%s)", [AHEAD])


def until(moment: datetime) -> Iterator[Month]:
    """Months with events that have ended by then, the oldest first."""
    oldest = Event.objects.order_by("at").values_list("at", flat=True).first()
    month = month_of(oldest) if oldest else None
    while month and month.ends <= moment:
        yield month
        month = month_of(month.ends)


def month_of(moment: datetime) -> Month:
    """The month of a moment."""
    begins = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Month(begins, begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1))


def may_remove() -> bool:
    """Whether this process came with the database role that owns the events; the site's own role does not."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(OWNS)
        return bool(cursor.fetchone()[0])


def remove(ids: Sequence[int], month: Month | None = None) -> None:
    """Within the caller's transaction: remove these events, and the table of the month when nothing is left in it."""
    if connection.vendor == "postgresql":
        _remove_on_postgresql(ids, month)
    else:
        _remove_on_sqlite(ids)


def _remove_on_postgresql(ids: Sequence[int], month: Month | None) -> None:
    with connection.cursor() as cursor:
        if month and _is_all_of(month, ids):
            cursor.execute(f"ALTER TABLE audit_event DETACH PARTITION {month.table}")
            cursor.execute(f"DROP TABLE {month.table}")
            return
        cursor.execute("SELECT set_config('audit.retiring', 'yes', true)")
        period, params = ("at >= %s AND at < %s AND", [month.begins, month.ends]) if month else ("", [])
        cursor.execute(f"DELETE FROM audit_event WHERE {period} id = ANY(%s)", [*params, list(ids)])  # noqa: S608
        cursor.execute("SELECT set_config('audit.retiring', '', true)")


def _is_all_of(month: Month, ids: Sequence[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [month.table])
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute(f"LOCK TABLE {month.table} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"SELECT count(*) FROM {month.table}")  # noqa: S608  made of a date
        return bool(cursor.fetchone()[0] == len(ids))


def _remove_on_sqlite(ids: Sequence[int]) -> None:
    """Its triggers cannot tell who asks: they are gone for the length of this transaction, in which nobody else writes."""
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.executemany("DELETE FROM audit_event WHERE id = %s", [(number,) for number in ids])
        for _, statement in guards:
            cursor.execute(statement)
