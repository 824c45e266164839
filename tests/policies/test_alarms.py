"""Mails to the administrators: one per occasion and one when it is over, whoever looks and however often (R-226, R-229)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from audit.models import Event
from methods.models import Message
from policies.alarm_kinds import KINDS
from policies.alarms import QUIET, UNCONFIRMED, watch
from policies.clock import database_now
from policies.homes import home
from policies.models import Alarm, ConnectedSystem, Delivery, Home
from policies.systems import resume, stop, stop_by_hand
from tests.factories import an_account
from tests.harness.parallel import run_parallel
from tests.methods.people import send_all
from tests.policies.deliveries import many_due, planned, wait


def local() -> ConnectedSystem:
    return ConnectedSystem.objects.get(code="local")


def told() -> list[str]:
    return list(Message.objects.order_by("due_at").values_list("template", flat=True))


def alarms() -> dict[str, bool]:
    """Kind of each alarm, and whether it is over."""
    return {alarm.kind: alarm.over_at is not None for alarm in Alarm.objects.all()}


def quiet_passes() -> None:
    Alarm.objects.update(seen_at=F("seen_at") - QUIET)


@pytest.fixture
def late(ada: Account) -> None:
    """Three changes that are eleven minutes late."""
    many_due(3)
    wait(11)


@pytest.mark.covers("S-144")
def test_what_is_more_than_ten_minutes_late_is_told_once_for_all_rows(late: None, ada: Account) -> None:
    watch()
    watch()
    assert (told(), alarms()) == (["alarm-raised"], {"late": False})
    event = Event.objects.get(name="alarm:raised")
    assert (event.actor_kind, event.after["alarm"], event.after["count"]) == ("system", "late", 3)
    assert Message.objects.get().account == ada


def test_nine_minutes_are_not_too_late(ada: Account) -> None:
    many_due(1)
    wait(9)
    watch()
    assert told() == []


def test_when_it_is_over_that_is_told_once_too(late: None) -> None:
    watch()
    Delivery.objects.update(state="confirmed")
    watch()
    assert told() == ["alarm-raised"]
    quiet_passes()
    watch()
    watch()
    assert (told(), alarms()) == (["alarm-raised", "alarm-over"], {"late": True})
    assert Event.objects.filter(name="alarm:over").count() == 1


def test_what_comes_and_goes_is_one_occasion_until_it_has_been_quiet(late: None) -> None:
    for state in ("confirmed", "waiting", "confirmed", "waiting"):
        watch()
        Delivery.objects.update(state=state)
    assert told() == ["alarm-raised"]


def test_a_stop_for_wrong_settings_right_after_one_by_hand_is_told_too(ada: Account) -> None:
    stop_by_hand(local(), actor=ada, reason="moves to another hall")
    watch()
    resume(local(), actor=ada, reason="it has moved")
    stop(local(), "HTTP 401")
    watch()
    watch()
    assert told() == ["alarm-raised"] * 2
    assert [(alarm.problem, alarm.over_at is None) for alarm in Alarm.objects.order_by("pk")] == [
        ("a person has stopped it", False),
        ("HTTP 401", True),
    ]
    resume(local(), actor=ada, reason="corrected")
    stop(local(), "HTTP 401")
    watch()
    assert told() == ["alarm-raised"] * 2, "the same again within minutes is the same occasion"


def test_an_alarm_that_stands_says_how_it_is_now(late: None) -> None:
    watch()
    planned(local(), *(an_account() for _ in range(2)))
    wait(11)
    watch()
    assert list(Alarm.objects.values_list("count", flat=True)) == [5]
    assert Event.objects.get(name="alarm:raised").after["count"] == 3


def test_what_is_late_because_its_system_is_stopped_is_told_too(late: None, ada: Account) -> None:
    stop_by_hand(local(), actor=ada, reason="moves to another hall")
    watch()
    assert alarms() == {"stopped": False, "late": False}
    assert told() == ["alarm-raised"] * 2


def test_what_is_late_because_the_restored_site_only_reads_is_not_told_for_each_system_and_is_not_over(late: None, ada: Account) -> None:
    rung("restored")
    watch()
    assert alarms() == {"restored": False}
    Home.objects.all().delete()
    watch()
    assert alarms() == {"restored": False}, "they are being worked off"
    quiet_passes()
    for _beat in range(2):
        watch()
    assert alarms() == {"restored": True, "late": False}, "it takes longer than that"
    rung("restored")
    quiet_passes()
    watch()
    assert alarms()["late"] is False


def rung(kind: str) -> None:
    """Make so that there is trouble of this kind, and of no other."""
    now = database_now()
    if kind == "stopped":
        stop(local(), "HTTP 401")
    elif kind in {"stuck", "late"}:
        many_due(2)
        wait(11)
        Delivery.objects.filter(account__isnull=kind == "late").update(state="failed")
    elif kind in {"restored", "unconfirmed"}:
        home()
        Home.objects.update(unsure_since=now - (UNCONFIRMED if kind == "unconfirmed" else timedelta()), why="moved")
    else:
        ConnectedSystem.objects.update(**{"circuit": {"opened_at": now, "failures": 3}, "drift": {"drift": 4}}[kind])


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"leavers", "removals", "broke-off"}))  # of accounts, and of the desk: tested there
def test_every_kind_is_told_once_to_each_administrator_in_their_language_and_stands_on_the_board(
    ada: Account, kind: str, browser_of: Callable[..., Client]
) -> None:
    an_account(roles=("administrator",), language="ja")
    rung(kind)
    for _beat in range(3):
        watch()
    expected = {"restored", "unconfirmed"} if kind == "unconfirmed" else {kind}
    assert alarms() == dict.fromkeys(expected, False)
    send_all()
    by_language = {"ja": [], "en": []}
    for letter in mail.outbox:
        by_language["en" if letter.subject.isascii() else "ja"].append(letter)
    assert [len(letters) for letters in by_language.values()] == [len(expected)] * 2
    with override("en"):
        title = str(KINDS[kind].title) % {"system": "Sign-in of this site"}
    assert any(title in letter.subject for letter in by_language["en"])
    assert all("/policies/systems/" in letter.body for letter in mail.outbox)
    assert title in browser_of(ada).get("/policies/systems/").content.decode()


def test_a_system_that_is_not_enabled_rings_no_alarm(late: None) -> None:
    ConnectedSystem.objects.update(enabled=False, drift=3)
    watch()
    assert told() == []


def test_administrators_who_have_left_are_not_told(late: None, ada: Account) -> None:
    Account.objects.filter(pk=ada.pk).update(left_at=database_now() - timedelta(days=1))
    watch()
    assert (told(), alarms()) == ([], {"late": False})


def test_looking_costs_the_same_however_much_is_late(late: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    watch()
    with django_assert_num_queries(13):
        watch()


@pytest.mark.django_db(transaction=True)
def test_two_beats_raise_one_alarm_and_end_one(late: None) -> None:
    run_parallel(4, lambda _number: watch())
    assert (Alarm.objects.count(), told()) == (1, ["alarm-raised"])
    Delivery.objects.update(state="confirmed")
    quiet_passes()
    run_parallel(4, lambda _number: watch())
    assert sorted(told()) == ["alarm-over", "alarm-raised"]
