"""What may be applied twice is never repeated unasked: a person decides."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies import claims
from policies.claims import claim
from policies.connectors.base import Capability, Change, Connector, Permanent, Transient
from policies.models import Application, ConnectedSystem
from policies.systems import ensure_system
from tests.policies.deliveries import of, planned, release, wait

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


class Careless(Connector):
    """Can neither name a key nor set a state."""

    code = "careless"
    capability = Capability.MAY_APPLY_TWICE
    behaviour: Callable[[Change], None]

    def tell(self, change: Change) -> None:
        type(self).behaviour(change)

    def try_connection(self) -> None:
        """Always there."""


@pytest.fixture
def careless(settings: Settings, db: None) -> ConnectedSystem:
    settings.MFA_CONNECTORS = [*settings.MFA_CONNECTORS, f"{__name__}.Careless"]
    return ensure_system("door", connector="careless", name_en="Door locks", name_ja="電子錠")


def fails(**how: bool) -> Callable[[Change], None]:
    def tell(change: Change) -> None:
        raise Transient("no answer", **how)  # type: ignore[arg-type]

    return staticmethod(tell)  # type: ignore[return-value]


@pytest.mark.parametrize(("maybe", "state"), [(True, "unsure"), (False, "waiting")])
def test_what_may_be_applied_twice_is_never_repeated_unasked(
    ready: Account, careless: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, *, maybe: bool, state: str
) -> None:
    monkeypatch.setattr(Careless, "behaviour", fails(maybe_applied=maybe), raising=False)
    planned(careless, ready)
    release()
    assert of("door").state == state


def test_what_may_be_applied_twice_is_not_taken_over_from_a_dead_worker(
    ready: Account, apply_for: Apply, time_passes: Passes, careless: ConnectedSystem
) -> None:
    apply_for(ready)
    wait(41)
    assert claim("door", Capability.MAY_APPLY_TWICE)
    time_passes(2)
    assert of("door").state == "unsure"


def test_nor_is_it_when_it_could_not_be_put_aside_because_somebody_else_held_its_row(
    ready: Account, apply_for: Apply, careless: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_for(ready)
    wait(41)
    assert claim("door", Capability.MAY_APPLY_TWICE)
    wait(60)
    monkeypatch.setattr(claims, "_needs_a_person", lambda *skipped, **columns: None)
    assert claim("door", Capability.MAY_APPLY_TWICE) == []


def test_a_fault_in_a_connector_costs_one_change_an_attempt(
    ready: Account, apply_for: Apply, time_passes: Passes, careless: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(change: Change) -> None:
        raise KeyError(change.key)

    monkeypatch.setattr(Careless, "behaviour", staticmethod(broken), raising=False)
    apply_for(ready)
    time_passes(41)
    assert (of("door").state, of("door").last_answer) == ("unsure", "unexpected KeyError")


@pytest.mark.parametrize("refuses", [False, True])
def test_what_was_told_by_settings_that_were_changed_meanwhile_is_left_to_a_person(
    ready: Account, careless: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, *, refuses: bool
) -> None:
    def tell(change: Change) -> None:
        ConnectedSystem.objects.filter(code="door").update(address="another")
        if refuses:
            raise Permanent("no such door")

    monkeypatch.setattr(Careless, "behaviour", staticmethod(tell), raising=False)
    planned(careless, ready)
    release()
    assert (of("door").state, of("door").last_answer) == ("unsure", "its settings were changed meanwhile")
