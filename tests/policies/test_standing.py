"""One state, one sentence, one next action, whatever page shows it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from methods.allowance import allowance_of
from methods.models import RegisteredMethod
from methods.usable import listed
from policies import terminations
from policies.applications import withdraw
from policies.claims import claim
from policies.connectors.base import Capability
from policies.models import Application, Termination
from policies.standing import STANDINGS, State, standing, use_of
from tests.factories import a_totp_app
from tests.policies.deliveries import wait

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def state(account: Account) -> State:
    return standing(listed(account), use_of(account)).state


@pytest.mark.covers("S-141", "S-16")
def test_the_first_three_states_are_read_from_methods_and_sign_ins(hana: Account) -> None:
    assert state(hana) == State.NONE
    a_totp_app(hana)
    assert state(hana) == State.REGISTERED
    RegisteredMethod.objects.update(last_signin_at=timezone.now())
    assert state(hana) == State.TESTED
    RegisteredMethod.objects.update(last_signin_at=timezone.now() - timedelta(days=31))
    assert state(hana) == State.REGISTERED


@pytest.mark.covers("S-141")
def test_the_other_states_follow_the_application(
    ready: Account, hiro: Account, sato: Account, apply_for: Apply, time_passes: Passes
) -> None:
    apply_for(ready)
    assert state(ready) == State.APPLIED
    time_passes(41)
    assert state(ready) == State.IN_EFFECT
    termination = terminations.request(ready, actor=hiro, reason="why")
    assert state(ready) == State.TERMINATION_REQUESTED
    terminations.approve(termination, actor=sato)
    assert state(ready) == State.TERMINATING
    time_passes(41)
    assert state(ready) == State.TERMINATED


def test_after_withdrawing_one_is_where_one_was(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    wait(41)
    claim("local", Capability.SET_STATE)
    withdraw(ready, actor=ready)
    assert state(ready) == State.WITHDRAWING
    time_passes(2)
    assert state(ready) == State.TESTED


@pytest.mark.covers("C-08")
def test_an_exception_stands_until_an_application_can_no_longer_be_withdrawn(
    terminated: Account, apply_for: Apply, time_passes: Passes
) -> None:
    assert use_of(terminated).is_exception
    apply_for(terminated)
    assert (state(terminated), use_of(terminated).is_exception, use_of(terminated).can_be_cut_short) == (State.APPLIED, True, False)
    withdraw(terminated, actor=terminated)
    assert (state(terminated), use_of(terminated).is_exception, use_of(terminated).can_be_cut_short) == (State.TERMINATED, True, True)
    ends_at = Termination.objects.values_list("ends_at", flat=True).get()
    Termination.objects.update(ends_at=timezone.now())
    assert not use_of(terminated).can_be_cut_short, "it comes back anyway"
    Termination.objects.update(ends_at=ends_at)
    apply_for(terminated)
    time_passes(41)
    assert (state(terminated), use_of(terminated).is_exception) == (State.IN_EFFECT, False)


def test_it_costs_one_query_besides_the_methods_and_the_policy_in_force(
    ready: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    methods = listed(ready)
    allowance_of(ready)
    with django_assert_num_queries(1):
        standing(methods, use_of(ready))


@pytest.mark.parametrize("shown", STANDINGS.values(), ids=[str(code) for code in STANDINGS])
def test_every_state_has_a_sentence_and_its_action_leads_to_a_page(shown: object) -> None:
    assert set(STANDINGS) == set(State)
    assert str(shown.sentence)  # type: ignore[attr-defined]
    action = shown.action  # type: ignore[attr-defined]
    assert action is None or reverse(action.url_name)


@pytest.mark.covers("C-08")
def test_whose_mfa_use_is_terminated_reads_when_it_returns_and_what_asks_for_what(terminated: Account) -> None:
    day = timezone.localtime(Termination.objects.get().ends_at)
    sentence = standing(listed(terminated), use_of(terminated)).sentence
    assert f"It returns by itself on {date_format(day, 'DATE_FORMAT')}." in str(sentence)
    assert "this site may go on verifying you" in str(sentence)
    with override("ja"):
        assert f"{date_format(day, 'DATE_FORMAT')}に自動的に再開されます" in str(sentence), "in the language of whoever reads it"
    Termination.objects.update(ends_at=None, days=None)
    assert "by itself" not in str(standing(listed(terminated), use_of(terminated)).sentence)
