"""A whole site of real processes, each of which may be killed, stopped, restarted; ended by recorded pid alone."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil

from demo.runner import programs, valkey
from demo.runner.leash import leash
from tests.faults.directory import a_directory, held_by, turns_of
from tests.faults.mortals import ROOT, Mortal
from tests.harness.directory import Slapd
from tools.postgres import Cluster

DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=100", "log_min_messages=fatal")
LEASE_SECONDS, WINDOW_SECONDS, IDLE_SECONDS = 3, 1.5, 10
PATIENCE_SECONDS = 90
SYSTEMS = ("keyed", "batches", "optional", "states", "tenant", "directory")  # beside the site itself, `local`


class NotInTime(AssertionError):
    """What was waited for did not happen."""


class Site:
    """PostgreSQL, Valkey, the connected systems, and the site's own processes."""

    def __init__(self, folder: Path, directory: Slapd) -> None:
        self.folder, self.directory = folder, directory
        (folder / "postgres").mkdir()
        self.database = Cluster(folder / "postgres", DURABLE)
        self.port = _free_port()
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
            "MFA_DATABASE_IDLE_SECONDS": str(IDLE_SECONDS),
            **self.place.variable,
        }
        self.mortals: dict[str, Mortal] = {}
        self.moved: list[tuple[float, float]] = []  # when the rows' clock was moved, and by how many seconds
        self.other_kills = 0

    def open(self) -> None:
        """Start everything; the settings are loaded after it."""
        self.database.start()
        self.mortal("broker", valkey.program(self.folder / "valkey", self.place).command).start()
        self.lines = self._start_systems()
        self.environment["MFA_PRIVATE_HOSTS"] = ",".join(f"127.0.0.1:{port}" for port in self.lines.values())
        os.environ.update(self.environment)
        for name, command in {
            "web": programs.web().command,
            "worker-1": _worker("one"),
            "worker-2": _worker("two"),
            "beat": programs.beat().command,
        }.items():
            self.mortal(name, command)

    def _start_systems(self) -> dict[str, int]:
        """The ports of the lines to them."""
        command = [sys.executable, "tests/faults/downstream.py", str(self.directory.port)]
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
        return dict(json.loads(self.systems.stdout.readline()))

    def mortal(self, name: str, command: list[str]) -> Mortal:
        """One more program of the site, or the one of that name."""
        if name not in self.mortals:
            self.mortals[name] = Mortal(name, command, self.environment, self.folder / f"{name}.log")
        return self.mortals[name]

    def manage(self, name: str, module: str) -> Mortal:
        """A program of the harness that runs inside the site's settings."""
        return self.mortal(name, [sys.executable, "-m", module])

    @property
    def workers(self) -> list[Mortal]:
        """Both, each with two processes of its own."""
        return [self.mortals["worker-1"], self.mortals["worker-2"]]

    @property
    def kills(self) -> int:
        """How many processes were killed outright."""
        return self.other_kills + sum(mortal.kills for mortal in self.mortals.values())

    def kill(self, processes: Iterable[psutil.Process]) -> None:
        """Kill these, as far as they still live."""
        for one in processes:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
            self.other_kills += 1

    def everybody(self) -> list[psutil.Process]:
        """Every process of the site's own programs and of the broker."""
        return [one for mortal in self.mortals.values() for one in mortal.family()]

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

    def sleepers(self) -> list[psutil.Process]:
        """Worker processes that sleep at a hook point."""
        return [one for worker in self.workers for one in worker.family()[1:] if one.status() == psutil.STATUS_STOPPED]

    def moods(
        self,
        moods: dict[str, list[str]] | None = None,
        *,
        lines: dict[str, list[str]] | None = None,
        share: float = 1.0,
        seed: int = 0,
    ) -> None:
        """How the systems answer from now on, and how the lines to them behave."""
        self._order({"moods": moods or {}, "lines": lines or {}, "share": share, "seed": seed, "users": []})

    def introduce(self, names: list[str]) -> None:
        """The systems know these people from now on, and all is well."""
        self._order({"moods": {}, "lines": {}, "share": 1.0, "seed": 0, "users": names})
        for name in names:
            self.directory.add(name)

    def _order(self, order: dict[str, Any]) -> None:
        with urlopen(Request(f"{self._harness}/moods", json.dumps(order).encode(), method="PUT"), timeout=60):  # noqa: S310  the line above all
            pass

    @property
    def _harness(self) -> str:
        return f"http://127.0.0.1:{self.lines['harness']}"

    def record(self) -> dict[str, Any]:
        """What the systems were told and hold, in their own words."""
        with urlopen(f"{self._harness}/record", timeout=60) as answer:  # noqa: S310
            record = dict(json.load(answer))
        record["turns"] += turns_of(self.directory)
        record["holds"] += [["directory", account, state] for account, state in held_by(self.directory).items()]
        return record


def _worker(name: str) -> list[str]:
    """Of every queue."""
    return programs._celery("worker", "--hostname", f"{name}@%h", "--concurrency", "2", "--without-mingle", "--without-gossip")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """A site that lives as long as the block; its logs stay when something went wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with a_directory(folder / "directory") as directory:
        site = Site(folder, directory)
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
