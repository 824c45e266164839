"""Ending MFA use: two people, a date, and the same road to the systems."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F

from accounts.models import Account, RoleGrant, SessionRecord
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import terminations, wishes
from policies.claims import claim
from policies.connectors.base import Capability
from policies.models import Application, ConnectedSystem, Delivery, Termination
from policies.propagation import release_system
from policies.settling import settle_stragglers
from policies.systems import ensure_system
from tests.policies.deliveries import release, wait
from tests.policies.downstream import Downstream
from tests.policies.terminated import ask, state_of

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


@pytest.mark.covers("S-98", "C-08")
def test_one_asks_another_approves_and_the_password_is_enough_when_the_systems_know(
    protected: Account, hiro: Account, sato: Account, time_passes: Passes
) -> None:
    termination = terminations.approve(ask(protected, hiro), actor=sato)
    assert termination.ends_at is not None
    assert termination.decided_at is not None
    assert termination.ends_at - termination.decided_at == timedelta(days=90)
    assert state_of(protected) == "terminating"
    time_passes(39)
    protected.refresh_from_db()
    assert (protected.mfa_asked_here, protected.methods_needed) == (True, True)
    time_passes(2)
    protected.refresh_from_db()
    assert state_of(protected) == "terminated"
    assert (protected.mfa_asked_here, protected.mfa_asked_revision, protected.methods_needed) == (False, 2, False)


def test_the_systems_learn_a_day_later_of_somebody_who_has_a_role(
    protected: Account, sato: Account, ada: Account, time_passes: Passes, settings: Any
) -> None:
    settings.MFA_STAFF_WAIT_HOURS = 24
    RoleGrant.objects.create(account=protected, role="helpdesk")
    terminations.approve(ask(protected, sato), actor=ada)
    time_passes(23 * 60)
    protected.refresh_from_db()
    assert (state_of(protected), protected.mfa_asked_here) == ("terminating", True)
    assert Message.objects.filter(template="termination-approved", account=protected, facts__hours=24).exists()
    time_passes(60 + 41)
    assert state_of(protected) == "terminated"


def test_the_days_of_somebody_who_has_a_role_count_from_when_the_systems_learn(
    protected: Account, sato: Account, ada: Account, time_passes: Passes, settings: Any
) -> None:
    settings.MFA_STAFF_WAIT_HOURS = 24
    RoleGrant.objects.create(account=protected, role="helpdesk")
    termination = terminations.approve(terminations.request(protected, actor=sato, reason="broken arm", days=1), actor=ada)
    assert termination.ends_at is not None
    assert termination.decided_at is not None
    assert termination.ends_at - termination.decided_at == timedelta(days=2)


@pytest.mark.covers("S-98")
def test_each_step_is_recorded_with_who_and_why_and_told_to_the_holder(
    protected: Account, hiro: Account, sato: Account, time_passes: Passes
) -> None:
    terminations.approve(ask(protected, hiro), actor=sato)
    time_passes(41)
    requested, approved = Event.objects.get(name="termination:requested"), Event.objects.get(name="termination:approved")
    assert (requested.account_id, requested.actor_id, requested.reason) == (protected.pk, hiro.pk, "broken arm")
    assert (approved.account_id, approved.actor_id, approved.after["requested_by"]) == (protected.pk, sato.pk, hiro.common_id)
    assert Event.objects.get(name="application:terminated").account_id == protected.pk
    told = Message.objects.filter(template__startswith="termination-", account=protected)
    assert set(told.values_list("template", flat=True)) == {"termination-requested", "termination-approved", "termination-in-effect"}


def test_everybody_signed_in_has_to_sign_in_again_after_it(
    protected: Account, hiro: Account, sato: Account, time_passes: Passes, browser_of: Callable[..., object]
) -> None:
    browser_of(protected)
    terminations.approve(ask(protected, hiro), actor=sato)
    time_passes(41)
    assert SessionRecord.objects.get(account=protected).ended_why == "mfa-terminated"


@pytest.mark.covers("S-98")
def test_nobody_approves_his_own_request(protected: Account, sato: Account) -> None:
    termination = ask(protected, sato)
    with pytest.raises(Refused, match="own-request"):
        terminations.approve(termination, actor=sato)
    with pytest.raises(IntegrityError):
        Termination.objects.update(state="approved", decided_by=F("requested_by"))


@pytest.mark.parametrize("right", ["request", "approve"])
def test_the_holder_can_neither_ask_nor_approve(protected: Account, hiro: Account, right: str) -> None:
    RoleGrant.objects.create(account=protected, role="senior-helpdesk")
    RoleGrant.objects.filter(account=hiro).update(role="administrator")
    with pytest.raises(Refused, match="own-account"):
        ask(protected, protected) if right == "request" else terminations.approve(ask(protected, hiro), actor=protected)


def test_the_help_desk_asks_but_does_not_approve(protected: Account, hiro: Account, sato: Account) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        terminations.approve(ask(protected, sato), actor=hiro)


def test_nobody_acts_on_an_equal_or_higher_role(protected: Account, hiro: Account) -> None:
    RoleGrant.objects.create(account=protected, role="helpdesk")
    with pytest.raises(Refused, match="equal-or-higher-role"):
        ask(protected, hiro)


def test_a_request_needs_a_reason_and_a_sensible_period(protected: Account, hiro: Account) -> None:
    with pytest.raises(Refused, match="reason-missing"):
        terminations.request(protected, actor=hiro, reason=" ")
    for days in (0, 367):
        with pytest.raises(Refused, match="termination-days"):
            terminations.request(protected, actor=hiro, reason="why", days=days)


def test_without_mfa_use_there_is_nothing_to_terminate(ready: Account, hiro: Account) -> None:
    with pytest.raises(Refused, match="no-mfa-use"):
        ask(ready, hiro)


def test_one_request_at_a_time(protected: Account, hiro: Account, sato: Account) -> None:
    ask(protected, hiro)
    with pytest.raises(Refused, match="termination-open"):
        ask(protected, sato)


def test_an_approved_request_is_executed_once(protected: Account, hiro: Account, sato: Account, ada: Account) -> None:
    termination = ask(protected, hiro)
    terminations.approve(termination, actor=sato)
    with pytest.raises(Refused, match="termination-closed"):
        terminations.approve(termination, actor=ada)
    assert Delivery.objects.filter(desired="off").count() == 1


def test_refusing_leaves_everything_as_it_was(protected: Account, hiro: Account, sato: Account) -> None:
    terminations.refuse(ask(protected, hiro), actor=sato)
    assert state_of(protected) == "in-effect"
    assert not Delivery.objects.filter(desired="off").exists()
    assert Event.objects.get(name="termination:refused").actor_id == sato.pk


def test_whoever_asked_may_take_it_back_and_others_of_the_desk_may_not(protected: Account, hiro: Account, ken: Account) -> None:
    RoleGrant.objects.create(account=ken, role="helpdesk")
    termination = ask(protected, hiro)
    with pytest.raises(Refused, match="not-allowed"):
        terminations.refuse(termination, actor=ken)
    assert terminations.refuse(termination, actor=hiro).state == "refused"
    assert Message.objects.get(template="termination-taken-back").facts["wished"] is False


def test_what_the_holder_wished_waits_again_when_staff_take_their_request_back(protected: Account, hiro: Account) -> None:
    wishes.wish(protected, actor=protected, reason="x")
    terminations.refuse(ask(protected, hiro), actor=hiro)
    assert wishes.open_wish(protected)
    assert Message.objects.get(template="termination-taken-back").facts["wished"] is True
    assert not Message.objects.filter(template="termination-refused").exists()


@pytest.mark.covers("S-98")
def test_half_done_the_account_stays_protected_where_it_is_not_done_yet(
    protected: Account, hiro: Account, sato: Account, time_passes: Passes
) -> None:
    ensure_system("slow", connector="webhook", name_en="Slow", name_ja="遅い", window_minutes=600)
    terminations.approve(ask(protected, hiro), actor=sato)
    time_passes(41)
    assert state_of(protected) == "terminating"
    protected.refresh_from_db()
    assert protected.methods_needed


@pytest.mark.covers("C-07")
def test_an_application_that_is_stuck_half_way_can_be_terminated(
    ready: Account, apply_for: Apply, hiro: Account, sato: Account, time_passes: Passes
) -> None:
    ensure_system("slow", connector="webhook", name_en="Slow", name_ja="遅い", window_minutes=600)
    apply_for(ready)
    time_passes(41)
    terminations.approve(ask(ready, hiro), actor=sato)
    on = Delivery.objects.get(system__code="slow", desired="on")
    assert on.state == "superseded"


def test_after_a_termination_one_can_apply_again(
    protected: Account, hiro: Account, sato: Account, apply_for: Apply, time_passes: Passes
) -> None:
    terminations.approve(ask(protected, hiro), actor=sato)
    time_passes(41)
    again = apply_for(protected)
    time_passes(41)
    again.refresh_from_db()
    assert (again.revision, again.state) == (3, "in-effect")


def test_a_system_that_was_switched_off_in_the_middle_learns_of_the_end_when_it_is_back(
    ready: Account, apply_for: Apply, mail_system: ConnectedSystem, downstream: Downstream, sato: Account, ada: Account
) -> None:
    apply_for(ready)
    wait(41)
    release_system("local")
    assert claim("mail", Capability.KEYED)  # in hand, and its worker dies
    ConnectedSystem.objects.filter(code="mail").update(enabled=False)
    settle_stragglers()
    terminations.approve(ask(ready, sato), actor=ada)
    wait(41)
    release()
    assert Application.objects.get().state == "terminated"
    ConnectedSystem.objects.filter(code="mail").update(enabled=True)
    release()
    assert [state for _account, state, _revision in downstream.effects] == ["off"]
