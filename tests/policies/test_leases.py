"""A worker that was stopped for longer than its lease finds out before it speaks, and says nothing: another one may have spoken since."""

from collections.abc import Callable
from time import monotonic

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies.claims import claim
from policies.connectors.base import Capability
from policies.connectors.registry import connector_for
from policies.leases import Hold, holding, may_speak
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.propagation import Batch, pass_on
from tests.harness.directory import Slapd
from tests.policies.connected import a_directory
from tests.policies.deliveries import FAR, of, wait
from tests.policies.downstream import Downstream

Apply = Callable[[Account], Application]
pytestmark = pytest.mark.covers("S-91", "S-144")
LONG_AGO = 1000


def stopped(code: str) -> list[Delivery]:
    """What a worker has in hand that was stopped right after it took it."""
    rows = claim(code, Capability.SET_STATE)
    for row in rows:
        assert row.held_since is not None
        row.held_since -= LONG_AGO
    return rows


def test_nothing_is_sent_when_the_lease_is_over(
    ready: Account, apply_for: Apply, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    apply_for(ready)
    wait(41)
    pass_on(connector_for(mail_system), stopped("mail"), over=FAR)
    assert downstream.states == {}
    assert (of("mail").state, of("mail").doubted_at) == (DeliveryState.WAITING, None)
    assert of("mail").last_answer == "no connection: the time for it was over"


def test_nothing_is_written_into_the_directory_when_the_lease_is_over(
    ready: Account, apply_for: Apply, slapd: Slapd, settings: Settings
) -> None:
    system = a_directory(slapd, settings)
    dn = slapd.add(ready.common_id)
    apply_for(ready)
    wait(41)
    pass_on(connector_for(system), stopped("directory"), over=FAR)
    assert slapd.values(dn, "mfaUse") == []
    assert of("directory").state == DeliveryState.WAITING


def test_who_holds_nothing_may_speak() -> None:
    assert may_speak()
    with holding(Hold(monotonic() - LONG_AGO)):
        assert not may_speak()
    assert may_speak()


@pytest.mark.parametrize(("taken_over", "goes_on"), [(False, True), (True, False)])
def test_the_lease_is_renewed_only_while_all_of_the_batch_is_still_in_this_hand(
    ready: Account, apply_for: Apply, mail_system: ConnectedSystem, *, taken_over: bool, goes_on: bool
) -> None:
    apply_for(ready)
    wait(41)
    batch = Batch(connector_for(mail_system), stopped("mail"))
    if taken_over:
        Delivery.objects.update(attempt=7)
    batch.hold_on()
    assert batch.hold.is_over is not goes_on
