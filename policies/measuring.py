"""How long after its due time a change is confirmed, by what was measured in the last 30 days (S-91).

Counted in steps in the transaction that keeps the confirmations: exact in number, and as exact in time as a person asks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from django.db import connection
from django.db.models import Sum

from policies.models import Delivery, LatenessTally

MEASURED = timedelta(days=30)
FEWEST = 20  # confirmations of a system; less is no measurement
DAY = 24 * 3600
# Seconds; each step is a fourth longer than the one before, or less.
STEPS = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60, 75, 90, 110, 135, 165, 200, 250, 300, 375, 450, 540, 600),
    *(750, 900, 1100, 1350, 1650, 2000, 2500, 3000, 3600, 4500, 5400, 6600, 8100, 9900, 12000, 14400, 18000, 21600, 27000, 33000),
    *(40000, 50000, 60000, 72000, DAY),
)
ADD = """INSERT INTO policies_latenesstally (system_id, day, seconds, count) VALUES {places}
    ON CONFLICT (system_id, day, seconds) DO UPDATE SET count = policies_latenesstally.count + excluded.count"""


@dataclass(frozen=True)
class Estimate:
    """How long after its due time a change is usually confirmed, and how long at worst (95 of 100)."""

    usual: timedelta
    longest: timedelta
    measured: bool


def unmeasured(gathered: timedelta) -> Estimate:
    """Of a system of which too little was measured, and which gathers changes for so long."""
    return Estimate(gathered, gathered, measured=False)


def count(rows: Iterable[Delivery], now: datetime) -> None:
    """Add what is confirmed at this moment; in the transaction that keeps it. One statement."""
    counted = Counter((row.system_id, step_of(now - row.due_at)) for row in rows)
    if not counted:
        return
    day = now.astimezone(UTC).date().isoformat()
    values = [value for (system, seconds), number in sorted(counted.items()) for value in (system, day, seconds, number)]
    with connection.cursor() as cursor:
        cursor.execute(ADD.format(places=", ".join(["(%s, %s, %s, %s)"] * len(counted))), values)


def step_of(late: timedelta) -> int:
    """The step, in seconds, within which something so late was confirmed; whole days beyond the last one."""
    seconds = late.total_seconds()
    at = bisect_left(STEPS, seconds)
    return STEPS[at] if at < len(STEPS) else DAY * -int(-seconds // DAY)


def estimates(now: datetime) -> dict[int, Estimate]:
    """What was measured of each system, by its id, and nothing of those with too little; one query over a few rows for each day."""
    since = (now - MEASURED).astimezone(UTC).date()
    counted = LatenessTally.objects.filter(day__gt=since).values_list("system_id", "seconds").annotate(number=Sum("count"))
    steps: dict[int, list[tuple[int, int]]] = {}
    for system, seconds, number in counted.order_by("system_id", "seconds"):
        steps.setdefault(system, []).append((seconds, number))
    return {system: _estimate(found) for system, found in steps.items() if sum(number for _seconds, number in found) >= FEWEST}


def _estimate(found: list[tuple[int, int]]) -> Estimate:
    return Estimate(_within(found, 50), _within(found, 95), measured=True)


def _within(found: list[tuple[int, int]], percent: int) -> timedelta:
    """The step within which so many of a hundred were confirmed; never less than they took."""
    up_to = list(accumulate(number for _seconds, number in found))
    place = next(at for at, reached in enumerate(up_to) if reached * 100 >= up_to[-1] * percent)
    return timedelta(seconds=found[place][0])


def clear_old(now: datetime) -> None:
    """Forget what no estimate reads any more."""
    LatenessTally.objects.filter(day__lt=(now - 2 * MEASURED).astimezone(UTC).date()).delete()
