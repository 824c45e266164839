"""How crowded the machine is: what a limit by the clock is multiplied with, so that it is strict where nothing else runs and fair where much does."""

import time

SAMPLE_SECONDS = 0.2  # of a processor


class Crowding:
    """The worst that was seen: how many times longer than its processor time a computation takes by the clock; 1 on an idle machine."""

    worst = 1.0

    def look(self) -> None:
        """Compute for a moment, with as much haste as everybody."""
        began, spent = time.perf_counter(), time.process_time()
        while time.process_time() - spent < SAMPLE_SECONDS:
            pass
        self.worst = max(self.worst, (time.perf_counter() - began) / SAMPLE_SECONDS)
