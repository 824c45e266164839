"""Several runs of pytest at once on one screen: progress as it comes, under the name of its part; what a part says in the end, in one piece."""

import os
import re
import select
import selectors
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
NO_TESTS_COLLECTED = 5
PATIENCE_SECONDS = 30
QUIET_SECONDS = 15
SILENT_SECONDS = 1200  # twice what a test may take (pyproject.toml): what says nothing for so long hangs
BRINGING_UP = "bringing up nodes..."
SECTION = re.compile(r"(\x1b\[[\d;]*m)*=+ (?!test session starts)")  # failures, warnings, durations, how many passed


@dataclass(frozen=True)
class Part:
    """One run of pytest: which tests, in how many processes at most, with these variables and no other service's."""

    name: str
    selection: str
    processes: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def report(self) -> Path:
        return RESULTS / f"{self.name.split(maxsplit=1)[0].lower()}.xml"

    @property
    def command(self) -> list[str]:
        options = ["-m", self.selection, "-n", "auto", "--maxprocesses", str(self.processes), "-q", f"--junitxml={self.report}"]
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        return [sys.executable, "-m", "pytest", *options, *colour, *sys.argv[1:]]


@dataclass(frozen=True)
class Outcome:
    """How many tests of a part, how long, and whether pytest came to its end."""

    part: Part
    passed: int
    failed: int
    seconds: float
    finished: bool


def _writing_to(pipe: int) -> list[tuple[int, str]]:
    """Number and command of every other process that holds this pipe open, where the system tells (Linux)."""
    name, found = f"pipe:[{os.fstat(pipe).st_ino}]", []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(process.name) != os.getpid() and any(str(fd.readlink()) == name for fd in (process / "fd").iterdir()):
                found.append((int(process.name), (process / "cmdline").read_text().replace("\0", " ").strip()))
    return found


def _count(report: Path) -> tuple[int, int]:
    if not report.exists():
        return 0, 0
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  pytest wrote it
    counts = [(int(suite.get("tests", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0))) for suite in suites]
    total, failed = sum(total for total, _ in counts), sum(failed for _, failed in counts)
    return total - failed, failed


class Running:
    """A part on its way, in a process group of its own: Ctrl-C reaches it once, from here."""

    def __init__(self, part: Part, width: int) -> None:
        self.part, self._label, self._began = part, f"{part.name:<{width}} ", time.monotonic()
        self._heard, self._unfinished, self._end = self._began, b"", list[str]()
        part.report.unlink(missing_ok=True)
        inherited = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
        output, theirs = os.pipe()
        self.output = open(output, "rb", buffering=0)  # noqa: PTH123, SIM115  closed when the part is over
        with open(theirs, "wb") as end:  # noqa: PTH123
            self.process = subprocess.Popen(
                part.command, cwd=ROOT, env=inherited | part.environment, stdout=end, stderr=end, process_group=0
            )

    def read(self) -> bool:
        """Show what has come; False when nothing more will."""
        new, self._heard = self.output.read(65536), time.monotonic()
        *lines, self._unfinished = (self._unfinished + new).split(b"\n")
        for line in lines:
            self._show(line.decode(errors="replace"))
        if not new:
            self._close()
        return bool(new)

    @property
    def has_ended(self) -> bool:
        """Whether pytest is over, also where a process that a test has left behind could still write."""
        return self.process.poll() is not None

    def goes_on(self, *, is_heard: bool, is_quiet: bool, has_ended: bool) -> bool:
        """Whether more is to come: read what has, show what nobody ends a line of while all `is_quiet`, wait for nobody who hangs."""
        if is_heard:
            return self.read()
        if has_ended:  # before it was listened to, so that nothing of it is missed
            self._leave()
            return False
        if is_quiet:
            self.show_unfinished()
        if time.monotonic() - self._heard > SILENT_SECONDS:
            self._show(f"has said nothing for {SILENT_SECONDS // 60} minutes and is ended")
            self.process.send_signal(signal.SIGABRT)  # it says where it stands
        return True

    def _leave(self) -> None:
        """Name what it has left behind, end of that what is in its group, and hear no more of it."""
        for pid, command in _writing_to(self.output.fileno()):
            self._show(f"left behind: {pid} {command}")
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._close()

    def _close(self) -> None:
        self.output.close()
        self.show_unfinished()

    def show_unfinished(self) -> None:
        """What there is of a line of dots: slow tests take minutes to fill one."""
        self._show(self._unfinished.decode(errors="replace"))
        self._unfinished = b""

    def _show(self, line: str) -> None:
        if self._end or SECTION.match(line):
            self._end.append(line)
        elif line and line != BRINGING_UP:
            print(f"{self._label}{line}", flush=True)

    def outcome(self) -> Outcome:
        """Say what pytest said in the end, and count."""
        code = self.process.wait()
        if self._end:
            print(f"\n── {self.part.name}", *self._end, sep="\n", flush=True)
        passed, failed = _count(self.part.report)
        return Outcome(self.part, passed, failed, time.monotonic() - self._began, finished=code in {0, 1, NO_TESTS_COLLECTED})

    def interrupt(self) -> None:
        """As Ctrl-C does: every process of the part takes down what it has put up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> None:
        """Hear it out; end it when it does not come to an end in time, or somebody is in a hurry."""
        over = time.monotonic() + PATIENCE_SECONDS
        with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
            while self.process.poll() is None and time.monotonic() < over:
                if select.select([self.output], [], [], 1)[0] and not self.read():
                    self.process.wait(PATIENCE_SECONDS)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()
        print(*self._end, sep="\n", flush=True)


def run(*lanes: list[Part]) -> list[Outcome]:
    """The lanes side by side, the parts of one lane one after another; whatever becomes of a part, the others go on."""
    RESULTS.mkdir(exist_ok=True)
    width = max(len(part.name) for lane in lanes for part in lane)
    outcomes: list[Outcome] = []
    with selectors.DefaultSelector() as selector:

        def begin(lane: list[Part]) -> None:
            running = Running(lane[0], width)
            selector.register(running.output, selectors.EVENT_READ, (running, lane[1:]))

        try:
            for lane in lanes:
                begin(lane)
            while selector.get_map():
                ended = {key.fd for key in selector.get_map().values() if key.data[0].has_ended}
                ready = {key.fd for key, _ in selector.select(QUIET_SECONDS)}
                for key in list(selector.get_map().values()):
                    running, rest = key.data
                    if running.goes_on(is_heard=key.fd in ready, is_quiet=not ready, has_ended=key.fd in ended):
                        continue
                    selector.unregister(key.fd)
                    outcomes.append(running.outcome())
                    if rest:
                        begin(rest)
        except KeyboardInterrupt:
            _stop([key.data[0] for key in selector.get_map().values()])
            raise
    return outcomes


def _stop(all_running: list[Running]) -> None:
    for running in all_running:
        running.interrupt()
    for running in all_running:
        running.end()
