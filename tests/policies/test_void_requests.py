"""Requests to end MFA use of which nothing comes: too old, outdated, or of somebody who may not ask any more (R-162)."""

from collections.abc import Callable

import pytest
from django.db.models import F

from accounts.locks import lock, unlock
from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import terminations, wishes
from policies.applications import withdraw
from policies.models import Application, Termination, TerminationWish
from policies.systems import ensure_system
from policies.tasks import settle_stragglers as settle_stragglers_task
from tests.policies.terminated import ask, state_of

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def test_after_a_day_the_request_is_void(protected: Account, hiro: Account, sato: Account) -> None:
    termination = ask(protected, hiro)
    Termination.objects.update(expires_at=F("requested_at"))
    with pytest.raises(Refused, match="termination-closed"):
        terminations.approve(termination, actor=sato)
    assert terminations.expire() == 1
    assert terminations.expire() == 0
    event = Event.objects.get(name="termination:expired")
    assert (event.actor_kind, "why" in event.after) == ("system", False)
    assert ask(protected, hiro).state == "requested"


def test_a_new_request_closes_one_that_ran_out_a_moment_ago(protected: Account, hiro: Account) -> None:
    ask(protected, hiro)
    Termination.objects.update(expires_at=F("requested_at"))
    ask(protected, hiro)
    assert set(Termination.objects.values_list("state", flat=True)) == {"expired", "requested"}


def test_what_has_changed_since_the_request_makes_it_void(protected: Account, hiro: Account, sato: Account) -> None:
    termination = ask(protected, hiro)
    ensure_system("new", connector="webhook", name_en="New", name_ja="新しい")
    with pytest.raises(Refused, match="termination-outdated"):
        terminations.approve(termination, actor=sato)


@pytest.mark.parametrize("how", ["locked_at", "left_at"])
def test_who_is_locked_out_or_gone_stays_protected_by_the_systems(protected: Account, hiro: Account, sato: Account, how: str) -> None:
    termination = ask(protected, hiro)
    Account.objects.filter(pk=protected.pk).update(**{how: F("created_at")})
    with pytest.raises(Refused, match="closed-stays-protected"):
        terminations.approve(termination, actor=sato)
    Termination.objects.update(expires_at=F("requested_at"))
    with pytest.raises(Refused, match="closed-stays-protected"):
        ask(protected, hiro)
    assert state_of(protected) == "in-effect"


def test_that_the_application_has_come_into_effect_meanwhile_changes_nothing(
    ready: Account, apply_for: Apply, time_passes: Passes, hiro: Account, sato: Account
) -> None:
    apply_for(ready)
    termination = ask(ready, hiro)
    time_passes(41)
    assert terminations.close_outdated() == 0
    assert state_of(ready) == "in-effect"
    assert terminations.approve(termination, actor=sato).state == "approved"


@pytest.mark.covers("S-98")
def test_a_request_that_nothing_can_come_of_is_closed_and_the_holder_is_told(protected: Account, hiro: Account, sato: Account) -> None:
    wishes.wish(protected, actor=protected, reason="x")
    ask(protected, hiro)
    assert terminations.close_outdated() == 0
    ensure_system("new", connector="webhook", name_en="New", name_ja="新しい")
    settle_stragglers_task()
    assert terminations.close_outdated() == 0
    assert Termination.objects.get().state == "expired"
    assert wishes.open_wish(protected), "what the holder wished waits for staff again"
    facts = Message.objects.get(template="termination-expired").facts
    assert (facts["wished"], facts["changed"]) == (True, True)
    assert Event.objects.get(name="termination:expired").after["why"] == "changed"
    with pytest.raises(Refused, match="termination-outdated"):
        terminations.approve(Termination.objects.get(), actor=sato)


@pytest.mark.parametrize("how", ["system", "requester"])
def test_a_request_that_nothing_can_come_of_stands_in_the_way_of_no_other(
    protected: Account, hiro: Account, sato: Account, ada: Account, how: str
) -> None:
    wishes.wish(protected, actor=protected, reason="x")
    ask(protected, hiro)
    if how == "system":
        ensure_system("new", connector="webhook", name_en="New", name_ja="新しい")
    else:
        RoleGrant.objects.filter(account=hiro).delete()
    again = ask(protected, sato)
    assert set(Termination.objects.values_list("state", flat=True)) == {"expired", "requested"}
    assert TerminationWish.objects.get().termination == again
    assert terminations.approve(again, actor=ada).state == "approved"


def test_the_holder_who_withdraws_is_not_told_that_mfa_use_stays(ready: Account, apply_for: Apply, hiro: Account) -> None:
    apply_for(ready)
    ask(ready, hiro)
    withdraw(ready, actor=ready)
    assert terminations.close_outdated() == 1
    assert not Message.objects.filter(template="termination-expired").exists()


def test_a_lock_makes_a_request_void_also_when_it_was_lifted(protected: Account, hiro: Account, sato: Account) -> None:
    termination = ask(protected, hiro)
    lock(protected, actor=sato, reason="the phone was stolen")
    unlock(protected, actor=sato, reason="it is back")
    with pytest.raises(Refused, match="termination-outdated"):
        terminations.approve(termination, actor=sato)


@pytest.mark.parametrize("how", ["role", "left"])
def test_a_requester_who_may_no_longer_ask_makes_it_void(protected: Account, hiro: Account, sato: Account, how: str) -> None:
    termination = ask(protected, hiro)
    if how == "role":
        RoleGrant.objects.filter(account=hiro).delete()
    else:
        Account.objects.filter(pk=hiro.pk).update(left_at=F("created_at"))
    with pytest.raises(Refused, match="requester-may-not"):
        terminations.approve(termination, actor=sato)
