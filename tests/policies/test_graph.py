"""The Microsoft Graph connector against a stand-in that takes only what Graph documents."""

from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from policies.clock import database_now
from policies.connectors.base import Answer, Change, Configuration, Permanent, Transient
from policies.connectors.graph import GraphConnector
from policies.connectors.states import Forbidden
from policies.models import ConnectedSystem, Delivery
from tests.factories import an_account
from tests.policies.connected import a_tenant
from tests.policies.deliveries import planned
from tests.policies.graph_server import GraphMock, graph_running
from vault.fields import seal

pytestmark = pytest.mark.django_db
NAMES = [f"10000000{number:02}" for number in range(45)]


@pytest.fixture
def graph() -> Iterator[GraphMock]:
    with graph_running() as running:
        yield running


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(GraphConnector(system).apply(changes))


def failures(system: ConnectedSystem, *changes: Change) -> list[Any]:
    return [answer.failure and answer.failure.why for answer in tell(system, *changes)]


@pytest.mark.covers("S-144")
def test_a_group_is_joined_and_left_twenty_at_a_time_with_one_token(graph: GraphMock, settings: Settings) -> None:
    users = [graph.add(name) for name in NAMES]
    system = a_tenant(graph, settings)
    assert failures(system, *map(change, NAMES)) == [None] * 45
    assert graph.members == set(users)
    assert max(map(len, graph.batches)) == 20
    assert len(graph.tokens) == 1
    assert failures(system, *(change(name, "off", 2) for name in NAMES[:3])) == [None] * 3
    assert graph.members == set(users[3:])


def test_the_requirement_of_a_user_is_enforced_and_disabled(graph: GraphMock, settings: Settings) -> None:
    user, system = graph.add(NAMES[0]), a_tenant(graph, settings, group_id="", per_user=True)
    assert failures(system, change(NAMES[0])) == [None]
    assert graph.states[user] == "enforced"
    assert failures(system, change(NAMES[0], "off", 2)) == [None]
    assert graph.states[user] == "disabled"
    graph.states[user] = "enabled"
    assert GraphConnector(system).read([NAMES[0]]) == {NAMES[0]: "other"}


def test_group_and_requirement_together_are_one_state_or_contradict_each_other(graph: GraphMock, settings: Settings) -> None:
    user, system = graph.add(NAMES[0]), a_tenant(graph, settings, per_user=True)
    graph.members.add(user)
    assert GraphConnector(system).read([NAMES[0]]) == {NAMES[0]: "other"}
    assert failures(system, change(NAMES[0])) == [None]
    assert GraphConnector(system).read([NAMES[0]]) == {NAMES[0]: "on"}


def test_nothing_is_written_where_it_is_so_already(graph: GraphMock, settings: Settings) -> None:
    graph.members.add(graph.add(NAMES[0]))
    assert failures(a_tenant(graph, settings), change(NAMES[0])) == [None]
    assert not [one for batch in graph.batches for one in batch if "$ref" in one["url"]]


def test_people_are_found_by_another_attribute(graph: GraphMock, settings: Settings) -> None:
    user = graph.add(NAMES[0])
    assert failures(a_tenant(graph, settings, account_attribute="employeeId", account_suffix=""), change(NAMES[0])) == [None]
    assert graph.members == {user}


def test_an_account_is_never_taken_for_a_filter(graph: GraphMock, settings: Settings) -> None:
    graph.add(NAMES[0])
    told = failures(a_tenant(graph, settings), change("x' or employeeId eq '1000000000"), change(f"{NAMES[0]}&$top=1"))
    assert told == ["the account is not known there"] * 2
    assert graph.members == set()


def test_a_user_that_may_not_be_changed_holds_up_no_other(graph: GraphMock, settings: Settings) -> None:
    graph.privileged.add(graph.add(NAMES[0]))
    graph.add(NAMES[1])
    told = tell(a_tenant(graph, settings, group_id="", per_user=True), change(NAMES[0]), change(NAMES[1]))
    assert isinstance(told[0].failure, Permanent)
    assert told[1].failure is None


def test_a_permission_that_is_missing_for_all_stops_the_system(graph: GraphMock, settings: Settings) -> None:
    for name in NAMES[:3]:
        graph.privileged.add(graph.add(name))
    with pytest.raises(Configuration, match="permission"):
        tell(a_tenant(graph, settings, group_id="", per_user=True), *map(change, NAMES[:3]))


@pytest.mark.parametrize("options", [{}, {"group_id": "", "per_user": True}, {"per_user": True}], ids=["group", "requirement", "both"])
def test_a_permission_that_is_missing_stops_the_system_also_where_changes_come_one_at_a_time(
    graph: GraphMock, settings: Settings, options: dict[str, Any]
) -> None:
    graph.privileged.add(graph.add(NAMES[0]))
    if not options:
        graph.permissions.remove("GroupMember.ReadWrite.All")
    with pytest.raises(Configuration, match="permission"):
        tell(a_tenant(graph, settings, **options), change(NAMES[0]))


def test_one_user_alone_that_may_not_be_changed_stops_nothing_where_others_were_let_lately(graph: GraphMock, settings: Settings) -> None:
    system, now = a_tenant(graph, settings, group_id="", per_user=True), database_now()
    graph.privileged.update(graph.add(name) for name in NAMES[:2])
    with pytest.raises(Configuration, match="permission"):
        tell(system, change(NAMES[0]))
    planned(system, an_account(NAMES[2]))
    Delivery.objects.update(state="confirmed", confirmed_at=now - timedelta(hours=1))
    [answer] = tell(system, change(NAMES[0]))
    assert (type(answer.failure), str(answer.failure)) == (Forbidden, "HTTP 403")
    Delivery.objects.update(confirmed_at=now - timedelta(days=2))
    with pytest.raises(Configuration, match="permission"):
        tell(system, change(NAMES[0]))


def test_one_after_the_other_that_may_not_be_changed_are_two(graph: GraphMock, settings: Settings) -> None:
    system, now = a_tenant(graph, settings, group_id="", per_user=True), database_now()
    graph.privileged.update(graph.add(name) for name in NAMES[:2])
    planned(system, an_account(NAMES[2]), an_account(NAMES[0]))
    Delivery.objects.update(state="confirmed", confirmed_at=now - timedelta(hours=1))
    Delivery.objects.filter(account__common_id=NAMES[0]).update(state="failed", first_sent_at=now, confirmed_at=None)
    assert [type(answer.failure) for answer in tell(system, change(NAMES[0]))] == [Forbidden], "the same again is one"
    with pytest.raises(Configuration, match="permission"):
        tell(system, change(NAMES[1]))


def test_two_users_that_may_not_be_changed_stop_nothing_where_others_were_let(graph: GraphMock, settings: Settings) -> None:
    """They are the whole of the second batch."""
    users = [graph.add(name) for name in NAMES[:22]]
    graph.privileged.update(users[20:])
    told = tell(a_tenant(graph, settings, group_id="", per_user=True), *map(change, NAMES[:22]))
    assert [type(answer.failure) for answer in told] == [*[type(None)] * 20, Forbidden, Forbidden]


def test_a_user_that_may_not_be_read_holds_up_no_other(graph: GraphMock, settings: Settings) -> None:
    """Nor where the others are as they should be already, so that nobody was let be changed."""
    for name in NAMES[:2]:
        graph.states[graph.add(name)] = "enforced"
    found = [(200, {}, {"value": [user]}) for user in graph.users.values()]
    graph.single["GET"] = deque([*found, (403, {}, {}), (200, {}, {"perUserMfaState": "enforced"})])
    told = tell(a_tenant(graph, settings, group_id="", per_user=True), *map(change, NAMES[:2]))
    assert [type(answer.failure) for answer in told] == [Permanent, type(None)]


def test_where_nobody_may_be_read_the_system_cannot_be_asked(graph: GraphMock, settings: Settings) -> None:
    for name in NAMES[:2]:
        graph.add(name)
    graph.permissions.remove("Policy.ReadWrite.AuthenticationMethod")
    with pytest.raises(Configuration, match="permission"):
        GraphConnector(a_tenant(graph, settings, per_user=True)).read(NAMES[:2])


@pytest.mark.parametrize("users", [0, 1])
def test_a_permission_that_is_missing_is_found_by_trying_the_connection(graph: GraphMock, settings: Settings, users: int) -> None:
    for name in NAMES[:users]:
        graph.add(name)
    connector = GraphConnector(a_tenant(graph, settings, per_user=True))
    connector.try_connection()
    graph.permissions.remove("Policy.ReadWrite.AuthenticationMethod")
    if users:
        with pytest.raises(Configuration, match="permission"):
            connector.try_connection()
    assert {one["method"] for batch in graph.batches for one in batch} == {"GET"}


@pytest.mark.parametrize("whole", [True, False])
def test_asked_to_wait_it_waits(graph: GraphMock, settings: Settings, *, whole: bool) -> None:
    graph.add(NAMES[0])
    if whole:
        graph.instead.append((429, {"Retry-After": "17"}, {}))
    else:
        graph.single["GET"] = deque([(429, {"Retry-After": "17"}, {})])
    with pytest.raises(Transient) as failure:
        tell(a_tenant(graph, settings), change(NAMES[0]))
    assert failure.value.retry_after
    assert failure.value.retry_after.total_seconds() == 17
    assert failures(a_tenant(graph, settings), change(NAMES[0])) == [None]


def test_a_token_that_has_run_out_is_replaced_once(graph: GraphMock, settings: Settings) -> None:
    graph.add(NAMES[0])
    connector = GraphConnector(a_tenant(graph, settings))
    connector.try_connection()
    graph.tokens.clear()
    assert connector.read([NAMES[0]]) == {NAMES[0]: "off"}


def test_wrong_credentials_stop_the_system(graph: GraphMock, settings: Settings) -> None:
    system = a_tenant(graph, settings)
    seal(system, "credentials", b"wrong")
    for attempt in (GraphConnector(system).try_connection, lambda: tell(system, change(NAMES[0]))):
        with pytest.raises(Configuration, match="credentials were refused"):
            attempt()


@pytest.mark.parametrize("said", [b"<html>Sign in</html>", [], {"responses": []}, {"responses": [{"id": "1", "status": "200"}]}])
def test_what_is_no_answer_is_never_a_success(graph: GraphMock, settings: Settings, said: Any) -> None:
    graph.add(NAMES[0])
    graph.instead.append((200, {}, said))
    with pytest.raises(Transient):
        tell(a_tenant(graph, settings), change(NAMES[0]))


def test_an_answer_about_somebody_else_is_none(graph: GraphMock, settings: Settings) -> None:
    graph.add(NAMES[0])
    stranger = {"value": [{"id": "id-x", "userPrincipalName": "9999999999@example.ac.jp"}]}
    graph.single["GET"] = deque([(200, {}, stranger)])
    assert failures(a_tenant(graph, settings), change(NAMES[0])) == ["the account is not known there"]


def test_what_was_accepted_and_is_not_seen_yet_is_no_confirmation(graph: GraphMock, settings: Settings) -> None:
    graph.add(NAMES[0])
    graph.single["POST"] = deque([(200, {}, {"value": []}), (204, {}, None), (200, {}, {"value": []})])
    [answer] = tell(a_tenant(graph, settings), change(NAMES[0]))
    assert isinstance(answer.failure, Transient)


def test_without_group_and_requirement_there_is_nothing_to_set(graph: GraphMock, settings: Settings) -> None:
    with pytest.raises(Configuration, match="neither"):
        GraphConnector(a_tenant(graph, settings, group_id=""))


def test_a_group_that_is_not_there_is_found_by_trying_the_connection(graph: GraphMock, settings: Settings) -> None:
    with pytest.raises(Configuration, match="the group was not found"):
        GraphConnector(a_tenant(graph, settings, group_id="nowhere")).try_connection()
    GraphConnector(a_tenant(graph, settings, group_id="", per_user=True)).try_connection()


@pytest.mark.parametrize("options", [{}, {"per_user": True}, {"group_id": "", "per_user": True}], ids=["group", "both", "requirement"])
def test_somebody_whom_only_the_index_still_knows_holds_up_no_other(
    graph: GraphMock, settings: Settings, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    """Deleted a moment ago: found by the eventual index, and 404 everywhere else."""
    deleted = graph.users[graph.add(NAMES[0])]
    users, look_up = [graph.add(name) for name in NAMES[1:3]], graph._lookup

    def lagging(*asked: Any) -> Any:
        graph.users[deleted["id"]] = deleted
        try:
            return look_up(*asked)
        finally:
            del graph.users[deleted["id"]]

    monkeypatch.setattr(graph, "_lookup", lagging)
    system = a_tenant(graph, settings, **options)
    assert failures(system, *map(change, NAMES[:3])) == ["the account is not known there", None, None]
    assert GraphConnector(system).read(NAMES[:3]) == {NAMES[1]: "on", NAMES[2]: "on"}
    assert users
