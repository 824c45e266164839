"""A whole site of real processes, each of which may be killed, stopped, restarted; ended by recorded pid alone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil

from demo.runner import programs, valkey
from demo.runner.leash import leash
from tools.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=100", "log_min_messages=fatal")
LEASE_SECONDS, WINDOW_SECONDS = 3, 1.5
PATIENCE_SECONDS = 90


class NotInTime(AssertionError):
    """What was waited for did not happen."""


class Mortal:
    """One program of the site."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.process: subprocess.Popen[bytes] | None = None
        self.is_wanted = False

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


class Site:
    """PostgreSQL, Valkey, the connected systems, and the site's own processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "postgres").mkdir()
        self.database = Cluster(folder / "postgres", DURABLE)
        self.port, self.system_port = _free_port(), _free_port()
        self.place = valkey.place(folder)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
            "FAULT_FOLDER": str(folder),
            "MFA_DATA_DIR": str(folder / "site"),
            "DATABASE_URL": self.database.url,
            "PORT": str(self.port),
            "MFA_PROPAGATION_MINUTES": str(WINDOW_SECONDS / 60),
            "MFA_DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
            "MFA_SWEEP_SECONDS": "0.5",
            "MFA_SEAL_SECONDS": "1",
            **self.place.variable,
        }
        self.mortals: dict[str, Mortal] = {}

    def open(self) -> None:
        """Start everything; the settings are loaded after it."""
        self.database.start()
        self.broker = self._mortal("broker", valkey.program(self.folder / "valkey", self.place).command)
        self.broker.start()
        scim = self._start_systems()
        self.environment["MFA_PRIVATE_HOSTS"] = f"127.0.0.1:{self.system_port},127.0.0.1:{scim}"
        os.environ.update(self.environment)
        self.scim_address = f"http://127.0.0.1:{scim}/v2"
        for name, command in {
            "web": programs.web().command,
            "worker-1": _worker("one"),
            "worker-2": _worker("two"),
            "beat": programs.beat().command,
        }.items():
            self._mortal(name, command)

    def _start_systems(self) -> int:
        command = [sys.executable, "tests/faults/downstream.py", str(self.system_port)]
        with (self.folder / "systems.log").open("ab") as log:
            self.systems = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=leash(),  # noqa: PLW1509
            )
        assert self.systems.stdout
        return int(self.systems.stdout.readline())

    def _mortal(self, name: str, command: list[str]) -> Mortal:
        self.mortals[name] = Mortal(name, command, self.environment, self.folder / f"{name}.log")
        return self.mortals[name]

    @property
    def workers(self) -> list[Mortal]:
        """Both, each with two processes of its own."""
        return [self.mortals["worker-1"], self.mortals["worker-2"]]

    def wait(self, seconds: float) -> None:
        """Let time pass, as a supervisor that looks after the processes."""
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            self.care()
            time.sleep(0.05)

    def care(self) -> None:
        for mortal in self.mortals.values():
            mortal.care()

    def eventually(self, what: str, look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """The first thing that `look` finds."""
        over = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > over:
                raise NotInTime(f"{what}: not within {seconds:.0f} seconds")
            self.wait(0.2)
        return found

    def close(self) -> None:
        for mortal in reversed(self.mortals.values()):
            mortal.end(kindly=False)
        self.systems.kill()
        self.systems.wait()
        self.database.stop()

    def order(self, point: str, *, times: int = 1, share: float = 1.0, what: str = "dies") -> None:
        """What workers do at a hook point, so many times."""
        for number in range(times):
            (self.folder / f"permit-{number}").touch()
        order = json.dumps({"point": point, "times": times, "share": share, "what": what})
        beside = self.folder / "points.new"
        beside.write_text(order)
        beside.replace(self.folder / "points.json")

    def forget_orders(self) -> int:
        """Nothing happens any more; how often something did since the last time."""
        (self.folder / "points.json").unlink(missing_ok=True)
        for permit in self.folder.glob("permit-*"):
            permit.unlink(missing_ok=True)
        log = self.folder / "points.log"
        happened = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return happened

    def sleepers(self) -> list[psutil.Process]:
        """Worker processes that sleep at a hook point."""
        return [one for worker in self.workers for one in worker.family()[1:] if one.status() == psutil.STATUS_STOPPED]

    def moods(
        self, moods: dict[str, list[str]] | None = None, *, share: float = 1.0, seed: int = 0, users: list[str] | None = None
    ) -> None:
        """How the systems answer from now on."""
        body = json.dumps({"moods": moods or {}, "share": share, "seed": seed, "users": users or []}).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.system_port}/moods", body, method="PUT"), timeout=60):
            pass

    def record(self) -> dict[str, Any]:
        """What the systems were told, in their own words."""
        with urlopen(f"http://127.0.0.1:{self.system_port}/record", timeout=60) as answer:
            return dict(json.load(answer))


def _worker(name: str) -> list[str]:
    return programs._celery(
        "worker",
        "--hostname",
        f"{name}@%h",
        "--queues",
        "propagation,default,messages",
        "--concurrency",
        "2",
        "--without-mingle",
        "--without-gossip",
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """A site that lives as long as the block; its logs stay when something went wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    site = Site(folder)
    try:
        site.open()
        yield site
    except BaseException:
        print(f"The logs of the processes are kept in {folder}", file=sys.stderr)
        site.close()
        raise
    else:
        site.close()
        shutil.rmtree(folder, ignore_errors=True)
