"""A table of events from before the months is taken over as it is: every row and every seal still verifies, and recording goes on."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tools.deployment import demo
from tools.messages import ROOT

BEFORE = "0008_retirement"
FILL = """
from datetime import timedelta
from unittest import mock
from django.utils import timezone
from audit.catalogue import EventName
from audit.record import record
from audit.seals.sealing import seal

now = timezone.now()
for days in (400, 200, 40, 1):
    with mock.patch.object(timezone, "now", lambda: now - timedelta(days=days)):
        for number in range(25):
            record(EventName.METHOD_RENAMED, before={"name": "old"}, after={"kind": "totp", "name": f"new {number}", "case": "C-1"})
        assert seal() == 25
record(EventName.ACCOUNT_VIEWED)
"""
CHECK = """
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from audit.catalogue import EventName
from audit.models import Event, Seal
from audit.record import record
from audit.seals.sealing import seal

assert (Event.objects.count(), Seal.objects.count()) == (101, 4)
assert Event.objects.filter(case="C-1", kind="totp").count() == 100
call_command("audit_verify", "--processes=1")
record(EventName.ACCOUNT_VIEWED)
assert seal() == 2, "the one that was young before, and the new one"
call_command("audit_verify", "--processes=1")
assert Seal.objects.order_by("-number").first().last == 102
for statement in ("DELETE FROM audit_event", "UPDATE audit_event SET reason = 'x'"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        continue
    raise SystemExit(f"the guard is gone: {statement}")
print("as it was")
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a site with an empty database of its own, of the kind that these tests use."""
    if connection.vendor != "postgresql":
        yield demo(str(tmp_path))
        return
    known = connection.settings_dict
    name = f"upgrade_{uuid.uuid4().hex[:12]}"
    server = f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as beside:
        beside.execute(f'CREATE DATABASE "{name}"')
        yield demo(str(tmp_path), DATABASE_URL=f"{server}/{name}")
        beside.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_populated_old_table_is_taken_over_with_every_row_and_seal(environment: dict[str, str]) -> None:
    manage(environment, "migrate", "audit", BEFORE, "-v", "0", "--skip-checks")
    manage(environment, "shell", "--no-imports", "-c", FILL)
    manage(environment, "migrate", "audit", "-v", "0", "--skip-checks")
    assert manage(environment, "shell", "--no-imports", "-c", CHECK).endswith("as it was\n")
