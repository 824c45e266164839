"""When to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started this one."""

import os
import signal
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """Counts requests to stop; the main loop looks here, so that no work is cut in the middle."""

    def __init__(self, *, with_parent: bool) -> None:
        self._parent = os.getppid() if with_parent else None
        self._parent_catches = _caught_by(os.getppid()) if with_parent else 0
        self._asked = 0
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    @property
    def is_asked(self) -> bool:
        return self._asked > 0 or self._parent_leaves()

    @property
    def is_insisted(self) -> bool:
        """Asked twice: somebody is in a hurry."""
        return self._asked > 1

    def _parent_leaves(self) -> bool:
        """Whether the parent is gone, or is `make`, got a signal meant for both of us and waits without telling."""
        if self._parent is None:
            return False
        return os.getppid() != self._parent or _caught_by(self._parent) != self._parent_catches


def _caught_by(process: int) -> int:
    """Bits of the signals to stop that a process has a handler for; `make` resets one as it handles it. 0 if unknown."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
    return caught & sum(1 << (number - 1) for number in SIGNALS)
