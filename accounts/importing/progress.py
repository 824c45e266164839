"""How far a long run has come: a bar on a terminal, a line for every tenth anywhere else."""

import time
from typing import TextIO

from django.utils.translation import gettext as _

WIDTH = 30
REDRAW = 0.1  # seconds
WIPE = "\r\x1b[K"  # back to the beginning of the line, and empty it


class Progress:
    """Writes to `stream`; lines written meanwhile stay above the bar."""

    def __init__(self, stream: TextIO, *, bar: bool) -> None:
        self.stream, self.bar = stream, bar
        self.stage, self.started, self.drawn, self.tenth = "", 0.0, 0.0, 0

    def show(self, stage: str, share: float, rows: int) -> None:
        """So much of `stage` is done; `share` of 1."""
        now = time.monotonic()
        if stage != self.stage:
            self.stage, self.started, self.drawn, self.tenth = stage, now, 0.0, 0
        rate = rows / max(now - self.started, 0.001)
        text = _("%(stage)s %(percent)3d %%  %(rows)s rows  %(rate)s rows/s") % {
            "stage": stage,
            "percent": int(share * 100),
            "rows": f"{rows:,}",
            "rate": f"{rate:,.0f}",
        }
        if self.bar:
            self._draw(text, share, now)
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            self.say(text)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.stream.write(f"{WIPE if self.bar else ''}{text}\n")
        self.stream.flush()
        self.drawn = 0.0

    def _draw(self, text: str, share: float, now: float) -> None:
        if share < 1 and now - self.drawn < REDRAW:
            return
        full = int(share * WIDTH)
        self.stream.write(f"{WIPE}[{'#' * full}{'.' * (WIDTH - full)}] {text}")
        if share >= 1:
            self.stream.write("\n")
        self.stream.flush()
        self.drawn = now
