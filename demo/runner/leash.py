"""No process outlives the one that started it, not even when that one is killed outright."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
ON_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None) if ON_LINUX else None


def end_with(parent: int) -> None:
    """From now on the kernel kills this process when `parent`, its direct parent, ends. Only on Linux.

    The kernel means the *thread* that forked, so children are started from main threads alone.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def leash() -> Callable[[], None]:
    """What Popen calls in the new process before the program starts."""
    parent = os.getpid()
    return lambda: end_with(parent)
