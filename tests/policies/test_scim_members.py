"""A SCIM service that does not say who is in a group is found out before anything it says of members is believed."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from pytest_django import Settings

from policies.connectors.base import Change, Configuration
from policies.connectors.scim import ScimConnector
from policies.connectors.scim_service import _nobody
from policies.models import ConnectedSystem
from tests.policies.connected import a_scim_service
from tests.policies.scim_server import ScimServer, scim_running

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


@pytest.mark.parametrize("group", ["7", "5b1f6a0e-8f0e-4a57-9b80-6f0d5c1f0d3b"])
def test_nobody_has_an_id_of_the_kind_that_the_service_gives(group: str) -> None:
    found = {_nobody(group) for _time in range(20)}
    assert len(found) > 15
    assert {one.isdecimal() for one in found} == {group.isdecimal()}
