"""Passing on: what is due reaches each system once, and every kind of failure has its own way on."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import propagation
from policies.applications import withdraw
from policies.claims import claim, due_systems, renew
from policies.clock import database_now
from policies.connectors.base import Answer, Capability, Change, Connector, Transient
from policies.connectors.local import LocalConnector
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import pass_on, record_answer, release, retry
from policies.settling import settle_stragglers
from policies.systems import ensure_system, resume
from tests.factories import an_account
from tests.policies.conftest import wait
from tests.policies.downstream import Downstream, does_it_and, drops, obedient, says

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
FAR = 1e9


def of(code: str) -> Delivery:
    return Delivery.objects.filter(system__code=code).latest("revision")


def local() -> LocalConnector:
    return LocalConnector(ConnectedSystem.objects.get(code="local"))


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


def test_a_failing_system_is_asked_again_later_and_later_and_holds_up_no_other(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.mood = says(500)
    application = apply_for(ready)
    time_passes(41)
    assert (of("local").state, of("mail").state) == ("confirmed", "waiting")
    assert of("mail").last_answer == "HTTP 500"
    release()
    assert len(downstream.requests) == 1
    for _hour in range(18):
        time_passes(10)
    assert 10 < len(downstream.requests) < 25
    downstream.mood = None
    time_passes(16)
    application.refresh_from_db()
    assert application.state == "in-effect"
    assert downstream.effects == [(ready.common_id, "on", 1)]
    mail_system.refresh_from_db()
    assert (mail_system.failures, mail_system.paused_until) == (0, None)


def test_three_failures_in_a_row_spare_a_system_the_rest_of_the_batch(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    planned(mail_system, *(an_account() for _ in range(5)))
    downstream.mood = says(503)
    release()
    assert len(downstream.requests) == 3
    assert Counter(Delivery.objects.values_list("state", "last_answer")) == {("waiting", ""): 2, ("waiting", "HTTP 503"): 3}


def test_a_failure_now_and_then_slows_nobody_down(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    planned(mail_system, *(an_account() for _ in range(5)))
    downstream.moods.extend([says(500), obedient, says(500), says(500)])
    release()
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"confirmed": 2, "waiting": 3}
    mail_system.refresh_from_db()
    assert (mail_system.failures, mail_system.paused_until) == (0, None)


def test_retry_after_pauses_that_system_for_as_long_as_it_says(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(says(429, Retry_After="1800"))
    apply_for(ready)
    time_passes(41)
    time_passes(25)
    assert len(downstream.requests) == 1
    time_passes(6)
    assert of("mail").state == "confirmed"


def test_applied_with_the_answer_lost_has_one_effect(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.extend([does_it_and(drops), does_it_and(says(502))])
    apply_for(ready)
    for _try in range(3):
        time_passes(41)
    assert of("mail").state == "confirmed"
    assert len(downstream.requests) == 3
    assert len({headers["webhook-id"] for headers in downstream.headers}) == 1
    assert downstream.effects == [(ready.common_id, "on", 1)]


@pytest.mark.covers("S-144")
def test_a_refusal_waits_for_staff_who_may_have_it_passed_on_again(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(says(404))
    application = apply_for(ready)
    time_passes(41)
    time_passes(600)
    assert (of("mail").state, len(downstream.requests)) == ("failed", 1)
    assert Event.objects.get(name="delivery:failed").after["problem"] == "HTTP 404"
    retry(of("mail"), actor=None)
    release()
    application.refresh_from_db()
    assert application.state == "in-effect"


def test_having_it_passed_on_again_needs_the_right_and_something_that_waits(
    ready: Account, sato: Account, hiro: Account, apply_for: Apply
) -> None:
    apply_for(ready)
    Delivery.objects.update(state="failed")
    with pytest.raises(Refused, match="not-allowed"):
        retry(of("local"), actor=hiro)
    retry(of("local"), actor=sato)
    assert Event.objects.get(name="delivery:retried").actor_id == sato.pk
    with pytest.raises(Refused, match="nothing-to-retry"):
        retry(of("local"), actor=sato)


def test_after_a_day_of_trying_a_person_is_needed(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.mood = says(500)
    apply_for(ready)
    time_passes(41)
    time_passes(24 * 60)
    assert of("mail").state == "failed"


def test_wrong_settings_stop_one_system_tell_the_administrator_and_lose_nothing(
    ready: Account, ada: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(says(401))
    apply_for(ready)
    time_passes(41)
    time_passes(60)
    mail_system.refresh_from_db()
    assert mail_system.stopped_reason == "HTTP 401"
    assert (of("local").state, of("mail").state, len(downstream.requests)) == ("confirmed", "waiting", 1)
    assert Event.objects.filter(name="system:stopped").count() == 1
    assert Message.objects.get(template="system-stopped").account == ada
    assert resume(mail_system, actor=ada)
    assert not resume(mail_system, actor=ada)
    release()
    assert of("mail").state == "confirmed"


def test_a_system_whose_connector_is_not_installed_is_stopped(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    system = ensure_system("odd", connector="carrier-pigeon", name_en="Odd", name_ja="奇")
    apply_for(ready)
    time_passes(41)
    system.refresh_from_db()
    assert "carrier-pigeon" in system.stopped_reason


@pytest.mark.django_db
def test_a_system_that_does_not_exist_is_nothing_to_do() -> None:
    propagation.release_system("nowhere")


@pytest.mark.covers("S-144")
def test_the_work_of_a_worker_that_died_is_taken_over_after_its_lease(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    wait(41)
    assert len(claim("local", Capability.SET_STATE)) == 1
    release()
    assert of("local").state == "sent"
    time_passes(1.1)
    assert (of("local").state, of("local").attempt, of("local").lost) == ("confirmed", 2, 1)


@pytest.mark.covers("S-144")
def test_the_late_word_of_a_worker_that_lost_its_lease_changes_nothing(ready: Account, apply_for: Apply) -> None:
    application = apply_for(ready)
    wait(41)
    zombie = claim("local", Capability.SET_STATE)[0]
    wait(2)
    current = claim("local", Capability.SET_STATE)[0]
    for failure in (None, Transient("late"), propagation.Outdated("late")):
        assert not record_answer(local(), zombie, failure)
    renew([zombie])
    assert of("local").lease_until == current.lease_until
    application.refresh_from_db()
    assert application.state == "applied"
    assert record_answer(local(), current, None)
    assert not record_answer(local(), current, None)
    assert Event.objects.filter(name="application:in-effect").count() == 1


def test_a_change_that_kills_its_workers_is_put_aside_and_the_others_go_on(ready: Account, ken: Account) -> None:
    system = ConnectedSystem.objects.get(code="local")
    planned(system, ready, ken)
    assert len(claim("local", Capability.SET_STATE)) == 2
    wait(2)
    suspects = [claim("local", Capability.SET_STATE)]
    for _death in range(12):
        wait(2)
        suspects.append(claim("local", Capability.SET_STATE))
    assert all(len(rows) <= 1 for rows in suspects)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert Event.objects.filter(name="delivery:failed").count() == 2


def test_a_newcomer_is_not_held_up_by_a_change_that_killed_a_worker(ready: Account, ken: Account) -> None:
    system = ConnectedSystem.objects.get(code="local")
    planned(system, ready)
    claim("local", Capability.SET_STATE)
    wait(2)
    planned(system, ken)
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ken]


@pytest.mark.covers("S-144")
def test_a_newer_revision_takes_the_place_of_an_older_one_that_waits(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    withdraw(ready, actor=ready)
    apply_for(ready)
    time_passes(41)
    assert list(Delivery.objects.order_by("revision").values_list("state", flat=True)) == ["superseded", "confirmed"]


@pytest.mark.covers("S-144")
def test_a_newer_revision_waits_while_an_older_one_is_in_hand(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    """Withdrawn at the moment of telling: the reverse follows, never overtakes (R-228)."""
    application = apply_for(ready)
    wait(41)
    in_hand = claim("local", Capability.SET_STATE)
    withdraw(ready, actor=ready)
    application.refresh_from_db()
    assert application.state == "withdrawing"
    release()
    assert [row.state for row in Delivery.objects.order_by("revision")] == ["sent", "waiting"]
    pass_on(local(), in_hand, over=FAR)
    ready.refresh_from_db()
    assert ready.mfa_asked_here
    release()
    ready.refresh_from_db()
    application.refresh_from_db()
    assert (ready.mfa_asked_here, ready.methods_needed, application.state) == (False, False, "withdrawn")
    names = Event.objects.filter(account_id=ready.pk).order_by("id").values_list("name", flat=True)
    assert [name for name in names if name.startswith("application")] == [
        "application:submitted",
        "application:withdrawing",
        "application:withdrawn",
    ]


def test_when_the_worker_in_hand_dies_the_reverse_goes_out_alone(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    application = apply_for(ready)
    wait(41)
    claim("local", Capability.SET_STATE)
    withdraw(ready, actor=ready)
    time_passes(2)
    application.refresh_from_db()
    ready.refresh_from_db()
    assert [row.state for row in Delivery.objects.order_by("revision")] == ["superseded", "confirmed"]
    assert (application.state, ready.mfa_asked_here, ready.mfa_asked_revision) == ("withdrawn", False, 2)


def test_a_zombie_cannot_turn_on_what_has_been_turned_off(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    wait(41)
    zombie = claim("local", Capability.SET_STATE)
    withdraw(ready, actor=ready)
    time_passes(2)
    pass_on(local(), zombie, over=FAR)
    ready.refresh_from_db()
    assert not ready.mfa_asked_here


def test_a_system_that_knows_better_is_shown_to_staff_unless_we_know_it_too(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.states[ready.common_id] = ("off", 7)
    apply_for(ready)
    time_passes(41)
    assert of("mail").state == "failed"
    assert "newer" in of("mail").last_answer


def test_a_payload_of_another_version_waits_for_a_worker_that_knows_it(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    Delivery.objects.update(payload_version=2)
    time_passes(41)
    assert of("local").state == "waiting"
    assert due_systems() == []


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


def test_while_a_batch_is_in_hand_nobody_else_takes_one(ready: Account, ken: Account) -> None:
    system = ConnectedSystem.objects.get(code="local")
    ConnectedSystem.objects.update(batch_size=1)
    planned(system, ready, ken)
    assert len(claim("local", Capability.SET_STATE)) == 1
    assert claim("local", Capability.SET_STATE) == []
    assert due_systems() == []


def test_when_the_round_is_over_the_rest_is_given_back(ready: Account, ken: Account) -> None:
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    pass_on(local(), claim("local", Capability.SET_STATE), over=0)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["confirmed", "waiting"]


def test_a_long_batch_keeps_its_lease(ready: Account, ken: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watching(LocalConnector):
        def tell(self, change: Change) -> None:
            leases.append(Delivery.objects.get(uid=rows[1].uid).lease_until - database_now())

    leases: list[timedelta] = []
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    rows = claim("local", Capability.SET_STATE)
    wait(0.9)
    monkeypatch.setattr(propagation, "lease", timedelta)  # a third of it has always passed
    pass_on(Watching(rows[0].system), rows, over=FAR)
    assert leases[0] < timedelta(seconds=10) < timedelta(seconds=50) < leases[1]


class Careless(Connector):
    """Can neither name a key nor set a state."""

    code = "careless"
    capability = Capability.MAY_APPLY_TWICE
    behaviour: Callable[[Change], None]

    def tell(self, change: Change) -> None:
        type(self).behaviour(change)


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


def test_a_fault_in_a_connector_costs_one_change_an_attempt(
    ready: Account, apply_for: Apply, time_passes: Passes, careless: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(change: Change) -> None:
        raise KeyError(change.key)

    monkeypatch.setattr(Careless, "behaviour", staticmethod(broken), raising=False)
    apply_for(ready)
    time_passes(41)
    assert (of("door").state, of("door").last_answer) == ("unsure", "unexpected KeyError")


class Bulk(LocalConnector):
    """Takes a whole batch or none of it."""

    code = "bulk"

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        raise Transient("closed for the night", retry_after=timedelta(minutes=5))


def test_a_batch_that_is_turned_away_waits_as_a_whole(ready: Account, ken: Account, settings: Settings, time_passes: Passes) -> None:
    settings.MFA_CONNECTORS = [*settings.MFA_CONNECTORS, f"{__name__}.Bulk"]
    system = ensure_system("bulk", connector="bulk", name_en="Bulk", name_ja="一括")
    planned(system, ready, ken)
    release()
    assert set(Delivery.objects.values_list("state", "last_answer")) == {("waiting", "closed for the night")}


def planned(system: ConnectedSystem, *accounts: Account) -> None:
    """One delivery, due since a moment, for each of these accounts."""
    now = database_now() - timedelta(seconds=1)
    for account in accounts:
        application = Application.objects.create(account=account, revision=1, text_version="x", tested_at=now, submitted_at=now)
        Delivery.objects.create(
            account=account, application=application, system=system, revision=1, desired="on", planned_at=now, due_at=now, next_try_at=now
        )
