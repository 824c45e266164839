"""The end of a termination: notices, and MFA use that comes back by itself (C-08)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.lifecycle import require_reregistration
from methods.models import Message, RegisteredMethod
from policies import returns, terminations
from policies.applications import withdraw
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.models import Application, ConnectedSystem, Delivery, Termination
from policies.progress import progress
from policies.standing import use_of
from policies.tasks import release
from tests.policies.deliveries import many_due, wait
from tests.policies.terminated import days_pass, states, told
from tests.signin.door import enter_password

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


@pytest.mark.covers("C-08")
def test_at_its_end_mfa_use_returns_on_the_road_of_an_application(terminated: Account, time_passes: Passes) -> None:
    days_pass(30)
    release()
    assert states(terminated) == ["terminated", "applied"]
    terminated.refresh_from_db()
    assert (terminated.methods_needed, terminated.mfa_asked_here) == (True, False)
    time_passes(41)
    terminated.refresh_from_db()
    assert states(terminated) == ["terminated", "in-effect"]
    assert (terminated.mfa_asked_here, terminated.mfa_asked_revision) == (True, 3)


@pytest.mark.covers("C-08", "S-144")
def test_what_protects_again_goes_before_everything_else_that_is_due(terminated: Account) -> None:
    many_due(60)
    wait(30)
    days_pass(30)
    returns.look_after()
    first = claim("local", Capability.SET_STATE)
    assert first[0].account_id == terminated.pk
    assert first[0].due_at <= database_now()


def test_the_return_is_recorded_and_told_once(terminated: Account) -> None:
    days_pass(30)
    assert [returns.look_after(), returns.look_after()] == [1, 0]
    event = Event.objects.get(name="termination:ended")
    termination = Termination.objects.get()
    assert (event.account_id, event.actor_kind, event.after["termination"]) == (terminated.pk, "system", str(termination.uid))
    assert (termination.state, termination.returned_as) == ("ended", Application.objects.get(state="applied"))
    assert told(terminated) == ["termination-ended"]


def test_before_its_end_nothing_returns(terminated: Account) -> None:
    days_pass(29.99)
    returns.look_after()
    assert states(terminated) == ["terminated"]


@pytest.mark.covers("C-08")
def test_the_holder_is_told_fourteen_three_and_one_day_before(terminated: Account) -> None:
    assert returns.look_after() == 0
    for passing, notices in ((15.9, 0), (0.2, 1), (10, 1), (1, 2), (1, 2), (1, 3), (0.5, 3)):
        days_pass(passing)
        returns.look_after()
        assert told(terminated) == ["termination-ending"] * notices


def test_a_sweep_that_comes_late_tells_once(terminated: Account) -> None:
    days_pass(29.5)
    assert [returns.look_after(), returns.look_after()] == [1, 0]


def test_a_termination_shorter_than_a_notice_has_none(terminated: Account) -> None:
    Termination.objects.update(days=1, ends_at=timezone.now() + timedelta(hours=23))
    assert returns.look_after() == 0


def test_the_notice_says_when_no_method_is_left(terminated: Account, sato: Account) -> None:
    require_reregistration(terminated, actor=sato, reason="lost everything")
    days_pass(24)
    returns.look_after()
    assert Message.objects.get(template="termination-ending").facts["has_method"] is False


@pytest.mark.covers("C-08", "S-97")
def test_the_holder_cannot_withdraw_what_has_returned(terminated: Account) -> None:
    days_pass(30)
    returns.look_after()
    with pytest.raises(Refused, match="cannot-disable"):
        withdraw(terminated, actor=terminated)
    assert not progress(Application.objects.get(state="applied")).can_withdraw


def test_who_applied_again_meanwhile_is_left_alone(terminated: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(terminated)
    time_passes(41)
    days_pass(30)
    returns.look_after()
    assert states(terminated) == ["terminated", "in-effect"]
    assert Termination.objects.get().state == "ended"
    assert told(terminated) == []


def test_a_second_termination_is_not_cut_short_by_the_end_of_the_first(
    terminated: Account, apply_for: Apply, time_passes: Passes, hiro: Account, sato: Account
) -> None:
    apply_for(terminated)
    time_passes(41)
    days_pass(29)
    terminations.approve(terminations.request(terminated, actor=hiro, reason="again", days=30), actor=sato)
    time_passes(41)
    days_pass(2)
    returns.look_after()
    assert states(terminated) == ["terminated", "terminated"]
    days_pass(28)
    returns.look_after()
    assert states(terminated) == ["terminated", "terminated", "applied"]


@pytest.mark.covers("C-08")
def test_nobody_escapes_the_end_by_applying_and_withdrawing(terminated: Account, apply_for: Apply) -> None:
    days_pass(30)
    apply_for(terminated)
    returns.look_after()
    withdraw(terminated, actor=terminated)
    returns.look_after()
    assert states(terminated) == ["terminated", "withdrawn", "applied"]


def test_an_application_that_was_withdrawn_changes_nothing_about_the_end(terminated: Account, apply_for: Apply) -> None:
    apply_for(terminated)
    withdraw(terminated, actor=terminated)
    days_pass(30)
    returns.look_after()
    assert states(terminated) == ["terminated", "withdrawn", "applied"]


def test_a_system_that_never_confirmed_the_termination_is_told_the_newest(
    ready: Account, apply_for: Apply, time_passes: Passes, hiro: Account, sato: Account
) -> None:
    apply_for(ready)
    time_passes(41)
    terminations.approve(terminations.request(ready, actor=hiro, reason="broken arm", days=30), actor=sato)
    days_pass(30)
    returns.look_after()
    assert states(ready) == ["terminated", "applied"]
    time_passes(41)
    ready.refresh_from_db()
    assert ready.mfa_asked_here
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["confirmed", "superseded", "confirmed"]


def test_nothing_returns_to_who_has_left_until_they_are_back(terminated: Account) -> None:
    Account.objects.filter(pk=terminated.pk).update(left_at=timezone.now())
    days_pass(31)
    assert returns.look_after() == 0
    Account.objects.filter(pk=terminated.pk).update(left_at=None)
    assert returns.look_after() == 1


def test_the_return_waits_for_a_system_that_can_be_told(terminated: Account) -> None:
    ConnectedSystem.objects.update(enabled=False)
    days_pass(30)
    assert returns.look_after() == 0
    ConnectedSystem.objects.update(enabled=True)
    assert returns.look_after() == 1


@pytest.mark.covers("C-08")
def test_who_returns_without_a_method_may_register_as_a_newcomer_and_nothing_more(
    terminated: Account, settings: Settings, client: Client
) -> None:
    RegisteredMethod.objects.filter(account=terminated).update(state="removed", is_default=False)
    days_pass(30)
    returns.look_after()
    Account.objects.filter(pk=terminated.pk).update(mfa_asked_here=True)
    terminated.refresh_from_db()
    assert terminated.registers_anew
    assert enter_password(client, terminated)["Location"] == "/signin/more-information/"
    settings.MFA_CAMPUS_NETWORKS = ["192.0.2.0/24"]
    settings.MFA_FIRST_REGISTRATION = "campus"
    elsewhere = Client()
    assert enter_password(elsewhere, terminated)["Location"] == "/signin/refused/"
    Account.objects.filter(pk=terminated.pk).update(registers_anew=False)
    settings.MFA_CAMPUS_NETWORKS = ["127.0.0.0/8"]
    assert enter_password(Client(), terminated)["Location"] == "/signin/refused/"


def test_whose_methods_staff_took_away_stays_on_the_way_of_recovery(terminated: Account, sato: Account) -> None:
    require_reregistration(terminated, actor=sato, reason="lost everything")
    days_pass(30)
    returns.look_after()
    terminated.refresh_from_db()
    assert not terminated.registers_anew


def test_who_returns_with_a_method_is_no_newcomer(terminated: Account) -> None:
    days_pass(30)
    returns.look_after()
    terminated.refresh_from_db()
    assert not terminated.registers_anew


def taken_back_half_way(account: Account, apply_for: Apply) -> None:
    """Applied again and withdrawn while a system was being told, which never answers."""
    application = apply_for(account)
    Delivery.objects.filter(application=application).update(state="sent", attempt=1)
    assert withdraw(account, actor=account).state == "withdrawing"


@pytest.mark.covers("C-08")
def test_a_withdrawal_that_no_system_confirms_keeps_nobody_out_of_the_return(terminated: Account, apply_for: Apply) -> None:
    taken_back_half_way(terminated, apply_for)
    days_pass(28)
    returns.look_after()
    assert told(terminated) == ["termination-ending"]
    days_pass(2)
    assert [returns.look_after(), returns.look_after()] == [1, 0]
    assert states(terminated) == ["terminated", "withdrawn", "applied"]
    terminated.refresh_from_db()
    assert (terminated.methods_needed, Termination.objects.get().state) == (True, "ended")


def test_staff_can_end_an_exception_while_a_withdrawal_is_not_confirmed(terminated: Account, apply_for: Apply, hiro: Account) -> None:
    taken_back_half_way(terminated, apply_for)
    assert use_of(terminated).is_exception
    returns.end_exception(terminated, actor=hiro, reason="came by")
    returns.look_after()
    assert states(terminated) == ["terminated", "withdrawn", "applied"]


@pytest.mark.parametrize("since", ["withdrawing", "applied"])
def test_an_exception_that_the_holder_disowns_ends_whatever_becomes_of_an_application_made_since(
    terminated: Account, apply_for: Apply, since: str
) -> None:
    if since == "withdrawing":
        taken_back_half_way(terminated, apply_for)
    else:
        apply_for(terminated)
    with transaction.atomic():
        assert returns.end_now(hold(terminated.pk))
    if since == "applied":
        withdraw(terminated, actor=terminated)
        returns.look_after()
    assert states(terminated) == ["terminated", "withdrawn", "applied"]
    assert Application.objects.get(state="applied").is_return
