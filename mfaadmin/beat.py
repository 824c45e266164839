"""The clock of beat: what it asks for next stays in memory, and a clock that is put back keeps nothing waiting (R-225)."""

from typing import Any

from celery.beat import Scheduler


class SteadyScheduler(Scheduler):
    """Celery's beat waits for an hour after its clock was put back by one. A schedule in a file, torn by a kill, would keep it from starting."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """What was last asked for later than now was asked for now; seconds until the next tick."""
        ahead = [entry for entry in self.schedule.values() if (last := entry.last_run_at) and last > entry.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # in it stand moments of the former clock
        seconds: float = super().tick(*args, **kwargs)
        return seconds
