"""Where the kernel has no leash (`leash.ON_LINUX`): a process that ends the others when the supervisor is gone.

It reads process groups from a pipe: a number was started, a negative number has ended. The pipe breaks with the supervisor.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress

from demo.runner.leash import ON_LINUX


class Guard:
    """The supervisor's end of the pipe; does nothing where it is not needed."""

    def __init__(self, *, needed: bool = not ON_LINUX) -> None:
        command = [sys.executable, "-m", "demo.runner.guard"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, text=True) if needed else None

    def started(self, group: int) -> None:
        self._tell(group)

    def ended(self, group: int) -> None:
        self._tell(-group)

    def _tell(self, number: int) -> None:
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):
                print(number, file=self.process.stdin, flush=True)


def end_all(groups: Iterable[int]) -> None:
    """Kill whole process groups; those that are gone already do not matter."""
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def main(lines: Iterable[str]) -> None:
    """Listen until the pipe breaks, then end what is still running."""
    running: set[int] = set()
    for line in lines:
        number = int(line)
        if number > 0:
            running.add(number)
        else:
            running.discard(-number)
    end_all(running)


if __name__ == "__main__":
    main(sys.stdin)
