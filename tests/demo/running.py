"""The demo as a visitor runs it: real processes, a folder and a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from demo.runner.leash import leash

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180
OPEN = "Ctrl-C ends everything."
PROGRAMS = {
    "web": "gunicorn",
    "worker": "default@",
    "worker-telephone": "telephone@",
    "worker-push": "push@",
    "worker-mail": "mail@",
    "worker-propagation": "propagation@",
    "beat": "beat --pidfile",
    "valkey": "valkey-server",
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(folder: Path, port: int | str, **given: str) -> dict[str, str]:
    """What `make demo` hands over; services that the tests were given stay out of it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}}
    return kept | {"MFA_DATA_DIR": str(folder), "PORT": str(port)} | given


def up(folder: Path, port: int | str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py up` where it is expected to refuse."""
    command = [sys.executable, "manage.py", "up"]
    return subprocess.run(
        command, cwd=ROOT, env=environment(folder, port, **given), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Fail when the condition does not come true in time."""
    over = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > over:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


def _sessions() -> dict[int, int]:
    """Living processes: pid → session."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _parent, _group, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if state != "Z":
                found[int(entry.name)] = int(session)
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


class RunningDemo:
    """`manage.py up` in the background; every program is the leader of a session of its own."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder, self.port = folder, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        self._said = folder / "said.txt"
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment(folder, self.port),
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=leash(),  # noqa: PLW1509  however the tests end, it ends with them
            )
        wait_until(lambda: OPEN in self.said() or self.process.poll() is not None, "the demo opens")
        assert self.process.poll() is None, self.said()
        self.leaders = set(self.programs().values())

    def said(self) -> str:
        return self._said.read_text()

    def programs(self) -> dict[str, int]:
        """Name and pid of each program that runs now."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {int(pid): _command(int(pid)) for pid in children}
        return {name: pid for name, mark in PROGRAMS.items() for pid, command in commands.items() if mark in command}

    def kill(self, name: str) -> None:
        """Kill a program outright and wait until it is back as another process."""
        before = self.programs()[name]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self.programs().get(name, before) != before, f"{name} is back")
        self.leaders |= set(self.programs().values())

    def end(self, number: signal.Signals) -> int:
        """Send one signal and return the exit code."""
        self.leaders |= set(self.programs().values())
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def left_over(self) -> list[str]:
        """Commands of the processes that are still there."""
        sessions = self.leaders | {self.process.pid}
        return [_command(pid) for pid, session in _sessions().items() if session in sessions]
