"""Membership of a group in LDAP: only what differs is written, and no answer of Active Directory is misread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ldap3 import MODIFY_ADD
from pytest_django import Settings

from policies.connectors.base import Answer, Change, Transient
from policies.connectors.directory import Directory
from policies.connectors.ldap import LdapConnector
from policies.models import ConnectedSystem
from tests.harness.directory import Slapd
from tests.policies.connected import a_directory

pytestmark = pytest.mark.django_db

NOBODY = "cn=nobody,dc=example"
IS_MEMBER, IS_NONE = 68, 53  # how Active Directory answers an add of a member, and a delete of who is none


def change(account: str, state: str = "on") -> Change:
    return Change(account=account, state=state, revision=1, key=f"{account}-{state}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(LdapConnector(system).apply(changes))


def outcomes(system: ConnectedSystem, *changes: Change) -> list[Any]:
    return [answer.failure and answer.failure.why for answer in tell(system, *changes)]


@pytest.fixture
def group(slapd: Slapd) -> str:
    """The group of who uses MFA; two accounts are in it, three are not."""
    people = [slapd.add(f"100000000{number}") for number in range(5)]
    return slapd.group("users", member=[NOBODY, *people[:2]])


@pytest.fixture
def system(slapd: Slapd, settings: Settings, group: str) -> ConnectedSystem:
    return a_directory(slapd, settings, state_attribute="", group_dn=group)


def members(slapd: Slapd, group: str) -> set[str]:
    return {dn.partition(",")[0].removeprefix("uid=") for dn in slapd.values(group, "member") if dn != NOBODY}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The requests that are made of the directory, by kind."""
    asked: list[str] = []
    with monkeypatch.context() as patch:
        for kind in ("_search", "_compare", "modify"):
            real = getattr(Directory, kind)
            patch.setattr(Directory, kind, lambda *how, kind=kind, real=real: asked.append(kind.strip("_")) or real(*how))
        yield asked


def test_what_is_so_already_is_not_written_again(
    slapd: Slapd, system: ConnectedSystem, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(monkeypatch) as asked:
        assert outcomes(system, change("1000000000"), change("1000000002", "off"), change("1000000003")) == [None] * 3
    assert asked.count("modify") == 1
    assert members(slapd, group) == {"1000000000", "1000000001", "1000000003"}


def test_a_portion_of_which_all_differ_costs_one_request_more_and_not_one_for_each(
    slapd: Slapd, system: ConnectedSystem, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [change(f"100000000{number}") for number in range(2, 5)]
    with counted(monkeypatch) as asked:
        assert outcomes(system, change("1000000000", "off"), *people) == [None] * 4
    assert (asked.count("search"), asked.count("modify"), asked.count("compare")) == (3, 4, 4)
    assert members(slapd, group) == {"1000000001", "1000000002", "1000000003", "1000000004"}


def test_a_group_that_may_be_written_to_and_not_searched_is_asked_about_each(
    slapd: Slapd, system: ConnectedSystem, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Directory._search
    monkeypatch.setattr(Directory, "_search", lambda self, base, *how: (50, []) if base == group else search(self, base, *how))
    assert outcomes(system, change("1000000000"), change("1000000001", "off"), change("1000000002")) == [None] * 3
    assert members(slapd, group) == {"1000000000", "1000000002"}


def active_directory(slapd: Slapd, monkeypatch: pytest.MonkeyPatch, *, meanwhile: bool = False) -> None:
    """Answers as Active Directory does; `meanwhile`: somebody else makes each change just before."""
    modify = Directory.modify

    def judged(directory: Directory, dn: str, changes: dict[str, Any]) -> int:
        [(how, [member])] = changes["member"]
        if meanwhile:
            modify(directory, dn, changes)
        if (member in slapd.values(dn, "member")) is (how == MODIFY_ADD):
            return IS_MEMBER if how == MODIFY_ADD else IS_NONE
        return modify(directory, dn, changes)

    monkeypatch.setattr(Directory, "modify", judged)


@pytest.mark.parametrize("meanwhile", [False, True])
@pytest.mark.parametrize("portion", [["on"], ["off"], ["on", "off"]])
def test_active_directory_confirms_what_is_so_already_and_what_comes_about_meanwhile(
    slapd: Slapd, system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, portion: list[str], *, meanwhile: bool
) -> None:
    """As when the answer to the change before was lost."""
    active_directory(slapd, monkeypatch, meanwhile=meanwhile)
    for _time in range(2):
        told = [change(f"100000000{number}", state) for state in portion for number in range(5)]
        assert outcomes(system, *told) == [None] * len(told)


def test_unwilling_while_the_account_is_still_a_member_is_tried_again(
    slapd: Slapd, system: ConnectedSystem, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Directory, "modify", lambda *_what: IS_NONE)
    for told in (change("1000000000", "off"), change("1000000002")):
        with pytest.raises(Transient, match="LDAP result 53"):
            tell(system, told)
    assert members(slapd, group) == {"1000000000", "1000000001"}


@pytest.mark.parametrize("code", [16, 20, IS_MEMBER])
def test_that_it_is_so_already_is_never_believed_without_reading_it_back(
    system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(Directory, "modify", lambda *_what: code)
    assert outcomes(system, change("1000000000", "off"), change("1000000002")) == ["another state was read back"] * 2
