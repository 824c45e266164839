"""A SCIM service that does not say who is in a group is found out before anything it says of members is believed."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from pytest_django import Settings

from policies.connectors import scim_group
from policies.connectors.base import Change, Configuration, Permanent
from policies.connectors.scim import ScimConnector
from policies.connectors.scim_group import _nobody
from policies.models import ConnectedSystem
from tests.policies.connected import a_scim_service
from tests.policies.scim_server import ScimServer, filter_of, says, scim_running

pytestmark = pytest.mark.django_db
NAMES = [f"10000000{number:02}" for number in range(4)]


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


@pytest.fixture
def group(server: ScimServer) -> str:
    return server.add_group("MFA")


@pytest.fixture
def system(server: ScimServer, group: str, settings: Settings) -> ConnectedSystem:
    return a_scim_service(server, settings, state_attribute="", group_id=group)


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def reads_filters_as(server: ScimServer, asked: str) -> None:
    """Whatever filter of groups it is given, the service takes this one; empty: none."""
    own = server.application

    def deaf(environ: dict[str, Any], start: Any) -> Any:
        query = urlencode({"filter": asked} if asked else {})
        return own(environ | ({"QUERY_STRING": query} if environ["PATH_INFO"].endswith("/Groups") else {}), start)

    server.application = deaf


@pytest.mark.parametrize(("others", "asked"), [([], ""), (["Another"], ""), ([], 'id eq "{group}"'), (["Another"], 'id eq "{others[0]}"')])
def test_nobody_is_confirmed_whom_nobody_has_added(
    server: ScimServer, group: str, system: ConnectedSystem, others: list[str], asked: str
) -> None:
    server.add_user(NAMES[0])
    reads_filters_as(server, asked.format(group=group, others=[server.add_group(name) for name in others]))
    for attempt in (ScimConnector(system).try_connection, lambda: list(ScimConnector(system).apply([change(NAMES[0])]))):
        with pytest.raises(Configuration, match="the service ignores the filter of members"):
            attempt()
    assert "PATCH" not in {method for method, _path, _query in server.requests}


def test_nobody_counts_as_removed_who_is_still_in_the_group(server: ScimServer, group: str, system: ConnectedSystem) -> None:
    user = server.add_user(NAMES[0])
    assert [answer.failure for answer in ScimConnector(system).apply([change(NAMES[0])])] == [None]
    reads_filters_as(server, f'id eq "{server.add_group("Another")}"')
    with pytest.raises(Configuration, match="the service ignores the filter of members"):
        list(ScimConnector(system).apply([change(NAMES[0], "off", 2)]))
    assert server.members(group) == [user]


def asked_of_nobody(server: ScimServer, users: list[str]) -> int:
    """How often membership was asked for of an id that no user has."""
    queries = [query for _method, path, query in server.requests if path.endswith("/Groups")]
    filters = [parse_qs(query)["filter"][0] for query in queries]
    return sum(not any(json.dumps(user) in one for user in users) for one in filters)


def test_the_question_is_put_once_to_a_service_that_minds_the_filter(server: ScimServer, group: str, system: ConnectedSystem) -> None:
    users, connector = [server.add_user(name) for name in NAMES], ScimConnector(system)
    assert connector.read(NAMES) == dict.fromkeys(NAMES, "off")
    assert asked_of_nobody(server, users) == 0
    assert [answer.failure for answer in connector.apply([*map(change, NAMES)])] == [None] * 4
    assert connector.read(NAMES) == dict.fromkeys(NAMES, "on")
    assert asked_of_nobody(server, users) == 1
    ScimConnector(system).try_connection()
    assert asked_of_nobody(server, users) == 2
    assert server.members(group) == users


def names_nobody(server: ScimServer) -> None:
    """The service takes every filter of members and finds nobody by it."""
    server.gives(says("200 OK", {"totalResults": 0, "Resources": []}), lambda environ: "members.value" in filter_of(environ))


def refuses_changes(server: ScimServer, said: Any) -> None:
    server.gives(says("400 Bad Request", said), lambda environ: environ["REQUEST_METHOD"] == "PATCH")


def patches(server: ScimServer) -> int:
    return [method for method, _path, _body in server.requests].count("PATCH")


def join(server: ScimServer, group: str, *users: str) -> None:
    members = [{"op": "add", "path": "members", "value": [{"value": user} for user in users]}]
    server.call("PATCH", f"/Groups/{group}", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": members})


def test_who_is_said_to_be_no_member_is_removed_all_the_same(server: ScimServer, group: str, system: ConnectedSystem) -> None:
    """A service that finds nobody by its filter would otherwise confirm it unsent."""
    join(server, group, *[server.add_user(name) for name in NAMES[:2]])
    names_nobody(server)
    assert [answer.failure for answer in ScimConnector(system).apply([change(name, "off") for name in NAMES[:2]])] == [None] * 2
    assert server.members(group) == []


def test_it_is_removed_once_its_attribute_is_as_it_should_be(server: ScimServer, group: str, settings: Settings) -> None:
    system = a_scim_service(server, settings, group_id=group)
    join(server, group, server.add_user(NAMES[0]))
    names_nobody(server)
    assert [answer.failure for answer in ScimConnector(system).apply([change(NAMES[0], "off")])] == [None]
    assert server.members(group) == []


@pytest.mark.parametrize("said", [{"scimType": "invalidPath"}, {}, "no"])
def test_a_removal_that_is_refused_confirms_nothing(server: ScimServer, group: str, system: ConnectedSystem, said: Any) -> None:
    join(server, group, user := server.add_user(NAMES[0]))
    names_nobody(server)
    refuses_changes(server, said)
    [answer] = ScimConnector(system).apply([change(NAMES[0], "off")])
    assert isinstance(answer.failure, Permanent)
    assert server.members(group) == [user]


def test_a_service_that_says_that_there_is_nobody_to_remove_has_removed_them(server: ScimServer, system: ConnectedSystem) -> None:
    server.add_user(NAMES[0])
    refuses_changes(server, {"scimType": "noTarget"})
    assert [answer.failure for answer in ScimConnector(system).apply([change(NAMES[0], "off")])] == [None]
    [failed] = ScimConnector(system).apply([change(NAMES[0])])
    assert isinstance(failed.failure, Permanent)


def test_a_service_that_has_named_a_member_is_believed_that_another_is_none(
    server: ScimServer, group: str, system: ConnectedSystem
) -> None:
    users = [server.add_user(name) for name in NAMES[:2]]
    join(server, group, users[0])
    connector = ScimConnector(system)
    connector.read([NAMES[0]])
    assert [answer.failure for answer in connector.apply([change(NAMES[1], "off")])] == [None]
    assert patches(server) == 0
    assert [answer.failure for answer in ScimConnector(system).apply([change(NAMES[1], "off")])] == [None]
    assert patches(server) == 1


def test_a_group_of_groups_says_nothing_of_users(server: ScimServer, group: str, system: ConnectedSystem) -> None:
    listed = {"id": group, "members": [{"value": "7", "type": "Group"}, {"display": "Somebody"}]}
    server.gives(says("200 OK", listed), lambda environ: environ["PATH_INFO"].endswith(group))
    names_nobody(server)
    ScimConnector(system).try_connection()


def test_a_service_that_names_no_member_is_found_by_trying_the_connection(server: ScimServer, group: str, system: ConnectedSystem) -> None:
    names_nobody(server)
    ScimConnector(system).try_connection()  # of an empty group nothing is known
    join(server, group, *[server.add_user(name) for name in NAMES])
    with pytest.raises(Configuration, match="the service ignores the filter of members"):
        ScimConnector(system).try_connection()
    assert patches(server) == 0


@pytest.mark.parametrize("longest", [scim_group.SHORT, 50])
def test_a_group_too_large_to_be_read_is_not_read_to_try_the_connection(
    server: ScimServer, group: str, system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(scim_group, "SHORT", longest)
    join(server, group, *[server.add_user(name) for name in NAMES])
    if longest == 50:
        names_nobody(server)
    ScimConnector(system).try_connection()
    assert [query for _method, path, query in server.requests if path.endswith(group)][-1] == "attributes=members&startIndex=1&count=3"


@pytest.mark.parametrize("group", ["7", "5b1f6a0e-8f0e-4a57-9b80-6f0d5c1f0d3b"])
def test_nobody_has_an_id_of_the_kind_that_the_service_gives(group: str) -> None:
    found = {_nobody(group) for _time in range(20)}
    assert len(found) > 15
    assert {one.isdecimal() for one in found} == {group.isdecimal()}
