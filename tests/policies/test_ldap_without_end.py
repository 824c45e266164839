"""An answer of a directory that has no end is given up."""

from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from ldap3 import SUBTREE
from pytest_django import Settings

from policies.connectors import outgoing
from policies.connectors.base import Transient
from policies.connectors.budget import Budget
from policies.connectors.directory import Directory
from tests.policies.ldap_mischief import (
    MOST_BYTES,
    Mischief,
    Mood,
    drips_a_handshake,
    drips_bytes,
    drips_entries,
    floods_with_bytes,
    floods_with_entries,
    mischief_running,
)

SOON = 8  # seconds, less than the directory goes on for


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1"]


def search(mischief: Mischief, budget: Budget) -> None:
    """Sign in and search."""
    trusted = mischief.authority.certificate
    directory = Directory(mischief.address, bind_dn="cn=mfa", password="word", start_tls=True, certificates=trusted, budget=budget)
    with closing(directory):
        directory.search("dc=example", "(uid=1)", SUBTREE, ["uid"])


def why(mischief: Mischief, budget: Budget | None = None) -> str:
    """Why that does not go well."""
    with pytest.raises(Transient) as failure:
        search(mischief, budget or Budget())
    assert failure.value.maybe_applied
    return failure.value.why


DRIPPING: list[tuple[str, Mood]] = [
    ("hello", drips_a_handshake),
    ("StartTLS", drips_bytes),
    ("search", drips_bytes),
    ("search", drips_entries),
]


@pytest.mark.parametrize(("when", "mood"), DRIPPING)
def test_a_directory_that_drips_is_given_up_in_bounded_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, mood: Mood) -> None:
    monkeypatch.setattr(outgoing, "EXCHANGE_SECONDS", 1)
    with mischief_running(tmp_path, when, mood) as mischief:
        began = monotonic()
        assert why(mischief).startswith("no answer")
        assert monotonic() - began < SOON


def test_a_directory_that_drips_is_given_up_when_the_portion_has_no_time_left(tmp_path: Path, settings: Settings) -> None:
    settings.MFA_DELIVERY_LEASE_SECONDS = 6
    budget = Budget()
    with mischief_running(tmp_path, "search", drips_entries) as mischief:
        budget.start()
        budget.over -= 1.5
        began = monotonic()
        assert why(mischief, budget).startswith("no answer")
        assert monotonic() - began < SOON


@pytest.mark.parametrize(
    ("when", "mood"), [("StartTLS", floods_with_bytes), ("search", floods_with_bytes), ("search", floods_with_entries)]
)
def test_no_more_is_read_than_any_answer_takes(tmp_path: Path, when: str, mood: Mood) -> None:
    with mischief_running(tmp_path, when, mood) as mischief:
        assert why(mischief) == "no answer: the answer is too long"
    assert 0 < mischief.sent < MOST_BYTES
