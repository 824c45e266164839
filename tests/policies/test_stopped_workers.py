"""A worker that was stopped past its lease, its machine's clock with it, and then tells what it had in hand (R-224)."""

from collections.abc import Callable

import pytest

from accounts.models import Account
from audit.models import Event
from policies.applications import withdraw
from policies.claims import claim
from policies.connectors.base import Capability
from policies.connectors.registry import connector_for
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.propagation import pass_on
from tests.policies.deliveries import FAR, of, release, wait
from tests.policies.graph_server import GraphMock

Apply = Callable[[Account], Application]
UNAVAILABLE = (503, {}, {})
pytestmark = pytest.mark.covers("S-91", "S-144")


@pytest.fixture
def speaks(ready: Account, apply_for: Apply, tenant: GraphMock) -> Callable[[], None]:
    """A worker whose machine stopped with a change in hand that was withdrawn meanwhile, when it goes on."""
    apply_for(ready)
    wait(41)
    connector, rows = connector_for(ConnectedSystem.objects.get(code="entra")), claim("entra", Capability.SET_STATE)
    withdraw(ready, actor=ready)
    wait(2)
    release()
    wait(10)
    release()

    def speak() -> None:
        with pytest.MonkeyPatch.context() as patch:  # it had asked for the newest revision before it stopped
            patch.setattr("policies.connectors.states.outdated", lambda system, changes: {})
            pass_on(connector, rows, over=FAR)

    return speak


def test_a_worker_whose_machine_had_stopped_learns_it_from_the_fence_and_has_the_newest_told_again(
    tenant: GraphMock, member: str, speaks: Callable[[], None]
) -> None:
    assert (of("entra").desired, of("entra").state) == ("off", DeliveryState.CONFIRMED)
    assert not Delivery.objects.exclude(doubted_at=None).exists()
    speaks()
    assert tenant.members == {member}
    release()
    assert tenant.members == set()
    assert Event.objects.filter(name="delivery:repeated").count() == 1


@pytest.mark.parametrize("later", ["waits", "withdrawn", "withdrawing"])
def test_what_a_stopped_worker_tells_while_a_later_change_waits_or_was_taken_back_is_set_right(
    ready: Account, apply_for: Apply, tenant: GraphMock, member: str, speaks: Callable[[], None], later: str
) -> None:
    assert not Delivery.objects.exclude(doubted_at=None).exists()
    apply_for(ready)
    if later != "waits":
        withdraw(ready, actor=ready)
    if later == "withdrawing":  # another system was being told, and does not answer
        Application.objects.filter(pk=Application.objects.latest("revision").pk).update(state=later, ended_at=None)
    speaks()
    assert tenant.members == {member}
    if later == "waits":
        withdraw(ready, actor=ready)
    for _sweep in range(3):
        wait(3)
        release()
    assert tenant.members == set()
    assert not Delivery.objects.exclude(doubted_at=None).exists()
