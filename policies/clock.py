"""Time by the database's clock: no web, worker or beat machine whose clock is wrong makes anything early (R-225)."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

CLOCKS = {"postgresql": "SELECT clock_timestamp()", "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"}


def database_now() -> datetime:
    """The moment by the clock of the database."""
    with connection.cursor() as cursor:
        cursor.execute(CLOCKS[connection.vendor])
        moment: Any = cursor.fetchone()[0]
    return moment if isinstance(moment, datetime) else datetime.fromisoformat(moment).replace(tzinfo=UTC)


def day_of(moment: datetime) -> str:
    """The day by the institution's calendar: rules begin and end with days, so that no change of the clocks makes a gap."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date().isoformat()
