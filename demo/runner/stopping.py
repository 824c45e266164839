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
        self._parent_listens = with_parent and _catches_interrupt(os.getppid())
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
        """Whether the parent is gone, or is `make`, got an interrupt of its own and waits for us without telling."""
        if self._parent is None:
            return False
        return os.getppid() != self._parent or (self._parent_listens and not _catches_interrupt(self._parent))


def _catches_interrupt(process: int) -> bool:
    """Whether a process has a handler for Ctrl-C; False where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGINT - 1) & 1)
