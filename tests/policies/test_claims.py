"""Taking in hand: leases, fences, and the order of revisions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import Account
from audit.models import Event
from policies import propagation
from policies.applications import withdraw
from policies.claims import LOST_LIMIT, claim, due_systems, give_back, renew
from policies.clock import database_now
from policies.connectors.base import Capability, Change, Connector, Outdated, Transient
from policies.connectors.local import LocalConnector
from policies.models import Application, ConnectedSystem, Delivery
from policies.planning import AHEAD
from policies.propagation import pass_on
from tests.policies.deliveries import FAR, answered, local, of, planned, release, wait

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


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
    for failure in (None, Transient("late"), Outdated("late")):
        answered(zombie, failure)
    renew([zombie])
    in_hand = of("local")
    assert (in_hand.state, in_hand.last_answer, in_hand.lease_until) == ("sent", "", current.lease_until)
    application.refresh_from_db()
    assert application.state == "applied"
    for _time in range(2):
        answered(current)
    assert of("local").state == "confirmed"
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


def left_behind(account: Account, *, minutes: int) -> ConnectedSystem:
    """The system of a change whose worker died so many minutes ago."""
    system = ConnectedSystem.objects.get(code="local")
    planned(system, account)
    claim("local", Capability.SET_STATE)
    wait(minutes)
    return system


def test_a_newcomer_is_not_held_up_by_a_change_that_killed_a_worker(ready: Account, ken: Account) -> None:
    system = left_behind(ready, minutes=2)
    planned(system, ken)
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ken]


def test_what_a_worker_left_behind_waits_five_minutes_for_the_others_and_then_goes_first(ready: Account, ken: Account) -> None:
    """An hour's backlog of a slow system is no reason to forget those whose worker was replaced in the middle."""
    system = left_behind(ready, minutes=5)
    planned(system, ken)
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ken]
    give_back(Delivery.objects.filter(account=ken))
    wait(1.1)
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ready]


def test_a_change_that_left_its_worker_alive_is_no_suspect_any_more(ready: Account, ken: Account) -> None:
    system = left_behind(ready, minutes=2)
    [suspect] = claim("local", Capability.SET_STATE)
    assert suspect.lost == 1
    answered(suspect, Transient("busy"))
    wait(30)
    planned(system, ken)
    assert {row.account for row in claim("local", Capability.SET_STATE)} == {ready, ken}


def test_of_what_is_put_aside_nobody_knows_whether_its_last_attempt_takes_effect(ready: Account) -> None:
    left_behind(ready, minutes=2)
    Delivery.objects.update(lost=LOST_LIMIT)
    before = database_now()
    assert claim("local", Capability.SET_STATE) == []
    put_aside = of("local")
    assert put_aside.state == "failed"
    assert put_aside.doubted_at
    assert put_aside.doubted_at >= before


def test_what_is_overtaken_at_the_very_moment_of_being_put_aside_is_in_doubt(ready: Account, apply_for: Apply) -> None:
    apply_for(ready)
    wait(41)
    [row] = claim("local", Capability.SET_STATE)
    wait(2)
    withdrawn = []

    def meanwhile(execute: Any, sql: str, *query: Any) -> Any:
        """Right after the first UPDATE."""
        outcome = execute(sql, *query)
        if sql.startswith("UPDATE") and not withdrawn:
            withdrawn.append(True)
            withdraw(ready, actor=ready)
        return outcome

    with connection.execute_wrapper(meanwhile):
        assert claim("local", Capability.SET_STATE) == []
    row.refresh_from_db()
    assert (row.state, row.doubted_at is None) == ("superseded", False)


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


def test_a_payload_of_another_version_waits_for_a_worker_that_knows_it(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    Delivery.objects.update(payload_version=2)
    time_passes(41)
    assert of("local").state == "waiting"
    assert due_systems() == []


def test_what_goes_before_all_else_is_taken_when_it_is_due_and_no_earlier(ready: Account, ken: Account) -> None:
    """What protects at once comes first by `next_try_at`, which may lie before `due_at`."""
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    first = Delivery.objects.filter(account=ken)
    first.update(due_at=F("due_at") + timedelta(minutes=1), next_try_at=F("next_try_at") - AHEAD)
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ready]
    give_back(Delivery.objects.all())
    Delivery.objects.exclude(account=ken).delete()
    assert due_systems() == []
    wait(1)
    assert due_systems() == ["local"]
    assert [row.account for row in claim("local", Capability.SET_STATE)] == [ken]


def test_while_a_batch_is_in_hand_nobody_else_takes_one(ready: Account, ken: Account) -> None:
    system = ConnectedSystem.objects.get(code="local")
    ConnectedSystem.objects.update(batch_size=1)
    planned(system, ready, ken)
    assert len(claim("local", Capability.SET_STATE)) == 1
    assert claim("local", Capability.SET_STATE) == []
    assert due_systems() == []


def test_when_the_round_is_over_the_rest_is_given_back(ready: Account, ken: Account) -> None:
    class OneByOne(LocalConnector):
        apply = Connector.apply

        def tell(self, change: Change) -> None:
            told.append(change)

    told: list[Change] = []
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    rows = claim("local", Capability.SET_STATE)
    pass_on(OneByOne(rows[0].system), rows, over=0)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["confirmed", "waiting"]
    assert len(told) == 1


def test_what_was_answered_at_once_is_kept_although_the_round_is_over(ready: Account, ken: Account) -> None:
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    pass_on(local(), claim("local", Capability.SET_STATE), over=0)
    assert list(Delivery.objects.values_list("state", flat=True)) == ["confirmed"] * 2


def test_a_long_batch_keeps_its_lease(ready: Account, ken: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watching(LocalConnector):
        apply = Connector.apply

        def tell(self, change: Change) -> None:
            leases.append(Delivery.objects.get(uid=rows[1].uid).lease_until - database_now())

    leases: list[timedelta] = []
    planned(ConnectedSystem.objects.get(code="local"), ready, ken)
    rows = claim("local", Capability.SET_STATE)
    wait(0.9)
    monkeypatch.setattr(propagation, "lease", timedelta)  # a third of it has always passed
    pass_on(Watching(rows[0].system), rows, over=FAR)
    assert leases[0] < timedelta(seconds=10) < timedelta(seconds=50) < leases[1]


def test_what_was_given_back_by_a_living_worker_is_no_suspect(ready: Account, ken: Account) -> None:
    system = left_behind(ready, minutes=2)
    give_back(claim("local", Capability.SET_STATE))
    planned(system, ken)
    assert {row.account for row in claim("local", Capability.SET_STATE)} == {ready, ken}


def test_a_worker_takes_nothing_more_by_settings_that_have_been_changed(
    ready: Account, ken: Account, mail_system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    ConnectedSystem.objects.filter(pk=mail_system.pk).update(batch_size=1)
    planned(mail_system, ready, ken)
    spoken_to = []

    def told_and_corrected(connector: Connector, rows: list[Delivery], *, over: float) -> None:
        spoken_to.append(connector.system.address)
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state="confirmed")
        ConnectedSystem.objects.filter(pk=mail_system.pk).update(address="https://mail.example.ac.jp/new")

    monkeypatch.setattr(propagation, "pass_on", told_and_corrected)
    propagation.release_system("mail")
    propagation.release_system("mail")
    assert spoken_to == [mail_system.address, "https://mail.example.ac.jp/new"]
