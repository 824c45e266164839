"""A circuit for each connected system: it opens, is tried with one change, and closes; each once in the record (R-229)."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import Account
from audit.models import Event
from policies.circuits import Circuit, circuit_of
from policies.clock import database_now
from policies.models import ConnectedSystem, Delivery
from tests.factories import an_account
from tests.policies.connected import a_tenant
from tests.policies.deliveries import planned, release, wait
from tests.policies.downstream import Downstream, says
from tests.policies.graph_server import graph_running

NAMES = ["circuit:opened", "circuit:tried", "circuit:closed"]


def happened() -> list[str]:
    return list(Event.objects.filter(name__in=NAMES).order_by("pk").values_list("name", flat=True))


def circuit() -> Circuit:
    return circuit_of(ConnectedSystem.objects.get(code="mail"), database_now())


@pytest.fixture
def failing(mail_system: ConnectedSystem, downstream: Downstream) -> Downstream:
    """Campus mail with ten changes due, answering 500 from the first on."""
    planned(mail_system, *(an_account() for _ in range(10)))
    downstream.mood = says(500)
    return downstream


@pytest.mark.covers("S-144")
def test_three_failures_in_a_row_open_it_and_nothing_more_is_sent(failing: Downstream) -> None:
    release()
    assert (circuit(), happened(), len(failing.requests)) == (Circuit.OPEN, ["circuit:opened"], 3)
    release()
    assert len(failing.requests) == 3
    event = Event.objects.get(name="circuit:opened")
    assert (event.actor_kind, event.after) == ("system", {"system": "Campus mail", "failures": 3, "problem": "HTTP 500"})


def test_after_the_pause_one_change_alone_tells_whether_it_is_back(failing: Downstream) -> None:
    release()
    wait(10)
    assert circuit() == Circuit.HALF_OPEN
    release()
    assert (circuit(), len(failing.requests), happened()) == (Circuit.OPEN, 4, ["circuit:opened", "circuit:tried"])


def test_it_closes_with_the_first_confirmation_and_everything_passes(failing: Downstream) -> None:
    release()
    failing.mood = None
    wait(10)
    release()
    assert (circuit(), happened()) == (Circuit.CLOSED, NAMES)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"confirmed"}
    assert ConnectedSystem.objects.get(code="mail").failures == 0


def test_a_single_failure_opens_nothing(mail_system: ConnectedSystem, downstream: Downstream, hana: Account) -> None:
    planned(mail_system, hana)
    downstream.moods.append(says(500))
    release()
    wait(1)
    release()
    assert (circuit(), happened()) == (Circuit.CLOSED, [])


def test_the_circuit_of_one_system_holds_up_no_other(
    failing: Downstream, ready: Account, apply_for: Callable[[Account], object], time_passes: Callable[[float], None]
) -> None:
    release()
    apply_for(ready)
    time_passes(41)
    assert Delivery.objects.get(system__code="local").state == "confirmed"


@pytest.mark.django_db
@pytest.mark.covers("S-144")
def test_accounts_that_are_not_seen_as_told_yet_are_asked_for_again_and_the_system_is_none_the_worse(settings: Settings) -> None:
    """Graph shows a change some seconds late, and who is a member by way of another group stays one."""
    accounts = [an_account() for _ in range(4)]
    with graph_running() as graph:
        system = a_tenant(graph, settings)
        graph.nested.update([graph.add(account.common_id) for account in accounts[:3]])
        graph.add(accounts[3].common_id)
        planned(system, *accounts, desired="off")
        for _try in range(3):
            release()
            wait(1)
        system.refresh_from_db()
        assert (system.failures, system.opened_at, system.paused_until, happened()) == (0, None, None, [])
        rows = list(Delivery.objects.order_by("pk").values_list("state", "failures", "last_answer"))
        assert [state for state, *_ in rows] == ["waiting", "waiting", "waiting", "confirmed"]
        assert all(failures >= 2 and why == "another state was read back" for _state, failures, why in rows[:3])
        assert Delivery.objects.exclude(doubted_at=None).count() == 3
