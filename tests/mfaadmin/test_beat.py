"""Beat asks for what is due whatever happens to its clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery.beat import ScheduleEntry

from mfaadmin.beat import SteadyScheduler
from mfaadmin.celery import app

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE = 60


class Recording(SteadyScheduler):
    """Notes what it asks for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        super().__init__(app)
        self.producer = None

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        self.asked[entry.name] += 1

    def go_on(self, clock: time_machine.Traveller, seconds: float) -> Counter[str]:
        """For so long; what it asked for meanwhile."""
        self.asked = Counter()
        over = datetime.now(UTC) + timedelta(seconds=seconds)
        while (now := datetime.now(UTC)) < over:
            pause = self.tick()
            clock.move_to(min(over, now + timedelta(seconds=max(pause, 0.001))))
        return self.asked


def often() -> set[str]:
    return {
        name for name, entry in app.conf.beat_schedule.items() if isinstance(entry["schedule"], float) and entry["schedule"] <= MINUTE / 2
    }


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("moved", [timedelta(hours=-1), timedelta(days=-400), timedelta(hours=1)], ids=str)
def test_a_clock_that_is_moved_keeps_nothing_waiting(moved: timedelta) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        beat = Recording()
        before = beat.go_on(clock, MINUTE)
        clock.move_to(datetime.now(UTC) + moved)
        after = beat.go_on(clock, MINUTE)
    assert "release-due-deliveries" in often()
    assert often() <= set(before)
    assert all(abs(after[name] - before[name]) <= 2 for name in often())


def test_it_is_the_one_that_beat_takes_by_itself() -> None:
    assert app.conf.beat_scheduler == f"{SteadyScheduler.__module__}:{SteadyScheduler.__name__}"
