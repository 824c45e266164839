"""Real processes on a database of their own: an import that is killed, interrupted, or started twice."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from accounts.importing.applying import BATCH
from accounts.synthetic import write_affiliations, write_people

ROWS = BATCH * 3
MANAGE = [sys.executable, "manage.py"]
# Stops before the second batch by itself: stopped from outside, a fast machine would have finished by then.
STOPPING = [sys.executable, "-c"]
STOPPING += [
    """
import os, signal, sys, django
django.setup()
from accounts.importing.applying import Applying
from django.core.management import execute_from_command_line
apply, begun = Applying.apply, []
def stopping(self, rows):
    begun.append(rows)
    if len(begun) == 2:
        os.kill(os.getpid(), signal.SIGSTOP)
    return apply(self, rows)
Applying.apply = stopping
execute_from_command_line(sys.argv)
"""
]
Ask = Callable[[str], int]


class Site:
    """A site with a database of its own, run by its commands."""

    def __init__(self, url: str, ask: Ask, folder: Path) -> None:
        self.environment = environment(url)
        self.count = ask
        self.file, affiliations = folder / "people.csv", folder / "affiliations.csv"
        with self.file.open("w") as stream:
            write_people(stream, ROWS)
        with affiliations.open("w") as stream:
            write_affiliations(stream)
        self.arguments = ["import_accounts", str(self.file), "--affiliations", str(affiliations)]

    @contextmanager
    def applying(self, *options: str) -> Iterator["subprocess.Popen[str]"]:
        """An import that has applied one batch and stays there until the test lets it go on."""
        command = [*STOPPING, *self.arguments, *options]
        with subprocess.Popen(command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), "the import ended before it stopped"
            try:
                yield process
            finally:
                process.kill()

    def finish(self) -> "subprocess.CompletedProcess[str]":
        """An import from beginning to end."""
        return subprocess.run([*MANAGE, *self.arguments], env=self.environment, text=True, capture_output=True, check=False)

    def whole(self) -> bool:
        """Whether each person of the file has one account, one event and words, and nobody else has."""
        accounts, ids = self.count("SELECT count(*) FROM accounts_account"), "SELECT count(DISTINCT account_id) FROM"
        return accounts == self.count(f"{ids} accounts_searchword") == self.count(f"{ids} audit_event") == self.events()

    def events(self) -> int:
        return self.count("SELECT count(account_id) FROM audit_event")


def environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mfaadmin.settings.test", "PYTHONUNBUFFERED": "1"}


def migrate(url: str) -> None:
    subprocess.run([*MANAGE, "migrate", "-v0"], env=environment(url), check=True)


@contextmanager
def in_files(folder: Path) -> Iterator[Callable[[Path], AbstractContextManager[Site]]]:
    """SQLite: each site gets a copy of a migrated file."""
    migrate(f"sqlite:///{folder / 'empty.sqlite3'}")

    @contextmanager
    def a_site(place: Path) -> Iterator[Site]:
        path = shutil.copy(folder / "empty.sqlite3", place / "site.sqlite3")

        def ask(query: str) -> int:
            with closing(sqlite3.connect(path, timeout=30)) as connection:
                return int(connection.execute(query).fetchone()[0])

        yield Site(f"sqlite:///{path}", ask, place)

    yield a_site


@contextmanager
def on_a_server(url: str) -> Iterator[Callable[[Path], AbstractContextManager[Site]]]:
    """PostgreSQL: each site gets a copy of a migrated database."""
    base, name = url.rpartition("/")[0], f"mfaadmin_import_{os.getpid()}"

    @contextmanager
    def database(server: "psycopg.Connection[Any]", own: str, template: str) -> Iterator[str]:
        server.execute(f"CREATE DATABASE {own} TEMPLATE {template}")
        try:
            yield f"{base}/{own}"
        finally:
            server.execute(f"DROP DATABASE {own} WITH (FORCE)")

    @contextmanager
    def a_site(place: Path) -> Iterator[Site]:
        with psycopg.connect(url, autocommit=True) as server, database(server, f"{name}_site", name) as own:

            def ask(query: str) -> int:
                with psycopg.connect(own) as connection:
                    return int(connection.execute(query).fetchone()[0])  # type: ignore[arg-type, index]

            yield Site(own, ask, place)

    with psycopg.connect(url, autocommit=True) as server, database(server, name, "template1") as empty:
        migrate(empty)
        yield a_site


@pytest.fixture(scope="module")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], AbstractContextManager[Site]]]:
    """Makes sites on the kind of database that the tests run on."""
    url = os.environ.get("DATABASE_URL")
    with on_a_server(url) if url else in_files(tmp_path_factory.mktemp("sites")) as a_site:
        yield a_site


@pytest.fixture
def site(new_site: Callable[[Path], AbstractContextManager[Site]], tmp_path: Path) -> Iterator[Site]:
    """A site without accounts."""
    with new_site(tmp_path) as one:
        yield one


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_a_killed_run_leaves_whole_batches_and_the_next_one_does_the_rest(site: Site, options: list[str]) -> None:
    with site.applying(*options) as process:
        process.kill()
        process.communicate()
    left = site.count("SELECT count(*) FROM accounts_account")
    assert (site.whole(), left) == (True, 0 if options else BATCH)
    again = site.finish()
    assert again.returncode == 0, again.stderr
    assert f"{ROWS - left} created, 0 updated, 0 left, 0 returned, {left} unchanged" in again.stdout
    assert (site.whole(), site.events()) == (True, ROWS)


def test_a_second_run_is_refused_while_the_first_one_goes_on_undisturbed(site: Site) -> None:
    with site.applying() as first:
        second = site.finish()
        assert (second.returncode, second.stdout) == (1, "")
        assert "Another import is running." in second.stderr
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate()
    assert (first.returncode, f"{ROWS} created" in out) == (0, True), err
    assert (site.whole(), site.events()) == (True, ROWS)


def test_ctrl_c_ends_with_130_and_the_truth_about_what_stays(site: Site) -> None:
    with site.applying() as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate()
    assert f"Stopped. {BATCH} created, 0 updated, 0 left, 0 returned, 0 unchanged: this stays." in err
    assert site.count("SELECT count(*) FROM accounts_account") == BATCH
    assert (process.returncode, "Traceback" in err, site.whole()) == (130, False, True)


def test_memory_does_not_grow_with_the_file(site: Site) -> None:
    measured = "import resource, sys, django; django.setup(); from django.core.management import call_command as run; run(*sys.argv[1:]); "
    measured += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    few = site.file.with_name("few.csv")
    with few.open("w") as stream:
        write_people(stream, BATCH, seed=2)
    arguments = [sys.executable, "-c", measured, *site.arguments]

    def peak(file: Path) -> int:
        command = [str(file) if part == str(site.file) else part for part in arguments]
        done = subprocess.run(command, env=site.environment, cwd=settings.BASE_DIR, text=True, capture_output=True, check=True)
        return int(done.stdout.splitlines()[-1])

    assert peak(site.file) - peak(few) < 10 * 1024  # KiB, mostly for the ids of two thousand more people
