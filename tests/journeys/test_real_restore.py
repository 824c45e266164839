"""A real dump, put back: the copy beside the original sends nothing, nor does the original that was set back, until somebody confirms (R-240)."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.journeys.stack import ROOT, environment, free_port
from tools.postgres import Cluster

KEY = "c2VjcmV0IG9mIHRoZSBmaWxlcyBpbiBhIGZvbGRlciE="
SYSTEMS = f"""
from policies.models import ConnectedSystem
from policies.systems import ensure_system
ensure_system("printers", connector="csv", name_en="Printers", name_ja="印刷", address=FILES, secret="{KEY}", options={{"receipts": False}})
ConnectedSystem.objects.update(window_minutes=0)
"""
APPLY = """
from django.utils import timezone
from audit.seals import leaving, sealing
from methods.models import RegisteredMethod
from policies.applications import TEXT_VERSION, submit
from policies.models import Application, ConnectedSystem, Home
from tests.factories import an_account
from tests.policies.deliveries import release
account = an_account(WHO)
RegisteredMethod.objects.create(account=account, kind="totp", name="App", is_default=True, last_signin_at=timezone.now())
submit(account, actor=account, text_version=TEXT_VERSION)
ConnectedSystem.objects.update(next_batch_at=None)
release()
sealing.seal()
leaving.send()
print(Home.objects.get().why or "sends", Application.objects.get(account=account).state)
"""
CONFIRM = """
from contextlib import suppress
from django.core.management import call_command
from policies.models import ConnectedSystem
from tests.policies.deliveries import release
with suppress(SystemExit):
    call_command("propagation", "reconcile")
call_command("propagation", "restore", "--confirm", "--reason", "the backup of last night")
ConnectedSystem.objects.update(next_batch_at=None)
release()
"""


@dataclass
class Installation:
    """A cluster, a role that may nothing beyond its own databases, and the folder into which the one system's files go."""

    cluster: Cluster
    folder: Path

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "files").glob("*.csv"))

    def url(self, database: str) -> str:
        return f"postgres://site@127.0.0.1:{self.cluster.port}/{database}"

    def make(self, database: str) -> None:
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database}")
            connection.execute(f"CREATE DATABASE {database} OWNER site")

    def program(self, name: str, *words: str) -> None:
        known = self.cluster.places | {"cwd": self.cluster.folder}
        subprocess.run([str(self.cluster.programs / name), *words], check=True, capture_output=True, **known)

    def dump(self, database: str) -> Path:
        target = self.cluster.folder / f"{database}.dump"
        self.program("pg_dump", "-Fc", "-f", str(target), self.url(database))
        return target

    def put_back(self, dump: Path, database: str) -> None:
        self.make(database)
        self.program("pg_restore", "--no-owner", "-d", self.url(database), str(dump))

    def run(self, database: str, *command: str) -> str:
        """A command of the site on one of the databases."""
        port = free_port()
        known = environment(
            self.folder / "site",
            port,
            DATABASE_URL=self.url(database),
            MFA_DROP_FOLDERS=str(self.folder / "files"),
            MFA_VALKEY_SOCKET=str(self.folder / "nobody-listens.sock"),
        )
        done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=known, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def does(self, database: str, script: str, **names: str) -> str:
        """What a script of the site says at last."""
        known = "".join(f"{name} = {value!r}\n" for name, value in names.items())
        return self.run(database, "shell", "--no-imports", "-c", known + script).splitlines()[-1]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    for name in ("site", "files"):
        (tmp_path / name).mkdir()
    with tempfile.TemporaryDirectory(prefix="mfaadmin-postgres-") as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("CREATE ROLE site LOGIN")
        yield Installation(cluster, tmp_path)
        cluster.stop()


@pytest.mark.covers("S-144")
def test_neither_a_copy_nor_what_was_put_back_sends_before_it_is_confirmed(installation: Installation) -> None:
    site = installation
    site.make("original")
    site.run("original", "migrate", "--verbosity", "0")
    assert site.does("original", SYSTEMS + APPLY, FILES=str(site.folder / "files"), WHO="1000000001") == "sends in-effect"
    backup = site.dump("original")
    assert site.does("original", APPLY, WHO="1000000002") == "sends in-effect"
    assert len(site.files) == 2

    site.put_back(backup, "beside")
    assert site.does("beside", APPLY, WHO="1000000003").endswith("applied")
    assert len(site.files) == 2
    assert site.does("original", APPLY, WHO="1000000004") == "sends in-effect"
    assert len(site.files) == 3

    site.put_back(backup, "original")
    assert site.does("original", APPLY, WHO="1000000005") == "set-back applied"
    assert len(site.files) == 3
    site.does("original", CONFIRM + "print('done')")
    assert len(site.files) == 4
    assert site.does("original", APPLY, WHO="1000000006") == "sends in-effect"
