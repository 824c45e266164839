"""How long each way of importing a file takes, and how much memory it needs.

    python benchmarks/import_accounts.py [--rows 100000] [--server postgres://user@host:5432/postgres]

Makes a database of its own, on SQLite unless a server is named (or DATABASE_URL names a database on one), and removes it afterwards.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, "manage.py"]


@contextmanager
def database(server: str | None, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of commands that run on an empty database."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "mfaadmin.settings.demo", "MFA_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    if server is None:
        yield environment
        return
    name = f"mfaadmin_benchmark_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield environment | {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(environment: dict[str, str], *command: str) -> None:
    """A step that is not measured."""
    subprocess.run([*MANAGE, *command], cwd=ROOT, env=environment, check=True)


def measure(label: str, rows: int, environment: dict[str, str], *command: str) -> None:
    """A step in a process of its own: its seconds and the most memory it had."""
    start = time.perf_counter()
    process = subprocess.Popen([*MANAGE, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"{label}: ended with {process.returncode}")
    busy = usage.ru_utime + usage.ru_stime
    print(
        f"  {label:36} {seconds:6.1f} s  {rows / seconds:8,.0f} rows/s  {usage.ru_maxrss / 1024:5.0f} MB  {busy:6.1f} s of processor",
        flush=True,
    )


def changed(file: Path, other: Path) -> None:
    """Write `file` anew with another surname in every tenth line."""
    with file.open() as source, other.open("w") as target:
        for number, line in enumerate(source):
            target.write(line.replace(" ", " X", 1) if number % 10 == 1 else line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    server = os.environ.get("DATABASE_URL") or None
    parser.add_argument("--server", default=server, help="address of a PostgreSQL server on which databases may be made; else DATABASE_URL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, database(options.server, Path(name)) as environment:
        folder, rows = Path(name), options.rows
        people, others, affiliations = (str(folder / f"{file}.csv") for file in ("people", "others", "affiliations"))
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        print(
            f"{'PostgreSQL' if options.server else 'SQLite'}, {rows:,} rows, Python {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f}"
        )
        run(environment, "make_accounts", str(rows), "--output", people, "--affiliations", affiliations)
        changed(Path(people), Path(others))
        run(environment, "migrate", "-v0")
        arguments = ["--affiliations", affiliations]
        measure("dry run", rows, environment, "import_accounts", people, *arguments, "--dry-run")
        measure("first import", rows, environment, "import_accounts", people, *arguments)
        measure("the same file again", rows, environment, "import_accounts", people, *arguments, "--mark-missing-as-left")
        measure("a tenth of the names changed, strict", rows, environment, "import_accounts", others, *arguments, "--strict")


if __name__ == "__main__":
    main()
