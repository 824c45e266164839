"""Mistakes in the settings of a directory are told as such, and not as a directory that is slow."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from ldap3 import Connection
from pytest_django import Settings

from policies.connectors.base import Change, Configuration, Failure, Transient
from policies.connectors.ldap import LdapConnector
from policies.connectors.sentences import sentence
from policies.models import ConnectedSystem
from tests.harness.directory import Slapd
from tests.policies.connected import a_directory
from tests.policies.ldap_mischief import Mischief, Mood, ber, message, mischief_running

pytestmark = pytest.mark.django_db

EXTENDED = 0x78  # kind of an answer
CHANGE = Change(account="1000000001", state="on", revision=1, key="1000000001-1")


def told(system: ConnectedSystem) -> Failure:
    """Why nothing can be told."""
    with pytest.raises(Failure) as failure:
        list(LdapConnector(system).apply([CHANGE]))
    return failure.value


def tried(system: ConnectedSystem) -> Failure:
    """Why the connection does not work."""
    with pytest.raises(Failure) as failure:
        LdapConnector(system).try_connection()
    return failure.value


def meant(failure: Failure) -> tuple[type[Failure], str]:
    return type(failure), failure.why


@pytest.mark.parametrize("mistake", ["(objectClass=person", "objectClass=person", "(a=b))(|(c=d)"])
def test_a_filter_that_cannot_be_read_stops_the_system(slapd: Slapd, settings: Settings, mistake: str) -> None:
    slapd.add("1000000001")
    system = a_directory(slapd, settings, account_filter=mistake)
    assert meant(told(system)) == meant(tried(system)) == (Configuration, "the filter cannot be read")


def test_a_connection_is_tried_with_the_filter_of_the_changes_and_the_name_of_nobody(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    search = Connection.search
    monkeypatch.setattr(
        Connection, "search", lambda self, base, query, *how, **more: asked.append(query) or search(self, base, query, *how, **more)
    )
    LdapConnector(a_directory(slapd, settings, account_filter="(objectClass=person)")).try_connection()
    assert asked[-1] == "(&(objectClass=person)(|(uid=-)))"


@pytest.mark.parametrize("option", ["account_attribute", "state_attribute", "member_attribute"])
def test_an_attribute_that_the_directory_does_not_know_is_noticed_before_the_first_change(
    slapd: Slapd, settings: Settings, option: str
) -> None:
    options = {"group_dn": slapd.group("users", member="cn=nobody,dc=example"), option: "mfaUsse"}
    assert meant(tried(a_directory(slapd, settings, **options))) == (Configuration, "the directory does not know the attribute")


def refuses_tls(code: int) -> Mood:
    """StartTLS is answered with this code."""

    def mood(mischief: Mischief, line: socket.socket, number: bytes) -> None:
        line.sendall(message(number, ber(EXTENDED, ber(0x0A, bytes([code])), ber(0x04), ber(0x04))))

    return mood


@pytest.mark.parametrize(("code", "kind"), [(2, Configuration), (53, Configuration), (52, Transient)])
def test_a_directory_without_starttls_is_said_to_be_one(
    slapd: Slapd, settings: Settings, tmp_path: Path, code: int, kind: type[Failure]
) -> None:
    with mischief_running(tmp_path, "StartTLS", refuses_tls(code)) as mischief:
        system = a_directory(slapd, settings)
        system.address = mischief.address
        failure = told(system)
    assert isinstance(failure, kind)
    with override("en"):
        assert sentence(failure.why).startswith("The directory does not offer StartTLS")


def hangs_up(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """Before TLS has come about."""


@pytest.mark.parametrize("when", ["refused", "hello"])
def test_before_anybody_has_signed_in_nothing_was_said(slapd: Slapd, settings: Settings, tmp_path: Path, when: str) -> None:
    system = a_directory(slapd, settings)
    with mischief_running(tmp_path, when, hangs_up) as mischief:
        system.address = "ldap://127.0.0.1:1" if when == "refused" else mischief.address
        failure = told(system)
    assert isinstance(failure, Transient)
    assert failure.why.startswith("no connection: ")
    assert not failure.maybe_applied


def answers(monkeypatch: pytest.MonkeyPatch, operation: str, code: int) -> None:
    """The directory ends each operation of this kind with this code."""

    def answered(connection: Connection, *_what: Any, **_how: Any) -> None:
        connection.result, connection.response = {"result": code}, []

    monkeypatch.setattr(Connection, operation, answered)


@pytest.mark.parametrize("operation", ["bind", "search", "compare"])
@pytest.mark.parametrize(("code", "kind"), [(71, Configuration), (18, Configuration), (51, Transient)])
def test_where_no_account_is_meant_a_refusal_is_about_the_settings(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch, operation: str, code: int, kind: type[Failure]
) -> None:
    slapd.add("1000000001")
    system = a_directory(slapd, settings, group_dn=slapd.group("users", member="cn=nobody,dc=example"))
    answers(monkeypatch, operation, code)
    assert meant(told(system)) == (kind, f"LDAP result {code}")


def test_an_account_to_sign_in_with_that_is_locked_stops_the_system(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = a_directory(slapd, settings)
    answers(monkeypatch, "bind", 19)
    assert meant(told(system)) == meant(tried(system)) == (Configuration, "the account that signs in is locked")
