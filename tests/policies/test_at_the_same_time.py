"""Many workers, many clicks, one truth."""

from collections import Counter
from collections.abc import Callable
from threading import Event as Flag
from time import sleep
from typing import Any

import pytest
from django.db.models import F

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import terminations
from policies.applications import TEXT_VERSION, submit, withdraw
from policies.claims import claim
from policies.connectors.base import Capability
from policies.models import Application, ConnectedSystem, Delivery, Termination
from policies.propagation import release_system
from tests.factories import an_account
from tests.policies.deliveries import many_due, release, wait
from tests.policies.downstream import Downstream

Parallel = Callable[[int, Callable[[int], Any]], list[Any]]
MANY = 600


def submit_for(account: Account) -> Application:
    return submit(account, actor=account, text_version=TEXT_VERSION)


def codes(outcomes: list[Any]) -> Counter[str]:
    return Counter(outcome.error.code if isinstance(outcome.error, Refused) else repr(outcome.error) for outcome in outcomes)


@pytest.mark.covers("S-144")
def test_six_workers_hand_out_six_hundred_deliveries_once_each(parallel: Parallel) -> None:
    many_due(MANY)

    def work(number: int) -> list[int]:
        mine: list[int] = []
        while Delivery.objects.filter(state="waiting").exists():
            rows = claim("local", Capability.SET_STATE)
            mine += [row.pk for row in rows]
            sleep(0.01)
            Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state="confirmed")
        return mine

    outcomes = parallel(6, work)
    assert [outcome.error for outcome in outcomes] == [None] * 6
    handed_out = [pk for outcome in outcomes for pk in outcome.value]
    assert len(handed_out) == len(set(handed_out)) == MANY
    assert set(Delivery.objects.values_list("attempt", flat=True)) == {1}


@pytest.mark.covers("S-144")
def test_two_beats_and_four_workers_apply_everything_once(parallel: Parallel) -> None:
    many_due(60)
    ConnectedSystem.objects.update(batch_size=7)

    def sweep(number: int) -> None:
        while Delivery.objects.exclude(state="confirmed").exists():
            release()
            sleep(0.05)

    assert [outcome.error for outcome in parallel(4, sweep)] == [None] * 4
    assert Account.objects.filter(mfa_asked_here=True, mfa_asked_revision=1).count() == 60
    assert Application.objects.filter(state="in-effect").count() == 60
    assert Event.objects.filter(name="application:in-effect").count() == 60
    assert set(Delivery.objects.values_list("attempt", flat=True)) == {1}


def test_ten_clicks_on_save_are_one_application(parallel: Parallel, ready: Account) -> None:
    outcomes = parallel(10, lambda number: submit_for(ready))
    assert codes(outcomes) == {"None": 1, "already-applied": 9}
    assert (Application.objects.count(), Delivery.objects.count()) == (1, 1)
    assert Message.objects.filter(template="application-submitted").count() == 1
    assert Event.objects.filter(name="application:submitted").count() == 1


def test_approved_twice_at_once_it_is_executed_once(parallel: Parallel, ready: Account, hiro: Account) -> None:
    submit_for(ready)
    wait(41)
    release()
    termination = terminations.request(ready, actor=hiro, reason="why")
    seniors = [an_account(roles=("senior-helpdesk",)) for _ in range(6)]
    outcomes = parallel(6, lambda number: terminations.approve(termination, actor=seniors[number]))
    assert codes(outcomes) == {"None": 1, "termination-closed": 5}
    assert Delivery.objects.filter(desired="off").count() == 1
    assert Event.objects.filter(name="termination:approved").count() == 1


def test_a_request_that_ran_out_is_closed_once(parallel: Parallel, ready: Account, hiro: Account) -> None:
    submit_for(ready)
    terminations.request(ready, actor=hiro, reason="why")
    Termination.objects.update(expires_at=F("requested_at"))
    assert sum(outcome.value for outcome in parallel(4, lambda number: terminations.expire())) == 1
    assert Event.objects.filter(name="termination:expired").count() == 1


@pytest.mark.covers("C-07")
@pytest.mark.parametrize("round_number", range(5))
def test_withdrawn_at_the_very_moment_of_telling_the_account_ends_as_it_began(
    parallel: Parallel, ready: Account, round_number: int
) -> None:
    application = submit_for(ready)
    wait(41)
    outcomes = parallel(3, lambda number: withdraw(ready, actor=ready) if number == 0 else release_system("local"))
    wait(2)
    release()
    release()
    application.refresh_from_db()
    ready.refresh_from_db()
    refused = codes(outcomes)["nothing-to-withdraw"] + codes(outcomes)["too-late-to-withdraw"]
    assert application.state == ("in-effect" if refused else "withdrawn")
    assert ready.mfa_asked_here is bool(refused)
    assert ready.methods_needed is bool(refused)
    assert not Delivery.objects.filter(state__in=["waiting", "sent"]).exists()


def test_a_system_that_hangs_binds_one_worker_and_the_others_go_on(
    parallel: Parallel, ready: Account, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    held = Flag()

    def hang(handler: Any, data: Any) -> None:
        held.set()
        downstream.let_go.wait(20)
        handler.hang_up()

    downstream.mood = hang
    submit_for(ready)
    wait(41)

    def work(number: int) -> str:
        if number == 0:
            release_system("mail")
            return "mail"
        held.wait(20)
        release_system("mail")
        release_system("local")
        confirmed = Delivery.objects.get(system__code="local").state
        downstream.let_go.set()
        return confirmed

    outcomes = parallel(2, work)
    assert [outcome.value for outcome in outcomes] == ["mail", "confirmed"]
    assert len(downstream.requests) == 1
