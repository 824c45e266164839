"""A deployment starts complete or not at all."""

import os
import subprocess
import sys

import pytest

from tools.deployment import REQUIRED, production
from tools.messages import ROOT

REFUSED = "The settings are not complete."


def manage(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def missing(said: str) -> list[str]:
    """The settings named by the last message."""
    lines = said.rpartition(REFUSED)[2].splitlines()
    return [line.split()[1] for line in lines if line.startswith("  - ")]


def test_without_any_setting_one_message_lists_all_that_are_missing() -> None:
    nothing = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "mfaadmin.settings.production"}
    done = manage("check", environment=nothing)
    assert done.returncode != 0
    assert sorted(missing(done.stderr)) == sorted(REQUIRED)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_each_required_setting_is_demanded(name: str) -> None:
    done = manage("check", environment=production(**{name: None}))
    assert done.returncode != 0
    assert missing(done.stderr) == [name]


def test_a_number_that_is_none_is_named() -> None:
    done = manage("check", environment=production(MFA_PROPAGATION_MINUTES="soon"))
    assert done.returncode != 0
    assert missing(done.stderr) == ["MFA_PROPAGATION_MINUTES"]


@pytest.mark.parametrize("keys", ["a:short", "a:", "not base64", "a:AAAA,a:AAAA"])
def test_a_broken_keyring_stops_the_start(keys: str) -> None:
    """R-191: a missing key is a refusal to start, not a secret that is not encrypted."""
    done = manage("check", environment=production(MFA_KEYS=keys))
    assert done.returncode != 0
    assert "vault.E001" in done.stderr


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", environment=production())
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_a_database_address_that_cannot_be_read_is_named() -> None:
    done = manage("check", environment=production(DATABASE_URL="postgres://user:password@host:port/name"))
    assert done.returncode != 0
    assert missing(done.stderr) == ["DATABASE_URL"]
