"""A process that may die: started, killed, stopped, continued, and started again as a supervisor does; by recorded pid alone."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from demo.runner.leash import leash

ROOT = Path(__file__).resolve().parents[2]


class Mortal:
    """One program of the site."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.process: subprocess.Popen[bytes] | None = None
        self.is_wanted = False
        self.kills = 0  # processes of it that were killed

    def start(self, **changes: str) -> None:
        self.is_wanted = True
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment | changes,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=leash(),  # noqa: PLW1509  the harness has one thread
            )

    def care(self) -> None:
        """What a supervisor does: start it again when it has ended."""
        if self.is_wanted and self.process and self.process.poll() is not None:
            self._sweep()
            self.start()

    def family(self) -> list[psutil.Process]:
        """It and its children; nothing when it is gone."""
        with suppress(psutil.NoSuchProcess):
            if self.process and self.process.poll() is None:
                parent = psutil.Process(self.process.pid)
                return [parent, *parent.children(recursive=True)]
        return []

    def signal(self, number: int, *, children: bool = True) -> None:
        for one in self.family() if children else self.family()[:1]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)
                self.kills += number == signal.SIGKILL

    def end(self, *, kindly: bool = True) -> None:
        """Stop it for good; by SIGTERM first unless it is not to notice."""
        self.is_wanted = False
        if self.process is None:
            return
        self.signal(signal.SIGCONT)
        if kindly:
            self.signal(signal.SIGTERM, children=False)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.signal(signal.SIGKILL)
        self.process.wait(20)
        self._sweep()
        self.process = None

    def _sweep(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
