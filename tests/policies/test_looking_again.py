"""What was asked of a system that knows no revisions may be carried out late; the site looks again and has the last word."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from accounts.models import Account
from audit.models import Event
from policies.applications import withdraw
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Capability, Permanent
from policies.connectors.graph import GraphConnector
from policies.looking_again import look_again
from policies.models import Application, ConnectedSystem, Delivery, LatenessTally
from policies.models.deliveries import DeliveryState
from policies.trying import send_one
from tests.policies.deliveries import of, planned, release, wait
from tests.policies.graph_server import GraphMock

Apply = Callable[[Account], Application]
UNAVAILABLE = (503, {}, {})
pytestmark = pytest.mark.covers("S-91", "S-144")


@pytest.fixture
def unanswered(ready: Account, apply_for: Apply, tenant: GraphMock) -> None:
    """Hana has applied; the tenant was told, and did not answer."""
    apply_for(ready)
    wait(41)
    tenant.instead.append(UNAVAILABLE)
    release()
    assert of("entra").state == DeliveryState.WAITING


@pytest.fixture
def withdrawn(ready: Account, unanswered: None) -> None:
    """Then she has withdrawn, and the tenant has confirmed that it asks her for nothing."""
    withdraw(ready, actor=ready)
    wait(1)
    release()
    assert (of("entra").desired, of("entra").state) == ("off", DeliveryState.CONFIRMED)


def repeated() -> int:
    return Event.objects.filter(name="delivery:repeated").count()


def test_what_was_carried_out_late_is_set_right(tenant: GraphMock, withdrawn: None, member: str) -> None:
    tenant.members.add(member)
    wait(3)
    release()
    release()
    assert tenant.members == set()
    assert of("entra").state == DeliveryState.CONFIRMED
    assert repeated() == 1
    wait(3)
    release()
    assert not Delivery.objects.exclude(doubted_at=None).exists()


def test_what_is_told_again_is_due_from_then_on_and_not_late(tenant: GraphMock, withdrawn: None, member: str) -> None:
    wait(600)
    tenant.members.add(member)
    before = database_now()
    release()
    again = of("entra")
    assert again.state == DeliveryState.WAITING
    assert min(again.due_at, again.planned_at) >= before
    release()
    assert of("entra").state == DeliveryState.CONFIRMED
    assert max(LatenessTally.objects.values_list("seconds", flat=True)) <= 100  # the wait of the first time is the longest


def test_it_looks_once_more_after_it_has_set_something_right(tenant: GraphMock, withdrawn: None, member: str) -> None:
    for times in (1, 2):
        tenant.members.add(member)
        wait(3)
        release()
        release()
        assert tenant.members == set()
        assert repeated() == times


def test_it_does_not_look_before_everything_under_way_has_arrived(tenant: GraphMock, withdrawn: None, member: str) -> None:
    tenant.members.add(member)
    before = len(tenant.batches)
    wait(0.5)
    release()
    assert len(tenant.batches) == before


def test_nothing_is_asked_when_nothing_is_in_doubt(ready: Account, apply_for: Apply, tenant: GraphMock) -> None:
    apply_for(ready)
    wait(41)
    release()
    before = len(tenant.batches)
    wait(30)
    release()
    assert len(tenant.batches) == before


def test_where_all_is_as_it_should_be_nothing_is_told_again(tenant: GraphMock, withdrawn: None) -> None:
    wait(3)
    release()
    assert repeated() == 0
    assert not Delivery.objects.exclude(doubted_at=None).exists()


def test_a_system_that_does_not_answer_is_asked_later(tenant: GraphMock, withdrawn: None, member: str) -> None:
    tenant.members.add(member)
    wait(3)
    tenant.instead.append(UNAVAILABLE)
    release()
    assert Delivery.objects.exclude(doubted_at=None).exists()
    assert ConnectedSystem.objects.get(code="entra").failures == 1
    for _sweep in range(2):
        wait(3)
        release()
    assert tenant.members == set()


def test_a_system_that_is_stopped_is_not_asked(tenant: GraphMock, withdrawn: None) -> None:
    ConnectedSystem.objects.update(stopped_reason="by hand")
    before = len(tenant.batches)
    wait(3)
    release()
    assert len(tenant.batches) == before
    assert Delivery.objects.exclude(doubted_at=None).exists()


@pytest.mark.parametrize("is_overtaken", [False, True])
def test_what_a_lost_worker_had_in_hand_is_in_doubt(ready: Account, apply_for: Apply, tenant: GraphMock, *, is_overtaken: bool) -> None:
    apply_for(ready)
    wait(41)
    [row] = claim("entra", Capability.SET_STATE)
    if is_overtaken:
        withdraw(ready, actor=ready)
    wait(2)
    release()
    row.refresh_from_db()
    assert row.state == (DeliveryState.SUPERSEDED if is_overtaken else DeliveryState.CONFIRMED)
    assert row.doubted_at is not None


def test_that_one_account_is_sent_by_hand_is_looked_at_again(
    ready: Account, apply_for: Apply, tenant: GraphMock, member: str, ada: Account
) -> None:
    apply_for(ready)
    wait(41)
    tenant.instead.append(UNAVAILABLE)
    system = ConnectedSystem.objects.get(code="entra")
    assert not send_one(system, ready, actor=ada).ok
    withdraw(ready, actor=ready)
    release()
    assert (of("entra").desired, of("entra").state) == ("off", DeliveryState.CONFIRMED)
    tenant.members.add(member)
    wait(3)
    for _sweep in range(2):
        release()
    assert tenant.members == set()


def test_what_was_sent_by_hand_is_taken_back_when_the_application_is_withdrawn(
    ready: Account, apply_for: Apply, tenant: GraphMock, member: str, ada: Account
) -> None:
    apply_for(ready)
    wait(41)
    system = ConnectedSystem.objects.get(code="entra")
    assert send_one(system, ready, actor=ada).ok
    assert tenant.members == {member}
    withdraw(ready, actor=ready)
    release()
    assert tenant.members == set()


def test_a_system_that_knows_keys_is_never_in_doubt(
    ready: Account, apply_for: Apply, tenant: GraphMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphConnector, "capability", Capability.KEYED)
    apply_for(ready)
    wait(41)
    tenant.instead.append(UNAVAILABLE)
    release()
    claim("entra", Capability.KEYED)
    assert not Delivery.objects.exclude(doubted_at=None).exists()


def test_a_system_that_refuses_the_question_is_asked_later(ready: Account, tenant: GraphMock, monkeypatch: pytest.MonkeyPatch) -> None:
    system = ConnectedSystem.objects.get(code="entra")
    planned(system, ready)
    Delivery.objects.update(state="confirmed", doubted_at=database_now() - timedelta(hours=1))

    def refuse(*_accounts: object) -> dict[str, str]:
        raise Permanent("HTTP 400")

    connector = GraphConnector(system)
    monkeypatch.setattr(connector, "read", refuse)
    assert look_again(connector) == 0
    system.refresh_from_db()
    assert (system.failures, Delivery.objects.filter(doubted_at=None).exists()) == (1, False)


def test_a_withdrawal_tells_the_reverse_as_long_as_an_earlier_change_is_in_doubt(
    ready: Account, apply_for: Apply, tenant: GraphMock, withdrawn: None, member: str
) -> None:
    tenant.members.add(member)
    again = apply_for(ready)
    withdraw(ready, actor=ready)
    again.refresh_from_db()
    assert (again.state, of("entra").desired, of("entra").state) == ("withdrawing", "off", DeliveryState.WAITING)
    release()
    again.refresh_from_db()
    assert (again.state, tenant.members) == ("withdrawn", set())
    tenant.members.add(member)
    wait(3)
    for _sweep in range(2):
        release()
    assert tenant.members == set()


def test_what_is_planned_while_the_system_is_asked_leaves_the_doubt(
    ready: Account, apply_for: Apply, tenant: GraphMock, withdrawn: None, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = GraphConnector.read

    def meanwhile(connector: GraphConnector, accounts: Sequence[str]) -> dict[str, str]:
        apply_for(ready)
        return read(connector, accounts)

    tenant.members.add(member)
    wait(3)
    with monkeypatch.context() as patch:
        patch.setattr(GraphConnector, "read", meanwhile)
        release()
    withdraw(ready, actor=ready)
    release()
    assert tenant.members == set()


@pytest.mark.parametrize(("state", "told"), [("withdrawn", ("off", "waiting")), ("in-effect", ("on", "superseded"))])
def test_what_was_taken_back_untold_leaves_nothing_to_be_asked_but_for_an_application_that_the_system_has_not_learnt_of(
    ready: Account, tenant: GraphMock, member: str, state: str, told: tuple[str, str]
) -> None:
    system = ConnectedSystem.objects.get(code="entra")
    planned(system, ready)
    Delivery.objects.update(state="superseded", attempt=1, doubted_at=database_now() - timedelta(hours=1))
    Application.objects.update(state="withdrawn")
    planned(system, ready, revision=2)
    Delivery.objects.filter(revision=2).update(state="superseded")
    Application.objects.filter(revision=2).update(state=state)
    tenant.members.add(member)
    look_again(GraphConnector(system))
    assert (of("entra").desired, of("entra").state) == told
