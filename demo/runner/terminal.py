"""Ctrl-C for the supervisor alone: `make` beside it would report its own interruption as an error."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def in_front() -> Iterator[None]:
    """Be the terminal's foreground group while the block runs, if the group that started us is; else change nothing."""
    terminal = _terminal()
    starter = os.getpgrp()
    if terminal is None or starter == os.getpid() or os.tcgetpgrp(terminal) != starter:
        yield
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # changing the foreground group from behind would stop us
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # Ctrl-Z would stop us alone, and the shell would not know
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with suppress(OSError):  # the starter may be gone
            os.tcsetpgrp(terminal, starter)


def _terminal() -> int | None:
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
