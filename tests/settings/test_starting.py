"""What is started without a word about settings is a deployment, and starts whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.deployment import REQUIRED, bare, demo, production
from tools.messages import ROOT

WEB = ("-c", "import mfaadmin.wsgi")
ASYNCHRONOUS_WEB = ("-c", "import mfaadmin.asgi")
WORKER = ("-m", "celery", "--app", "mfaadmin", "worker", "--pool", "solo")
BEAT = ("-m", "celery", "--app", "mfaadmin", "beat", "--pidfile", "")


def start(*command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Whatever it does within a minute; one that goes on is an error."""
    python = [sys.executable, *command]
    return subprocess.run(python, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60)


everything = pytest.mark.parametrize("command", [WEB, ASYNCHRONOUS_WEB, WORKER, BEAT], ids=["web", "asgi", "worker", "beat"])


@everything
def test_without_settings_nothing_starts_and_no_demo_is_made(command: tuple[str, ...], tmp_path: Path) -> None:
    done = start(*command, environment=bare(MFA_DATA_DIR=str(tmp_path / "data")))
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_demo_does_not_take_the_place_of_a_deployment(tmp_path: Path) -> None:
    """Whoever forgets to name the settings at the command line would otherwise work on another database."""
    done = start("manage.py", "migrate", environment=bare(MFA_DATA_DIR=str(tmp_path / "data"), **REQUIRED))
    assert done.returncode != 0
    assert "DJANGO_SETTINGS_MODULE=mfaadmin.settings.production" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_keys_are_made_one_after_the_other_before_there_is_a_deployment(tmp_path: Path) -> None:
    done = start("manage.py", "make_seal_key", environment=demo(str(tmp_path), MFA_KEYS=REQUIRED["MFA_KEYS"]))
    assert done.returncode == 0, done.stderr
    assert "MFA_SEAL_KEY=" in done.stdout


@everything
def test_a_key_that_cannot_be_read_stops_every_process(command: tuple[str, ...]) -> None:
    """R-191: not a site that lives and lets nobody in."""
    done = start(*command, environment=production(MFA_KEYS="2026a:short"))
    assert done.returncode != 0
    assert "The settings cannot work.\n  - MFA_KEYS must be name:base64-of-32-bytes" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MFA_PUBLIC_URL", "http://mfa.example.ac.jp", "MFA_PUBLIC_URL must be an https address"),
        ("DATABASE_URL", "sqlite:////nowhere/mfa.sqlite3", "the database default is not PostgreSQL"),
    ],
)
def test_what_a_deployment_must_not_have_stops_its_start(name: str, value: str, said: str) -> None:
    done = start(*WEB, environment=production(**{name: value}))
    assert done.returncode != 0
    assert said in done.stderr


def test_a_database_that_is_down_keeps_no_web_process_from_starting() -> None:
    done = start(*WEB, environment=production(DATABASE_URL="postgres://mfa:secret@127.0.0.1:1/mfa"))
    assert done.returncode == 0, done.stderr
