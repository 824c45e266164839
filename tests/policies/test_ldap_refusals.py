"""What an LDAP directory does not allow: for one entry, or for any."""

from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors.base import Answer, Change, Configuration
from policies.connectors.directory import NOT_ALLOWED, Directory
from policies.connectors.ldap import LdapConnector
from policies.connectors.states import Forbidden
from policies.models import ConnectedSystem
from tests.harness.directory import Slapd
from tests.policies.connected import a_directory

pytestmark = pytest.mark.django_db


def change(account: str) -> Change:
    return Change(account=account, state="on", revision=1, key=f"{account}-1")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(LdapConnector(system).apply(changes))


def protect(monkeypatch: pytest.MonkeyPatch, *accounts: str) -> list[str]:
    """As an ACL of the directory that lets nobody write to these entries; returns what was tried."""
    tried: list[str] = []
    modify = Directory.modify

    def guarded(directory: Directory, dn: str, changes: dict[str, Any]) -> int:
        tried.append(dn)
        return NOT_ALLOWED if any(f"uid={account}," in dn for account in accounts) else modify(directory, dn, changes)

    monkeypatch.setattr(Directory, "modify", guarded)
    return tried


def test_an_entry_that_is_protected_is_for_a_person_and_holds_up_no_other(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"100000000{number}" for number in range(4)]
    dns = [slapd.add(person) for person in people]
    protect(monkeypatch, people[0])
    told = tell(a_directory(slapd, settings), *map(change, people))
    assert [answer.change.account for answer in told] == people
    assert [type(answer.failure) for answer in told] == [Forbidden, *[type(None)] * 3]
    assert [slapd.values(dn, "mfaUse") for dn in dns] == [[], ["TRUE"], ["TRUE"], ["TRUE"]]


@pytest.mark.parametrize("others", [["1000000002"], ["1000000002", "1000000003"]])
def test_a_protected_entry_alone_in_its_portion_is_judged_by_the_next_one(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch, others: list[str]
) -> None:
    for person in ["1000000001", *others]:
        slapd.add(person)
    protect(monkeypatch, "1000000001")
    connector = LdapConnector(a_directory(slapd, settings))
    connector.pace.size = 1
    told = list(connector.apply([change("1000000001"), *map(change, others)]))
    assert [type(answer.failure) for answer in told] == [Forbidden, *[type(None)] * len(others)]


def test_where_no_entry_may_be_written_to_few_are_tried_and_the_system_is_stopped(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"100000000{number}" for number in range(9)]
    for person in people:
        slapd.add(person)
    tried = protect(monkeypatch, *people)
    connector = LdapConnector(a_directory(slapd, settings))
    connector.pace.size = 1
    monkeypatch.setattr(connector.pace, "learn", lambda *_portion: None)
    with pytest.raises(Configuration, match="does not allow"):
        list(connector.apply([*map(change, people)]))
    assert len(tried) == 2


def test_a_protected_entry_by_itself_stops_the_system_since_nothing_shows_that_others_are_not(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slapd.add("1000000001")
    slapd.add("1000000002", mfaUse="TRUE")
    protect(monkeypatch, "1000000001")
    with pytest.raises(Configuration, match="does not allow"):
        tell(a_directory(slapd, settings), change("1000000001"), change("1000000002"))


def test_a_group_that_may_not_be_written_to_stops_the_system(slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    people, group = ["1000000001", "1000000002"], slapd.group("users", member="cn=nobody,dc=example")
    for person in people:
        slapd.add(person)
    monkeypatch.setattr(Directory, "modify", lambda *_what: NOT_ALLOWED)
    system = a_directory(slapd, settings, state_attribute="", group_dn=group)
    with pytest.raises(Configuration, match="does not allow"):
        tell(system, *map(change, people))
