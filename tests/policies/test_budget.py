"""A portion of changes takes less time than the lease under which it is told, however slow the system is."""

from collections.abc import Iterator
from time import monotonic

import pytest
from pytest_django import Settings

from policies.connectors.base import Answer, Change, Transient
from policies.connectors.budget import Budget, Pace
from policies.connectors.scim import ScimConnector
from policies.models import ConnectedSystem
from tests.harness.crowding import Crowding
from tests.policies.connected import a_scim_service
from tests.policies.scim_server import ScimServer, compares_several, says, scim_running

pytestmark = pytest.mark.django_db
LEASE = 4  # seconds on an idle machine


@pytest.fixture
def crowded() -> float:
    crowding = Crowding()
    crowding.look()
    return crowding.worst


@pytest.fixture
def lease(crowded: float, settings: Settings) -> float:
    settings.MFA_DELIVERY_LEASE_SECONDS = LEASE * crowded
    return LEASE * crowded


@pytest.fixture
def server(lease: float) -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


def changes(names: list[str]) -> list[Change]:
    return [Change(account=name, state="on", revision=1, key=f"key-{name}") for name in names]


def told(connector: ScimConnector, names: list[str]) -> tuple[list[Answer], float]:
    """The answers, and the longest time between two of them."""
    answers, longest, last = [], 0.0, monotonic()
    for answer in connector.apply(changes(names)):
        answers.append(answer)
        longest, last = max(longest, monotonic() - last), monotonic()
    return answers, longest


@pytest.mark.covers("S-144")
def test_a_slow_service_without_bulk_requests_is_told_of_fewer_at_once(server: ScimServer, settings: Settings, lease: float) -> None:
    group, names = server.add_group("MFA"), [f"10000000{number:02}" for number in range(6)]
    users = [server.add_user(name) for name in names]
    server.seconds = lease / 20
    answers, longest = told(ScimConnector(a_scim_service(server, settings, group_id=group)), names)
    assert [answer.failure for answer in answers] == [None] * 6
    assert longest < lease
    server.seconds = 0
    assert set(server.members(group)) == set(users)
    assert {server.required(user) for user in users} == {True}


def test_one_that_takes_one_comparison_in_a_filter_is_told_of_fewer_at_once(server: ScimServer, settings: Settings, lease: float) -> None:
    names = [f"10000000{number:02}" for number in range(6)]
    users = [server.add_user(name) for name in names]
    server.gives(says("400 Bad Request"), compares_several)
    server.seconds = lease / 20
    answers, longest = told(ScimConnector(a_scim_service(server, settings, bulk=True)), names)
    assert [answer.failure for answer in answers] == [None] * 6
    assert longest < lease
    assert {server.required(user) for user in users} == {True}


def test_one_too_slow_for_a_single_account_is_left_for_later_in_time(server: ScimServer, settings: Settings, lease: float) -> None:
    server.add_user("1000000000")
    server.seconds, began = 0.3 * lease, monotonic()
    with pytest.raises(Transient, match="no answer") as failure:
        told(ScimConnector(a_scim_service(server, settings)), ["1000000000"])
    assert failure.value.maybe_applied
    assert monotonic() - began < lease


def test_what_the_slow_service_took_is_found_by_the_next_attempt(server: ScimServer, settings: Settings, lease: float) -> None:
    user, system = server.add_user("1000000000"), a_scim_service(server, settings)
    server.before.append(lambda: setattr(server, "seconds", lease))  # takes the change, and then its time
    with pytest.raises(Transient):
        told(ScimConnector(system), ["1000000000"])
    server.seconds = 0
    assert server.required(user) is True
    before = len(server.requests)
    assert [answer.failure for answer in told(ScimConnector(system), ["1000000000"])[0]] == [None]
    assert {method for method, _path, _body in server.requests[before:]} == {"GET"}


def test_comparing_has_no_limit_since_nothing_is_told_under_a_lease(server: ScimServer, settings: Settings) -> None:
    server.add_user("1000000000")
    system: ConnectedSystem = a_scim_service(server, settings)
    connector = ScimConnector(system)
    assert connector.budget.left() > 1e9
    told(connector, ["1000000000"])
    assert connector.budget.left() > 1e9


def test_a_budget_is_half_of_a_lease(settings: Settings) -> None:
    settings.MFA_DELIVERY_LEASE_SECONDS = 60
    budget = Budget()
    budget.start()
    assert 29 < budget.left() <= 30


@pytest.mark.parametrize(("told", "seconds", "size"), [(1, 0.1, 4), (1, 60, 1), (20, 0.1, 20), (20, 15, 10), (20, 60, 2), (4, 0, 16)])
def test_the_next_portion_takes_a_fourth_of_the_budget(settings: Settings, told: int, seconds: float, size: int) -> None:
    settings.MFA_DELIVERY_LEASE_SECONDS = 60
    pace = Pace(1, 20)
    pace.learn(told, seconds)
    assert pace.size == size
