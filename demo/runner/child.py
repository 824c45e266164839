"""One program under the supervisor: started, watched, started again when it ends by itself, stopped."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from demo.runner.guard import Guard, end_all
from demo.runner.leash import leash

GRACE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30
LARGEST_LOG = 5_000_000


@dataclass(frozen=True)
class Program:
    """What to run; `name` is also the name of its log, `is_ground` says that the other programs stand on it."""

    name: str
    title: str
    command: list[str]
    is_ground: bool = False


class Child:
    """A program and the process that runs it now."""

    def __init__(self, program: Program, *, logs: Path, folder: Path, environment: dict[str, str], guard: Guard) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self._folder, self._environment, self._guard = folder, environment, guard
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._failures = 0
        self.again_at: float | None = None

    def start(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.program.command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=leash(),  # noqa: PLW1509 - the supervisor has one thread
            )
        self._guard.started(self._process.pid)
        self._began, self.again_at = time.monotonic(), None

    def trim_log(self) -> None:
        """Keep the last LARGEST_LOG bytes or so in a second file; the program goes on writing to the first."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def ended(self) -> int | None:
        """The exit code, once, when the process has ended by itself; a moment for the next start is then set."""
        code = self._process.poll() if self._process else None
        if code is None:
            return None
        self._sweep()
        lived = time.monotonic() - self._began
        self._failures = 0 if lived > STEADY_SECONDS else self._failures + 1
        self.again_at = time.monotonic() + min(0.25 * 2**self._failures, LONGEST_PAUSE_SECONDS)
        return code

    def is_due(self) -> bool:
        """Whether it is time to start again."""
        return self.again_at is not None and time.monotonic() >= self.again_at

    def stop(self) -> None:
        """Ask the program to end."""
        self.again_at = None
        if self._process:
            self._process.send_signal(signal.SIGTERM)

    def is_gone(self, *, now: bool) -> bool:
        """Whether nothing of the program is left; `now` kills it."""
        if self._process and now:
            self._process.kill()
            self._process.wait()
        if self._process and self._process.poll() is not None:
            self._sweep()
        return self._process is None

    def _sweep(self) -> None:
        """What the program had started in turn goes with it."""
        if self._process:
            end_all([self._process.pid])
            self._guard.ended(self._process.pid)
            self._process = None


def this_environment(**more: str) -> dict[str, str]:
    """The environment of every child."""
    return os.environ | {"PYTHONUNBUFFERED": "1"} | more
