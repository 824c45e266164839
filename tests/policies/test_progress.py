"""What is shown of a change on its way: no more than is confirmed, no less than is known."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Account
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.homes import home
from policies.measuring import count, estimates
from policies.models import Application, ConnectedSystem, Delivery, Home
from policies.progress import progress
from policies.systems import ensure_system
from tests.policies.deliveries import wait

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def shown(application: Application) -> dict[str, str]:
    return {row.name: row.state for row in progress(application).rows}


@pytest.fixture
def applied(ready: Account, apply_for: Apply) -> Application:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=600)
    return apply_for(ready)


@pytest.mark.covers("S-91", "S-92")
def test_each_system_has_a_row_with_its_own_state(applied: Application, time_passes: Passes) -> None:
    assert shown(applied) == {"Sign-in of this site": "waiting", "Mail": "waiting"}
    wait(41)
    claim("local", Capability.SET_STATE)
    assert shown(applied)["Sign-in of this site"] == "sent"
    time_passes(2)
    assert shown(applied) == {"Sign-in of this site": "confirmed", "Mail": "waiting"}
    assert progress(applied).confirmed == 1


def test_what_is_overdue_or_was_not_answered_is_delayed(applied: Application) -> None:
    Delivery.objects.filter(system__code="mail").update(last_answer="HTTP 500")
    Delivery.objects.filter(system__code="local").update(due_at=database_now() - timedelta(minutes=3))
    assert shown(applied) == {"Sign-in of this site": "delayed", "Mail": "delayed"}


def test_after_a_restore_nobody_reads_that_a_system_is_asked(applied: Application) -> None:
    Delivery.objects.filter(system__code="local").update(due_at=database_now() - timedelta(minutes=30))
    home()
    Home.objects.update(unsure_since=database_now())
    rows = progress(applied).rows
    assert {row.state for row in rows} == {"waiting"}
    assert all("until the staff have checked this site" in row.detail for row in rows)


def test_what_needs_staff_is_said_to_need_staff(applied: Application) -> None:
    Delivery.objects.filter(system__code="local").update(state="failed")
    ConnectedSystem.objects.filter(code="mail").update(stopped_reason="HTTP 401")
    assert shown(applied) == {"Sign-in of this site": "attention", "Mail": "attention"}
    assert all("need not do anything" in row.detail for row in progress(applied).rows)


def test_the_bar_is_full_only_when_all_have_confirmed(applied: Application, time_passes: Passes) -> None:
    assert progress(applied).percent == 0
    wait(300)
    assert progress(applied).percent == 50
    wait(290)
    assert progress(applied).percent == 95
    time_passes(60)
    assert progress(applied).percent == 95
    assert not progress(applied).can_withdraw
    Delivery.objects.update(state="confirmed", confirmed_at=F("due_at"))
    assert progress(applied).percent == 100


def test_a_window_of_nothing_does_not_divide_by_it(ready: Account, apply_for: Apply) -> None:
    ConnectedSystem.objects.update(window_minutes=0)
    assert progress(apply_for(ready)).percent == 95


@pytest.mark.covers("S-91")
def test_without_measurements_the_estimate_is_the_window(applied: Application) -> None:
    assert estimates(database_now()) == {}
    assert progress(applied).expected_at - applied.submitted_at == timedelta(minutes=600)
    assert progress(applied).minutes_left in {599, 600}


@pytest.mark.covers("S-91")
def test_the_estimate_is_of_the_slowest_system_as_it_was_measured(applied: Application) -> None:
    now = database_now()
    for code, late in {"local": 60, "mail": 600}.items():
        system = ConnectedSystem.objects.get(code=code)
        count([Delivery(system=system, due_at=now - timedelta(seconds=late * part / 20)) for part in range(1, 21)], now)
    shown = progress(applied)
    assert shown.expected_at - applied.submitted_at == timedelta(minutes=600, seconds=300)
    assert shown.latest_at - applied.submitted_at == timedelta(minutes=600, seconds=600)


def test_it_says_when_it_takes_longer_than_usual(applied: Application) -> None:
    assert not progress(applied).late
    wait(603)
    assert progress(applied).late
