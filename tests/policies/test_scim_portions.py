"""How much a SCIM service takes at once, in a filter and in a bulk request, is found out; nobody is unknown for it, and nothing stops."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from pytest_django import Settings

from policies.connectors.base import Change
from policies.connectors.scim import ScimConnector
from policies.connectors.scim_service import NotTaken
from tests.policies.connected import a_scim_service
from tests.policies.scim_server import Application, ScimServer, compares_several, filter_of, says, scim_running

pytestmark = pytest.mark.django_db
NAMES = [f"10000000{number:02}" for number in range(26)]
UNKNOWN = "the account is not known there"


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def failures(connector: ScimConnector, names: list[str]) -> list[str | None]:
    return [answer.failure and answer.failure.why for answer in connector.apply([*map(change, names)])]


def takes_the_first(server: ScimServer) -> Application:
    """Of several comparisons the service reads one."""
    own = server.application

    def answer(environ: dict[str, Any], start: Any) -> Any:
        return own(environ | {"QUERY_STRING": urlencode({"filter": filter_of(environ).partition(" or ")[0]})}, start)

    return answer


def several(server: ScimServer) -> int:
    """How often it was asked for several at once."""
    return sum(" or " in parse_qs(query).get("filter", [""])[0] for _method, _path, query in server.requests if isinstance(query, str))


ONE_ALONE = {
    "refuses": lambda server: says("400 Bad Request", {"scimType": "invalidFilter"}),
    "finds nobody": lambda server: says("200 OK", {"totalResults": 0, "Resources": []}),
    "reads the first": takes_the_first,
}


@pytest.mark.parametrize("mood", ONE_ALONE)
def test_a_service_that_takes_one_comparison_in_a_filter_is_asked_for_one_user_at_a_time(
    server: ScimServer, settings: Settings, mood: str
) -> None:
    users = [server.add_user(name) for name in NAMES]
    server.gives(ONE_ALONE[mood](server), compares_several)
    connector = ScimConnector(a_scim_service(server, settings))
    connector.try_connection()
    assert failures(connector, [*NAMES[:3], "9999999999", *NAMES[3:]]) == [None, None, None, UNKNOWN, *[None] * 23]
    assert {server.required(user) for user in users} == {True}
    assert several(server) <= 2, "by trying, and for the second portion at the latest"
    assert connector.read(["9999999999", *NAMES]) == dict.fromkeys(NAMES, "on")
    assert several(server) <= 2


def test_a_service_that_takes_several_is_asked_alone_only_for_who_was_not_found(server: ScimServer, settings: Settings) -> None:
    for name in NAMES:
        server.add_user(name)
    connector = ScimConnector(a_scim_service(server, settings))
    assert connector.read([*NAMES[:9], "9999999999", *NAMES[9:]]) == dict.fromkeys(NAMES, "off")
    assert (several(server), len(server.requests)) == (2, 3)


def test_a_filter_that_is_refused_even_for_one_stops_the_system(server: ScimServer, settings: Settings) -> None:
    server.gives(says("400 Bad Request"), lambda environ: bool(filter_of(environ)))
    with pytest.raises(NotTaken, match="HTTP 400"):
        ScimConnector(a_scim_service(server, settings)).read(NAMES[:4])
    assert len(server.requests) == 2


def asks_what_it_can(environ: dict[str, Any]) -> bool:
    return bool(environ["PATH_INFO"].endswith("/ServiceProviderConfig"))


def limited(server: ScimServer, **limits: int) -> None:
    """The service says how much a bulk request may hold, and refuses what holds more (RFC 7644 3.7.4)."""
    server.gives(says("200 OK", {"patch": {"supported": True}, "bulk": {"supported": True, **limits}}), asks_what_it_can)


def refuses_more_than(server: ScimServer, operations: int) -> None:
    def is_more(environ: dict[str, Any]) -> bool:
        is_bulk = environ["PATH_INFO"].endswith("/Bulk")
        return is_bulk and len(json.loads(environ["wsgi.input"].getvalue())["Operations"]) > operations

    server.gives(says("413 Too Large"), is_more)


def bulks(server: ScimServer) -> list[int]:
    """How many operations each bulk request held."""
    return [len(body["Operations"]) for _method, path, body in server.requests if path.endswith("/Bulk")]


@pytest.mark.parametrize("limits", [{"maxOperations": 3}, {"maxPayloadSize": 1000}, {"maxOperations": 3, "maxPayloadSize": 0}])
def test_a_bulk_request_holds_no_more_than_the_service_says(server: ScimServer, settings: Settings, limits: dict[str, int]) -> None:
    users = [server.add_user(name) for name in NAMES]
    limited(server, **limits)
    refuses_more_than(server, 3)
    connector = ScimConnector(a_scim_service(server, settings, bulk=True))
    assert failures(connector, NAMES) == [None] * 26
    assert {server.required(user) for user in users} == {True}
    assert max(bulks(server)) <= 3
    assert sum(bulks(server)) == 26
    assert [path for _method, path, _body in server.requests].count("/v2/ServiceProviderConfig") == 1


def test_a_bulk_request_that_is_too_large_is_sent_in_halves_from_then_on(server: ScimServer, settings: Settings) -> None:
    users = [server.add_user(name) for name in NAMES]
    refuses_more_than(server, 3)
    connector = ScimConnector(a_scim_service(server, settings, bulk=True))
    assert failures(connector, NAMES) == [None] * 26
    assert {server.required(user) for user in users} == {True}
    assert [held for held in bulks(server) if held > 3] == [4]


@pytest.mark.parametrize("config", ["404 Not Found", "200 OK"])
def test_where_even_one_is_too_many_there_are_no_bulk_requests(server: ScimServer, settings: Settings, config: str) -> None:
    users = [server.add_user(name) for name in NAMES[:6]]
    refuses_more_than(server, 0)
    server.gives(says(config), asks_what_it_can)
    connector = ScimConnector(a_scim_service(server, settings, bulk=True))
    assert failures(connector, NAMES[:6]) == [None] * 6
    assert {server.required(user) for user in users} == {True}
    assert bulks(server) == [1]
