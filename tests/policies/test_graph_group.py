"""A group that Graph does not let be changed is found out, and nobody is taken for a member, or for none, because of it."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors.base import Answer, Change, Configuration, Permanent, Transient
from policies.connectors.graph import GraphConnector
from policies.models import ConnectedSystem, Delivery
from policies.propagation import release_system
from tests.factories import an_account
from tests.policies.connected import a_tenant
from tests.policies.deliveries import planned
from tests.policies.graph_server import NOT_FOUND, GraphMock, bad, graph_running

pytestmark = pytest.mark.django_db
NAMES = [f"10000000{number:02}" for number in range(3)]
KEPT_ELSEWHERE: dict[str, dict[str, Any]] = {
    "dynamic": {"groupTypes": ["DynamicMembership"]},
    "dynamic of Microsoft 365": {"groupTypes": ["Unified", "DynamicMembership"], "mailEnabled": True},
    "mail-enabled": {"mailEnabled": True},
    "synced": {"onPremisesSyncEnabled": True},
}
NO_MEMBER: tuple[int, dict[str, str], Any] = (200, {}, {"value": []})
DONE: tuple[int, dict[str, str], Any] = (204, {}, None)


@pytest.fixture
def graph() -> Iterator[GraphMock]:
    with graph_running() as running:
        yield running


@pytest.fixture
def system(graph: GraphMock, settings: Settings) -> ConnectedSystem:
    return a_tenant(graph, settings)


def change(account: str, state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(GraphConnector(system).apply(changes))


def looked_at(graph: GraphMock) -> int:
    """How often the group itself was asked for."""
    return sum(one["method"] == "GET" and one["url"].startswith("/groups/") for batch in graph.batches for one in batch)


@pytest.mark.parametrize("kind", KEPT_ELSEWHERE)
@pytest.mark.parametrize("state", ["on", "off"])
def test_a_group_that_is_kept_elsewhere_stops_the_system(graph: GraphMock, system: ConnectedSystem, kind: str, state: str) -> None:
    users = {graph.add(name) for name in NAMES}
    graph.members |= users if state == "off" else set()
    assert graph.group
    graph.group |= KEPT_ELSEWHERE[kind]
    for changes in ([change(NAMES[0], state)], [change(name, state) for name in NAMES]):
        with pytest.raises(Configuration, match="group cannot be changed"):
            tell(system, *changes)
    assert looked_at(graph) == 2
    with pytest.raises(Configuration, match="group cannot be changed"):
        GraphConnector(system).try_connection()


def test_a_group_of_microsoft_365_is_mail_enabled_and_can_be_changed(graph: GraphMock, system: ConnectedSystem) -> None:
    user = graph.add(NAMES[0])
    assert graph.group
    graph.group |= {"groupTypes": ["Unified"], "mailEnabled": True}
    GraphConnector(system).try_connection()
    assert [answer.failure for answer in tell(system, change(NAMES[0]))] == [None]
    assert graph.members == {user}


def test_a_group_that_was_deleted_stops_the_system_and_nothing_is_lost(graph: GraphMock, system: ConnectedSystem) -> None:
    account = an_account()
    graph.add(account.common_id)
    graph.group = None
    planned(system, account)
    release_system(system.code)
    system.refresh_from_db()
    assert (system.stopped_reason, Delivery.objects.get().state) == ("the group was not found", "waiting")


def test_a_group_that_looks_well_and_takes_nobody_stops_the_system(graph: GraphMock, system: ConnectedSystem) -> None:
    graph.add(NAMES[0])
    graph.single["POST"] = deque([NO_MEMBER, bad("The members of this group are kept by something new.")])
    with pytest.raises(Configuration, match="group cannot be changed"):
        tell(system, change(NAMES[0]))


def test_what_a_group_refuses_one_member_for_it_refuses_no_other(graph: GraphMock, system: ConnectedSystem) -> None:
    users = [graph.add(name) for name in NAMES]
    graph.single["POST"] = deque([NO_MEMBER, NO_MEMBER, bad("Not this one."), DONE, NO_MEMBER])
    connector = GraphConnector(system)
    first, second = connector.apply([change(name) for name in NAMES[:2]])
    assert isinstance(first.failure, Permanent)
    assert first.failure.why == "HTTP 400"
    assert isinstance(second.failure, Transient), "which the stand-in has not really done"
    graph.members.clear()
    assert [answer.failure for answer in connector.apply([change(NAMES[2])])] == [None]
    assert graph.members == {users[2]}


def test_a_user_whom_not_all_of_graph_knows_yet_is_told_again(graph: GraphMock, system: ConnectedSystem) -> None:
    graph.add(NAMES[0])
    graph.single["POST"] = deque([NO_MEMBER, NOT_FOUND])
    [answer] = tell(system, change(NAMES[0]))
    assert isinstance(answer.failure, Transient)
    assert answer.failure.is_expected
    assert [answer.failure for answer in tell(system, change(NAMES[0]))] == [None]


def test_who_was_made_a_member_meanwhile_is_one(graph: GraphMock, system: ConnectedSystem) -> None:
    graph.members.add(graph.add(NAMES[0]))
    graph.single["POST"] = deque([NO_MEMBER])
    assert [answer.failure for answer in tell(system, change(NAMES[0]))] == [None]
    assert looked_at(graph) == 0


@pytest.mark.parametrize(
    "said", [NOT_FOUND, bad("One or more removed object references do not exist for the following modified properties: 'members'.")]
)
def test_who_was_removed_meanwhile_is_none(graph: GraphMock, system: ConnectedSystem, said: Any) -> None:
    user = graph.add(NAMES[0])
    is_one = (200, {}, {"value": [graph.group["id"] if graph.group else ""]})
    graph.single |= {"POST": deque([is_one]), "DELETE": deque([said])}
    assert [answer.failure for answer in tell(system, change(NAMES[0], "off"))] == [None]
    assert looked_at(graph) == 0
    graph.members.add(user)
    graph.single["DELETE"] = deque([said])
    [answer] = tell(system, change(NAMES[0], "off", 2))
    assert isinstance(answer.failure, Transient), "the answer is not believed, but what is read back"
