"""Terminations without end: who may ask for one, and how it ends all the same (C-08)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import returns, terminations
from policies.models import Application, Termination
from tests.policies.terminated import states, told

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


@pytest.mark.covers("C-08")
def test_only_an_administrator_asks_for_one_without_end(ready: Account, apply_for: Apply, sato: Account, ada: Account) -> None:
    apply_for(ready)
    with pytest.raises(Refused) as refusal:
        terminations.request(ready, actor=sato, reason="no hands", without_end=True)
    assert refusal.value.code == "not-allowed"
    asked = terminations.request(ready, actor=ada, reason="no hands", without_end=True)
    assert asked.days is None
    event = Event.objects.get(name="termination:requested")
    assert (event.actor_id, event.reason, event.after["without_end"]) == (ada.pk, "no hands", True)


@pytest.mark.covers("C-08")
def test_the_administrator_needs_another_person_and_the_role_until_then(
    ready: Account, apply_for: Apply, sato: Account, ada: Account
) -> None:
    apply_for(ready)
    asked = terminations.request(ready, actor=ada, reason="no hands", without_end=True)
    with pytest.raises(Refused) as refusal:
        terminations.approve(asked, actor=ada)
    assert refusal.value.code == "own-request"
    RoleGrant.objects.filter(account=ada).update(role="senior-helpdesk")
    with pytest.raises(Refused) as refusal:
        terminations.approve(asked, actor=sato)
    assert refusal.value.code == "requester-may-not"


@pytest.mark.covers("C-08")
def test_without_end_nothing_returns_and_nobody_is_reminded(endless: Account) -> None:
    Termination.objects.update(decided_at=timezone.now() - timedelta(days=4000))
    assert returns.look_after() == 0
    assert told(endless) == []
    assert states(endless) == ["terminated"]


def test_the_holder_is_told_that_it_has_no_end(endless: Account, ready: Account) -> None:
    facts = dict(Message.objects.filter(account=endless, template__startswith="termination-").values_list("template", "facts"))
    assert facts["termination-requested"]["days"] is None
    assert facts["termination-approved"]["ends_on"] == ""


def test_an_exception_is_over_when_the_holder_uses_mfa_again(endless: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(endless)
    assert returns.look_after() == 0
    time_passes(41)
    returns.look_after()
    assert Termination.objects.get().state == "ended"
    assert returns.open_exception(endless) is None


@pytest.mark.covers("C-08")
@pytest.mark.parametrize("which", ["endless", "terminated"])
def test_staff_end_an_exception_and_mfa_use_comes_back_at_once(
    which: str, request: pytest.FixtureRequest, hiro: Account, time_passes: Passes
) -> None:
    account: Account = request.getfixturevalue(which)
    returns.end_exception(account, actor=hiro, reason="the arm is well again")
    event = Event.objects.get(name="termination:cut-short")
    assert (event.account_id, event.actor_id, event.reason) == (account.pk, hiro.pk, "the arm is well again")
    returns.look_after()
    time_passes(0)
    account.refresh_from_db()
    assert states(account) == ["terminated", "in-effect"]
    assert account.mfa_asked_here
    with pytest.raises(Refused) as refusal:
        returns.end_exception(account, actor=hiro, reason="again")
    assert refusal.value.code == "no-exception"


@pytest.mark.parametrize(("who", "why"), [("ken", "not-allowed"), ("aki", "not-allowed")])
def test_who_has_no_right_ends_no_exception(endless: Account, who: str, why: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as refusal:
        returns.end_exception(endless, actor=request.getfixturevalue(who), reason="out of the blue")
    assert refusal.value.code == why
