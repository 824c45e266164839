"""Passing on: what is due reaches each system once, and never early."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from policies import propagation, terminations
from policies.alarms import of_systems
from policies.applications import withdraw
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.models import Application, ConnectedSystem, Delivery
from policies.progress import reached
from policies.queues import queues
from policies.settling import settle_stragglers
from tests.policies.deliveries import of, release, wait
from tests.policies.downstream import Downstream, does_it_and, drops, refuses, says

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


@pytest.mark.covers("S-144", "S-91")
def test_nothing_is_told_early_however_wrong_the_clocks_of_the_workers_are(ready: Account, apply_for: Apply) -> None:
    apply_for(ready)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        release()
    assert of("local").state == "waiting"
    wait(41)
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        release()
    assert of("local").state == "confirmed"


def test_a_due_time_given_under_a_wrong_clock_is_the_databases(ready: Account, apply_for: Apply) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=30)):
        application = apply_for(ready)
    assert abs(application.submitted_at - database_now()) < timedelta(seconds=5)


@pytest.mark.covers("S-144")
def test_the_system_learns_it_once_however_often_the_sweep_runs(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    apply_for(ready)
    for _sweep in range(5):
        time_passes(20)
    assert downstream.effects == [(ready.common_id, "on", 1)]
    assert len(downstream.requests) == 1
    assert of("mail").attempt == 1
    assert Event.objects.filter(name="delivery:confirmed").count() == 2


@pytest.mark.django_db
def test_a_system_that_does_not_exist_is_nothing_to_do() -> None:
    propagation.release_system("nowhere")


def test_a_disabled_system_is_told_nothing(ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem) -> None:
    application = apply_for(ready)
    ConnectedSystem.objects.filter(code="mail").update(enabled=False)
    time_passes(41)
    application.refresh_from_db()
    assert (of("mail").state, application.state) == ("waiting", "in-effect")


def test_an_application_does_not_wait_for_a_system_that_was_disabled_last(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.mood = says(500)
    application = apply_for(ready)
    time_passes(41)
    assert settle_stragglers() == 0
    ConnectedSystem.objects.filter(code="mail").update(enabled=False)
    assert settle_stragglers() == 1
    assert settle_stragglers() == 0
    application.refresh_from_db()
    assert application.state == "in-effect"


def test_a_withdrawal_waits_for_the_optional_system_that_was_being_told(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    ConnectedSystem.objects.filter(code="mail").update(required=False, window_minutes=5)
    downstream.mood = does_it_and(drops)
    application = apply_for(ready)
    time_passes(6)
    withdraw(ready, actor=ready)
    assert settle_stragglers() == 0
    downstream.mood = None
    time_passes(1)
    application.refresh_from_db()
    assert application.state == "withdrawn"
    assert downstream.effects == [(ready.common_id, "on", 1), (ready.common_id, "off", 2)]
    assert Delivery.objects.filter(system__code="local").get().state == "superseded"


@pytest.fixture
def asked(ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem) -> Account:
    """Hana, whom campus mail asks for a verification."""
    apply_for(ready)
    time_passes(41)
    return ready


@pytest.fixture
def ending(asked: Account, hiro: Account, sato: Account) -> Account:
    """Hana, the end of whose MFA use has been approved and is not due yet."""
    terminations.approve(terminations.request(asked, actor=hiro, reason="broken arm"), actor=sato)
    return asked


@pytest.mark.parametrize("left", ["waiting", "failed", "sent"])
def test_who_applies_again_and_withdraws_is_not_asked_where_the_end_had_not_arrived(
    ending: Account, downstream: Downstream, apply_for: Apply, time_passes: Passes, left: str
) -> None:
    ConnectedSystem.objects.filter(code="mail").update(required=False)
    downstream.mood = refuses(404) if left == "failed" else says(503)
    wait(41)
    if left == "sent":
        assert claim("mail", Capability.KEYED)  # in hand, and its worker dies
    release()
    assert (of("mail").state, Application.objects.get().state) == (left, "terminated")
    again = apply_for(ending)
    assert withdraw(ending, actor=ending).state == "withdrawing"
    downstream.mood = None
    time_passes(41)
    again.refresh_from_db()
    assert again.state == "withdrawn"
    assert downstream.effects == [(ending.common_id, "on", 1), (ending.common_id, "off", 4)]


def test_a_system_that_is_disabled_when_mfa_use_ends_learns_it_when_it_is_enabled_and_holds_up_nobody_until_then(
    asked: Account, downstream: Downstream, time_passes: Passes, hiro: Account, sato: Account
) -> None:
    ConnectedSystem.objects.filter(code="mail").update(enabled=False)
    terminations.approve(terminations.request(asked, actor=hiro, reason="broken arm"), actor=sato)
    time_passes(41)
    time_passes(24 * 60)
    application = Application.objects.get()
    assert (application.state, of("mail").state, of("mail").attempt) == ("terminated", "waiting", 0)
    assert [row.delivery.system.code for row in reached(application).rows] == ["local"]
    assert (queues(database_now(), ConnectedSystem.objects.all()), list(of_systems(database_now()))) == ({}, [])
    ConnectedSystem.objects.filter(code="mail").update(enabled=True)
    release()
    assert downstream.effects == [(asked.common_id, "on", 1), (asked.common_id, "off", 2)]


def test_who_applies_again_and_withdraws_waits_for_no_system_that_knows_of_the_end(
    terminated: Account, apply_for: Apply, time_passes: Passes
) -> None:
    apply_for(terminated)
    assert withdraw(terminated, actor=terminated).state == "withdrawn"
    assert of("local").revision == 3
