"""Between SAVE and "in effect" any process may die at any moment: nothing is lost, early or twice, and nobody has to help."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.journeys.stack import ROOT, Site, environment, eventually, running_site

APPLICATIONS, MINUTES, KILLS = 30, 0.15, 8
APPLY = f"""
from django.db import transaction
from django.utils import timezone
from methods.models import RegisteredMethod
from policies.applications import TEXT_VERSION, submit
from tests.factories import an_account
for number in range({APPLICATIONS}):
    account = an_account(f"40000000{{number:02d}}")
    RegisteredMethod.objects.create(account=account, kind="totp", name="App", is_default=True, last_signin_at=timezone.now())
    submit(account, actor=account, text_version=TEXT_VERSION)
"""


@pytest.fixture(scope="module")
def fragile() -> Iterator[Site]:
    with running_site(MFA_PROPAGATION_MINUTES=str(MINUTES), MFA_DELIVERY_LEASE_SECONDS="3") as site:
        yield site


def rows(site: Site, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{site.folder / 'mfaadmin.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(query).fetchall()


def apply_for_all(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", APPLY]
    known = environment(site.folder, port, MFA_PROPAGATION_MINUTES=str(MINUTES), MFA_VALKEY_SOCKET=str(valkey_socket(site)))
    subprocess.run(command, check=True, cwd=ROOT, env=known, capture_output=True)


def valkey_socket(site: Site) -> Path:
    """Nothing listens there from this process: the broker is down when the applications are made, and it must not matter."""
    return site.folder / "nobody-listens.sock"


def mortals(site: Site) -> list[psutil.Process]:
    """Web, workers, beat and Valkey, with the processes of their own."""
    return psutil.Process(site.process.pid).children(recursive=True)


def kill_somebody(site: Site, chance: random.Random) -> None:
    victims = mortals(site)
    if victims:
        victim = chance.choice(victims)
        with suppress(ProcessLookupError):
            os.kill(victim.pid, 9)


def in_effect(site: Site) -> bool | None:
    [(count,)] = rows(site, "SELECT count(*) FROM policies_application WHERE state = 'in-effect'")
    return True if count == APPLICATIONS else None


@pytest.mark.covers("S-91", "S-144")
def test_nothing_is_lost_early_or_twice_when_processes_are_killed(fragile: Site) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    apply_for_all(fragile)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.3, 2.5))
        kill_somebody(fragile, chance)
    eventually(f"all applications in effect (seed {seed})", lambda: in_effect(fragile), 120)
    told = rows(fragile, "SELECT system_id, account, state, outcome, first_at FROM demo_notice")
    due = due_times(fragile)
    assert sorted(row[:2] for row in told) == sorted(due), "lost or twice"
    assert {row[2:4] for row in told} == {("on", "applied")}
    early = [row for row in told if moment(row[4]) < due[row[:2]] - timedelta(milliseconds=5)]
    assert not early
    asked = rows(fragile, "SELECT count(*) FROM accounts_account WHERE mfa_asked_here AND common_id LIKE '4%'")
    assert asked == [(APPLICATIONS,)]


def due_times(site: Site) -> dict[tuple[object, ...], datetime]:
    """When each sample system was to be told of each account."""
    query = """SELECT s.code, a.common_id, d.due_at FROM policies_delivery d JOIN accounts_account a ON a.id = d.account_id
        JOIN policies_connectedsystem s ON s.id = d.system_id WHERE s.connector = 'webhook'"""
    return {(system, account): moment(due_at) for system, account, due_at in rows(site, query)}


def moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
