"""Looking again at what is in doubt binds one worker, for a short time, and whatever was not seen then is looked at later."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from pytest_django import Settings

from policies.claims import claim, due_systems
from policies.clock import database_now
from policies.connectors.base import Capability, Transient
from policies.connectors.graph import GraphConnector
from policies.looking_again import PORTION, look_again
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from tests.factories import an_account
from tests.policies.connected import a_tenant
from tests.policies.deliveries import planned, wait
from tests.policies.graph_server import GraphMock

Read = Callable[[Sequence[str]], dict[str, str]]
MANY = PORTION + 5
pytestmark = [pytest.mark.django_db, pytest.mark.covers("S-144")]


@pytest.fixture
def system(settings: Settings) -> Iterator[ConnectedSystem]:
    """Knows no revisions; of many accounts nobody knows what it holds."""
    ConnectedSystem.objects.filter(code="local").update(enabled=False)
    system = a_tenant(GraphMock(), settings)
    planned(system, *(an_account() for _ in range(MANY)))
    Delivery.objects.update(state=DeliveryState.CONFIRMED, doubted_at=database_now() - timedelta(hours=1))
    return system


def looking(system: ConnectedSystem, read: Read) -> GraphConnector:
    """A worker's connector to a system that answers in this way."""
    connector = GraphConnector(system)
    connector.read = read  # type: ignore[method-assign]
    return connector


def all_on(accounts: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(accounts, "on")


def in_doubt() -> int:
    return Delivery.objects.exclude(doubted_at=None).count()


def test_it_is_asked_about_one_portion_at_a_time(system: ConnectedSystem) -> None:
    look_again(looking(system, all_on))
    assert in_doubt() == MANY - PORTION
    look_again(looking(system, all_on))
    assert in_doubt() == 0


def test_while_one_worker_asks_no_other_speaks_to_the_system(system: ConnectedSystem) -> None:
    planned(system, an_account())
    seen: list[object] = []

    def read(accounts: Sequence[str]) -> dict[str, str]:
        seen.extend(accounts)
        assert due_systems() == []
        assert look_again(looking(system, lambda again: pytest.fail("asked by two"))) == 0
        assert claim(system.code, Capability.SET_STATE) == []
        return all_on(accounts)

    look_again(looking(system, read))
    assert len(seen) == PORTION
    assert due_systems() == [system.code]
    assert len(claim(system.code, Capability.SET_STATE)) == 1


def test_nobody_asks_while_a_batch_is_in_hand(system: ConnectedSystem) -> None:
    planned(system, an_account())
    claim(system.code, Capability.SET_STATE)
    look_again(looking(system, lambda accounts: pytest.fail("a batch is in hand")))
    assert in_doubt() == MANY


def test_what_was_not_answered_in_time_stays_in_doubt(system: ConnectedSystem) -> None:
    seen: list[str] = []

    def read(accounts: Sequence[str]) -> dict[str, str]:
        connector.budget.left()
        seen.extend(accounts)
        if len(seen) > 4:
            connector.budget.over = 0  # its time is over
        return all_on(accounts)

    connector = looking(system, read)
    look_again(connector)
    assert 4 < len(seen) < PORTION
    assert set(Delivery.objects.filter(doubted_at=None).values_list("account__common_id", flat=True)) == set(seen)
    system.refresh_from_db()
    assert (due_systems(), system.failures) == ([system.code], 0)


def test_a_system_too_slow_for_one_account_has_failed(system: ConnectedSystem) -> None:
    def read(accounts: Sequence[str]) -> dict[str, str]:
        connector.budget.over = 0
        connector.budget.left()
        return {}

    connector = looking(system, read)
    look_again(connector)
    system.refresh_from_db()
    assert (system.failures, in_doubt()) == (1, MANY)
    assert due_systems() == [system.code]


def test_a_system_that_breaks_in_the_middle_has_failed(system: ConnectedSystem) -> None:
    def read(accounts: Sequence[str]) -> dict[str, str]:
        if len(accounts) > 1:
            raise Transient("HTTP 503", retry_after=timedelta(minutes=5))
        return all_on(accounts)

    look_again(looking(system, read))
    system.refresh_from_db()
    assert (system.failures, in_doubt()) == (1, MANY)


def test_a_worker_that_is_told_to_end_gives_back_what_it_was_looking_at(system: ConnectedSystem) -> None:
    def read(accounts: Sequence[str]) -> dict[str, str]:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        look_again(looking(system, read))
    assert (due_systems(), in_doubt()) == ([system.code], MANY)


def test_what_a_worker_was_looking_at_when_it_died_is_looked_at_after_its_lease(
    system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(accounts: Sequence[str]) -> dict[str, str]:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("policies.looking_again._give_back", lambda rows: None)
        with pytest.raises(SystemExit):
            look_again(looking(system, read))
    assert due_systems() == []
    wait(2)
    for _sweep in range(2):
        look_again(looking(system, all_on))
    assert in_doubt() == 0


def test_what_comes_into_doubt_meanwhile_stays_so(system: ConnectedSystem) -> None:
    def read(accounts: Sequence[str]) -> dict[str, str]:
        Delivery.objects.filter(account__common_id__in=accounts).update(doubted_at=database_now())
        return all_on(accounts)

    look_again(looking(system, read))
    assert in_doubt() == MANY
