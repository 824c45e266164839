"""The SCIM connector against an independent server."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors import scim_service
from policies.connectors.base import Answer, Change, Configuration, Permanent, Transient
from policies.connectors.scim import ScimConnector
from policies.connectors.states import Forbidden
from policies.models import ConnectedSystem, Delivery
from policies.propagation import release_system
from tests.factories import an_account
from tests.policies.connected import a_scim_service
from tests.policies.deliveries import planned
from tests.policies.scim_server import EXTENSION, ScimServer, scim_running

pytestmark = pytest.mark.django_db
NAMES = [f"10000000{number:02}" for number in range(30)]


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(ScimConnector(system).apply(changes))


def failures(system: ConnectedSystem, *changes: Change) -> list[Any]:
    return [answer.failure and answer.failure.why for answer in tell(system, *changes)]


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("bulk", [False, True])
def test_an_attribute_of_an_extension_is_set_and_unset(server: ScimServer, settings: Settings, *, bulk: bool) -> None:
    users = [server.add_user(name) for name in NAMES]
    system = a_scim_service(server, settings, bulk=bulk)
    assert failures(system, *map(change, NAMES)) == [None] * 30
    assert {server.required(user) for user in users} == {True}
    assert failures(system, change(NAMES[0], "off", 2)) == [None]
    assert server.required(users[0]) is False
    patches = [path for method, path, _ in server.requests if method in {"PATCH", "POST"}]
    assert len(patches) == (5 if bulk else 31), "1, 4, 16 and 9 in bulk, and then one"


def test_nothing_is_written_where_it_is_so_already(server: ScimServer, settings: Settings) -> None:
    server.add_user(NAMES[0], **{EXTENSION: {"mfaRequired": True}})
    assert failures(a_scim_service(server, settings), change(NAMES[0])) == [None]
    assert {method for method, _, _ in server.requests} == {"GET"}


def test_a_list_is_never_taken_for_an_attribute_that_is_not_there(server: ScimServer, settings: Settings) -> None:
    user = server.add_user(NAMES[0], entitlements=[{"value": "mfa"}])
    system = a_scim_service(server, settings, state_attribute="entitlements", on_value="mfa", off_value="")
    assert ScimConnector(system).read([NAMES[0]]) == {NAMES[0]: "other"}
    assert failures(system, change(NAMES[0], "off")) == [None]
    assert not server.call("GET", f"/Users/{user}").get("entitlements")


@pytest.mark.parametrize(("value", "state"), [([], "off"), (None, "off"), ("", "off"), ("mfa", "on"), (["mfa"], "other"), ({}, "other")])
def test_what_an_attribute_holds_is_one_of_the_two_values_or_another(
    server: ScimServer, settings: Settings, value: Any, state: str
) -> None:
    found = {"totalResults": 1, "Resources": [{"id": "7", "userName": NAMES[0], "title": value}]}
    server.instead.append(("200 OK", {}, json.dumps(found).encode()))
    system = a_scim_service(server, settings, state_attribute="title", on_value="mfa", off_value="")
    assert ScimConnector(system).read([NAMES[0]]) == {NAMES[0]: state}


def test_every_page_of_an_answer_is_read(server: ScimServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scim_service, "PAGE", 3)
    for name in NAMES[:8]:
        server.add_user(name)
    assert ScimConnector(a_scim_service(server, settings)).read(NAMES[:8]) == dict.fromkeys(NAMES[:8], "off")
    assert len(server.requests) == 3


def test_a_group_is_joined_and_left_in_one_request_after_the_first(server: ScimServer, settings: Settings) -> None:
    users, group = [server.add_user(name) for name in NAMES[:4]], server.add_group("MFA")
    system = a_scim_service(server, settings, state_attribute="", group_id=group)
    assert failures(system, *map(change, NAMES[:4])) == [None] * 4
    assert server.members(group) == users
    assert failures(system, change(NAMES[0], "off", 2), change(NAMES[1], "off", 2), change(NAMES[2])) == [None] * 3
    assert server.members(group) == users[2:]
    assert [method for method, _, _ in server.requests].count("PATCH") == 4


def test_somebody_elses_change_in_between_is_not_overwritten_unseen(server: ScimServer, settings: Settings) -> None:
    user = server.add_user(NAMES[0])
    rename = {"schemas": [scim_service.PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "New"}]}
    for bulk in (False, True):
        server.before.append(lambda: server.call("PATCH", f"/Users/{user}", rename))
        [answer] = tell(a_scim_service(server, settings, bulk=bulk), change(NAMES[0]))
        assert isinstance(answer.failure, Transient)
        assert "meanwhile" in answer.failure.why
        assert answer.failure.is_expected
        rename["Operations"][0]["value"] = "Newer"  # type: ignore[index]
    assert failures(a_scim_service(server, settings), change(NAMES[0])) == [None]


def test_an_account_is_never_taken_for_a_filter(server: ScimServer, settings: Settings) -> None:
    user = server.add_user(NAMES[0])
    told = failures(a_scim_service(server, settings), change('x" or userName pr or userName eq "x'), change("\\"), change(f"{NAMES[0]}x"))
    assert set(told) == {"the account is not known there"}
    assert not server.required(user)


def test_users_that_were_not_asked_for_are_left_alone(server: ScimServer, settings: Settings) -> None:
    stranger = {"totalResults": 1, "Resources": [{"id": "7", "userName": "9999999999"}]}
    server.instead.append(("200 OK", {"Content-Type": "application/scim+json"}, json.dumps(stranger).encode()))
    [answer] = tell(a_scim_service(server, settings), change(NAMES[0]))
    assert isinstance(answer.failure, Permanent)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("200 OK", b"<html>Sign in</html>", Transient),
        ("200 OK", b"[]", Transient),
        ("200 OK", b'{"totalResults": 5, "Resources": []}', Transient),
        ("500 Oops", b"{}", Transient),
        ("302 Found", b"", Configuration),
        ("401 Unauthorized", b"{}", Configuration),
        ("404 Not Found", b"{}", Configuration),
    ],
)
def test_what_is_no_answer_is_never_a_success(
    server: ScimServer, settings: Settings, status: str, body: bytes, kind: type[Exception]
) -> None:
    server.add_user(NAMES[0])
    server.instead.append((status, {"Location": "/elsewhere"}, body))
    with pytest.raises(kind):
        tell(a_scim_service(server, settings), change(NAMES[0]))
    assert len(server.requests) == 1


@pytest.mark.parametrize("bulk", [False, True])
def test_an_answer_to_a_change_that_says_nothing_confirms_nothing(
    server: ScimServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, bulk: bool
) -> None:
    server.add_user(NAMES[0])
    server.before.append(lambda: server.instead.append(("200 OK", {}, b"<html>Sign in</html>")))
    [answer] = tell(a_scim_service(server, settings, bulk=bulk), change(NAMES[0]))
    assert isinstance(answer.failure, Transient)


def test_asked_to_wait_it_waits_with_all_of_them(server: ScimServer, settings: Settings) -> None:
    server.add_user(NAMES[0])
    server.before.append(lambda: server.instead.append(("429 Slow", {"Retry-After": "90"}, b"{}")))
    with pytest.raises(Transient) as failure:
        tell(a_scim_service(server, settings), change(NAMES[0]))
    assert failure.value.retry_after
    assert failure.value.retry_after.total_seconds() == 90


def test_a_wrong_token_is_found_by_trying_the_connection(server: ScimServer, settings: Settings) -> None:
    system = a_scim_service(server, settings)
    ScimConnector(system).try_connection()
    server.application.bearer_tokens = {"another"}
    with pytest.raises(Configuration, match="HTTP 401"):
        ScimConnector(system).try_connection()


def test_a_group_that_is_not_there_is_found_by_trying_the_connection(server: ScimServer, settings: Settings) -> None:
    with pytest.raises(Configuration):
        ScimConnector(a_scim_service(server, settings, group_id="nowhere")).try_connection()


@pytest.mark.parametrize("said", [b"<html>Sign in</html>", b'{"name": "An API"}', b'{"patch": true}'])
def test_an_address_that_leads_to_something_else_says_nothing_about_what_it_supports(
    server: ScimServer, settings: Settings, said: bytes
) -> None:
    server.instead.append(("200 OK", {}, said))
    with pytest.raises(Configuration, match="without the answer asked for"):
        ScimConnector(a_scim_service(server, settings, bulk=True)).try_connection()


def test_a_service_without_bulk_requests_is_found_by_trying_the_connection(server: ScimServer, settings: Settings) -> None:
    said = json.dumps({"patch": {"supported": True}, "bulk": {"supported": False}}).encode()
    server.instead.append(("200 OK", {}, said))
    with pytest.raises(Configuration, match="does not support bulk"):
        ScimConnector(a_scim_service(server, settings, bulk=True)).try_connection()


@pytest.mark.parametrize("attribute", ["active", "urn:ietf:params:scim:schemas:core:2.0:User:active", "userName", "password"])
def test_an_attribute_that_does_something_else_is_never_set(server: ScimServer, settings: Settings, attribute: str) -> None:
    """Otherwise ending MFA use might lock people out."""
    with pytest.raises(Configuration, match="meaning of its own"):
        ScimConnector(a_scim_service(server, settings, state_attribute=attribute))


def test_many_accounts_are_asked_for_in_addresses_of_a_bounded_length(server: ScimServer, settings: Settings) -> None:
    """As when the site looks again, or compares: servers take eight kilobytes."""
    long = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"
    ScimConnector(a_scim_service(server, settings, account_attribute=long)).read([f"2{number:09}" for number in range(100)])
    assert max(len(query) for _method, path, query in server.requests if path.endswith("/Users")) < 6000


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found"])
def test_what_a_group_refuses_one_member_for_it_refuses_no_other(server: ScimServer, settings: Settings, status: str) -> None:
    users, group = [server.add_user(name) for name in NAMES[:4]], server.add_group("MFA")
    connector = ScimConnector(a_scim_service(server, settings, state_attribute="", group_id=group))
    connector.pace.size = 20
    own = server.application

    def picky(environ: dict[str, Any], start: Any) -> Any:
        content = environ["wsgi.input"].getvalue()
        if environ["REQUEST_METHOD"] == "PATCH" and users[1].encode() in content:
            start(status, [("Content-Length", "2")])
            return [b"{}"]
        return own(environ, start)

    server.application = picky
    answers = list(connector.apply([change(name) for name in NAMES[:4]]))
    assert [answer.failure is None for answer in answers] == [True, False, True, True]
    assert isinstance(answers[1].failure, Permanent)
    assert set(server.members(group)) == {users[0], users[2], users[3]}


def forbid(server: ScimServer, users: list[str]) -> None:
    """The service lets nobody change these users: 403 to a request, and in the line of each in the answer to a bulk request."""
    own = server.application

    def guarded(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PATCH" and environ["PATH_INFO"].rpartition("/")[2] in users:
            start("403 Forbidden", [("Content-Length", "2")])
            return [b"{}"]
        if not environ["PATH_INFO"].endswith("/Bulk"):
            return own(environ, start)
        asked = json.loads(environ["wsgi.input"].getvalue())
        lines = [{"bulkId": one["bulkId"], "method": "PATCH", "status": "403"} for one in asked["Operations"] if refused(one)]
        asked["Operations"] = [one for one in asked["Operations"] if not refused(one)]
        content = json.dumps(asked).encode()
        rest = {"wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content))}
        if asked["Operations"]:
            lines += json.loads(b"".join(own(environ | rest, lambda *_head: None)))["Operations"]
        body = json.dumps({"Operations": lines}).encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def refused(operation: dict[str, Any]) -> bool:
        return operation["path"].rpartition("/")[2] in users

    server.application = guarded


@pytest.mark.parametrize("bulk", [False, True])
def test_a_user_that_may_not_be_changed_holds_up_no_other(server: ScimServer, settings: Settings, *, bulk: bool) -> None:
    users = [server.add_user(name) for name in NAMES[:6]]
    forbid(server, users[:1])
    answers = tell(a_scim_service(server, settings, bulk=bulk), *map(change, NAMES[:6]))
    assert [answer.change.account for answer in answers] == NAMES[:6]
    assert [type(answer.failure) for answer in answers] == [Forbidden, *[type(None)] * 5]
    assert {server.required(user) for user in users[1:]} == {True}


@pytest.mark.parametrize("bulk", [False, True])
def test_where_no_user_may_be_changed_the_system_is_stopped(server: ScimServer, settings: Settings, *, bulk: bool) -> None:
    forbid(server, [server.add_user(name) for name in NAMES[:6]])
    with pytest.raises(Configuration, match="HTTP 403"):
        tell(a_scim_service(server, settings, bulk=bulk), *map(change, NAMES[:6]))


def test_a_bulk_request_that_is_not_allowed_as_a_whole_stops_the_system(server: ScimServer, settings: Settings) -> None:
    for name in NAMES[:3]:
        server.add_user(name)
    server.before.append(lambda: server.instead.append(("403 Forbidden", {}, b"{}")))
    with pytest.raises(Configuration, match="HTTP 403"):
        tell(a_scim_service(server, settings, bulk=True), *map(change, NAMES[:3]))


@pytest.mark.covers("S-144")
def test_a_user_that_may_not_be_changed_needs_a_person_and_the_system_goes_on(server: ScimServer, settings: Settings) -> None:
    """The first of the queue: it would be the first again after each resumption."""
    accounts = [an_account() for _ in range(4)]
    users = [server.add_user(account.common_id) for account in accounts]
    forbid(server, users[:1])
    system = a_scim_service(server, settings)
    planned(system, *accounts)
    release_system(system.code)
    system.refresh_from_db()
    assert (system.stopped_reason, system.failures) == ("", 0)
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "confirmed", "confirmed", "confirmed"]
