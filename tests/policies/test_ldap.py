"""The LDAP connector against a real directory."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors.base import Answer, Change, Configuration, Permanent, Transient
from policies.connectors.directory import Directory, failure_of
from policies.connectors.ldap import LdapConnector
from policies.models import ConnectedSystem
from tests.harness.directory import PEOPLE, READER, READER_WORD, Slapd
from tests.policies.certificates import Authority
from tests.policies.connected import a_directory
from vault.fields import seal

pytestmark = pytest.mark.django_db


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(LdapConnector(system).apply(changes))


def failures(system: ConnectedSystem, *changes: Change) -> list[Any]:
    return [answer.failure and answer.failure.why for answer in tell(system, *changes)]


def read(system: ConnectedSystem, *accounts: str) -> dict[str, str]:
    connector = LdapConnector(system)
    try:
        return connector.read(accounts)
    finally:
        connector.close()


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("encrypted", ["StartTLS", "LDAPS"])
def test_the_attribute_is_set_and_removed_over_tls(slapd: Slapd, settings: Settings, encrypted: str) -> None:
    dn, system = slapd.add("1000000001"), a_directory(slapd, settings)
    system.address = slapd.address if encrypted == "StartTLS" else slapd.tls_address
    assert failures(system, change("1000000001")) == [None]
    assert slapd.values(dn, "mfaUse") == ["TRUE"]
    assert failures(system, change("1000000001", "off", 2)) == [None]
    assert slapd.values(dn, "mfaUse") == []


@pytest.mark.skipif(shutil.which("ldapsearch") is None, reason="ldap-utils is not installed")
def test_a_client_that_is_not_ours_reads_what_was_written(slapd: Slapd, settings: Settings) -> None:
    dn, group = slapd.add("1000000001"), slapd.group("users", member="cn=nobody,dc=example")
    system = a_directory(slapd, settings, group_dn=group, member_attribute="member")
    assert failures(system, change("1000000001")) == [None]
    assert "mfaUse: TRUE" in slapd.ldapsearch(dn)
    assert f"member: {dn}" in slapd.ldapsearch(group)
    assert failures(system, change("1000000001", "off", 2)) == [None]
    assert "mfaUse: TRUE" not in slapd.ldapsearch(dn)
    assert f"member: {dn}" not in slapd.ldapsearch(group)


def test_an_off_value_is_written_where_one_is_wanted(slapd: Slapd, settings: Settings) -> None:
    dn, system = slapd.add("1000000001"), a_directory(slapd, settings, on_value="required", off_value="none")
    assert failures(system, change("1000000001")) == [None]
    assert failures(system, change("1000000001", "off", 2)) == [None]
    assert slapd.values(dn, "mfaUse") == ["none"]


GROUPS = {
    "OpenLDAP": ("groupOfNames", "member", False, {"member": "cn=nobody,dc=example"}),
    "389": ("groupOfUniqueNames", "uniqueMember", False, {"uniqueMember": "cn=nobody,dc=example"}),
    "posix": ("posixGroup", "memberUid", True, {"gidNumber": "1"}),
}


@pytest.mark.parametrize("schema", GROUPS)
def test_membership_is_set_and_removed_in_every_schema(slapd: Slapd, settings: Settings, schema: str) -> None:
    kind, attribute, by_account, known = GROUPS[schema]
    dn, group = slapd.add("1000000001"), slapd.group("users", kind, **known)
    options = {"state_attribute": "", "group_dn": group, "member_attribute": attribute, "member_is_account": by_account}
    system = a_directory(slapd, settings, **options)
    member, others = "1000000001" if by_account else dn, list(known.values()) if attribute in known else []
    for _time in range(2):
        assert failures(system, change("1000000001")) == [None]
    assert slapd.values(group, attribute) == [*others, member]
    for _time in range(2):
        assert failures(system, change("1000000001", "off", 2)) == [None]
    assert slapd.values(group, attribute) == others


def test_attribute_and_group_together_are_one_state_or_contradict_each_other(slapd: Slapd, settings: Settings) -> None:
    group = slapd.group("users", member="cn=nobody,dc=example")
    slapd.add("1000000001")
    system = a_directory(slapd, settings, group_dn=group)
    assert read(system, "1000000001") == {"1000000001": "off"}
    assert failures(system, change("1000000001")) == [None]
    assert read(system, "1000000001") == {"1000000001": "on"}
    with slapd.client() as client:
        client.modify(f"uid=1000000001,{PEOPLE}", {"mfaUse": [("MODIFY_DELETE", [])]})
    assert read(system, "1000000001") == {"1000000001": "other"}
    assert failures(system, change("1000000001")) == [None]
    assert read(system, "1000000001") == {"1000000001": "on"}


def test_a_batch_goes_over_one_connection(slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    sign_in = Directory._sign_in
    monkeypatch.setattr(Directory, "_sign_in", lambda self: opened.append("") or sign_in(self))
    people = [f"10000001{number:02}" for number in range(60)]
    for person in people:
        slapd.add(person)
    system = a_directory(slapd, settings)
    assert failures(system, *(change(person) for person in people)) == [None] * 60
    assert set(read(system, *people).values()) == {"on"}
    assert len(opened) == 2


def test_what_stands_in_an_account_is_never_taken_for_a_filter(slapd: Slapd, settings: Settings) -> None:
    dn = slapd.add("1000000001")
    system = a_directory(slapd, settings)
    told = failures(system, change("*"), change("1000000001)(uid=*"), change("(|(uid=*))"), change("\\2a"), change("1000000001\x01"))
    assert set(told) == {"the account is not known there"}
    assert slapd.values(dn, "mfaUse") == []


def test_an_account_with_two_entries_is_for_a_person(slapd: Slapd, settings: Settings) -> None:
    slapd.add("1000000001")
    with slapd.client() as client:
        client.add(f"cn=again,{PEOPLE}", ["inetOrgPerson", "mfaUser"], {"sn": "x", "uid": "1000000001"})
    system = a_directory(slapd, settings)
    [answer] = tell(system, change("1000000001"))
    assert isinstance(answer.failure, Permanent)
    assert read(system, "1000000001") == {}


def test_an_entry_of_somebody_else_is_never_taken_for_the_account(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = slapd.add("1000000002")
    search = Directory.search

    def everybody(directory: Directory, base: str, query: str, scope: str, attributes: Any) -> Any:
        return search(directory, base, "(objectClass=mfaUser)", scope, attributes)

    monkeypatch.setattr(Directory, "search", everybody)
    system = a_directory(slapd, settings)
    assert failures(system, change("1000000001")) == ["the account is not known there"]
    assert slapd.values(other, "mfaUse") == []
    assert read(system, "1000000001") == {}


def test_a_filter_of_the_institution_narrows_who_is_meant(slapd: Slapd, settings: Settings) -> None:
    slapd.add("1000000001", employeeType="guest")
    system = a_directory(slapd, settings, account_filter="(!(employeeType=guest))")
    assert failures(system, change("1000000001")) == ["the account is not known there"]


def test_an_entry_whose_classes_lack_the_attribute_is_for_a_person_and_holds_up_no_other(slapd: Slapd, settings: Settings) -> None:
    with slapd.client() as client:
        client.add(f"uid=1000000001,{PEOPLE}", ["inetOrgPerson"], {"cn": "x", "sn": "x"})
    slapd.add("1000000002")
    told = tell(a_directory(slapd, settings), change("1000000001"), change("1000000002"))
    assert isinstance(told[0].failure, Permanent)
    assert told[1].failure is None


def wrong(system: ConnectedSystem) -> str:
    """Why the system is stopped."""
    with pytest.raises(Configuration) as failure:
        tell(system, change("1000000001"))
    with pytest.raises(Configuration) as tried:
        LdapConnector(system).try_connection()
    assert failure.value.why == tried.value.why
    return failure.value.why


def test_a_wrong_password_stops_the_system(slapd: Slapd, settings: Settings) -> None:
    system = a_directory(slapd, settings, bind_dn=READER)
    assert wrong(system) == "the credentials were refused"


def test_a_reader_may_not_write_and_that_stops_the_system(slapd: Slapd, settings: Settings) -> None:
    slapd.add("1000000001")
    system = a_directory(slapd, settings, bind_dn=READER)
    system = a_directory_with(system, READER_WORD)
    with pytest.raises(Configuration, match="does not allow"):
        tell(system, change("1000000001"))


def a_directory_with(system: ConnectedSystem, word: str) -> ConnectedSystem:
    seal(system, "credentials", word.encode())
    return system


def test_a_certificate_of_another_authority_stops_the_system(slapd: Slapd, settings: Settings, tmp_path: Path) -> None:
    system = a_directory(slapd, settings, certificates=Authority(tmp_path, "Somebody else").certificate)
    for address in (slapd.address, slapd.tls_address):
        system.address = address
        assert wrong(system) == "the certificate is not valid for this address"
    system = a_directory(slapd, settings, certificates="")
    assert wrong(system) == "the certificate is not valid for this address"


def test_a_certificate_for_another_name_stops_the_system(slapd: Slapd, settings: Settings) -> None:
    system = a_directory(slapd, settings)
    settings.MFA_PRIVATE_HOSTS = ["localhost"]
    for address in (slapd.address, slapd.tls_address):
        system.address = address.replace("127.0.0.1", "localhost")
        assert wrong(system) == "the certificate is not valid for this address"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1/", "the address cannot be read"),
        ("ldap://user@127.0.0.1/", "the address cannot be read"),
        ("ldap://127.0.0.1:99999", "the address cannot be read"),
        ("ldaps://127.0.0.2", "the address is not a public one"),
        ("", "the address cannot be read"),
    ],
)
def test_addresses_that_are_not_those_of_an_allowed_directory(slapd: Slapd, settings: Settings, address: str, why: str) -> None:
    system = a_directory(slapd, settings)
    system.address = address
    if address.startswith("ldaps"):
        settings.MFA_PRIVATE_HOSTS = []
    assert wrong(system).startswith(why)


def test_without_tls_not_even_the_password_is_sent(slapd: Slapd, settings: Settings) -> None:
    assert wrong(a_directory(slapd, settings, start_tls=False)) == "the address is not encrypted"


@pytest.mark.parametrize(
    ("options", "why"), [({"base_dn": "dc=nowhere"}, "entry was not found"), ({"group_dn": "cn=x,dc=example"}, "entry was not found")]
)
def test_a_base_or_group_that_is_not_there_stops_the_system(slapd: Slapd, settings: Settings, options: dict[str, str], why: str) -> None:
    slapd.add("1000000001")
    assert why in wrong(a_directory(slapd, settings, **options))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"state_attribute": ""}, "neither an attribute nor a group"),
        ({"off_value": "TRUE"}, "two values"),
        ({"base_dn": ""}, "base_dn"),
    ],
)
def test_settings_that_cannot_be_meant_are_not_tried(slapd: Slapd, settings: Settings, options: dict[str, str], why: str) -> None:
    with pytest.raises(Configuration, match=why):
        LdapConnector(a_directory(slapd, settings, **options))


def test_a_directory_that_is_not_there_is_tried_again(slapd: Slapd, settings: Settings) -> None:
    system = a_directory(slapd, settings)
    system.address = "ldap://127.0.0.1:1"
    with pytest.raises(Transient):
        tell(system, change("1000000001"))


def test_what_is_read_back_counts_and_not_that_the_directory_said_yes(
    slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slapd.add("1000000001")
    monkeypatch.setattr(Directory, "modify", lambda self, dn, changes: 0)
    [answer] = tell(a_directory(slapd, settings), change("1000000001"))
    assert isinstance(answer.failure, Transient)
    assert answer.failure.why == "another state was read back"


@pytest.mark.parametrize(
    ("code", "kind"), [(49, Configuration), (50, Configuration), (10, Configuration), (51, Transient), (65, Permanent), (71, Permanent)]
)
def test_each_result_of_a_directory_has_its_meaning(code: int, kind: type[Exception]) -> None:
    assert isinstance(failure_of(code), kind)
