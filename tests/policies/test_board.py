"""The administrators' board over all connected systems."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from policies.alarms import watch
from policies.board import rows
from policies.clock import database_now
from policies.lateness import STEPS, paces
from policies.models import ConnectedSystem, Delivery
from policies.systems import ensure_system, resume, stop_by_hand
from tests.policies.deliveries import many_due, release, wait

pytestmark = pytest.mark.django_db
BOARD, LOCAL = "/policies/systems/", "/policies/systems/local/"
Browser = Callable[..., Client]


def light() -> str:
    return str(next(row for row in rows(database_now()) if row.system.code == "local").light.label)


def page(browser: Client, address: str = BOARD) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.covers("S-144")
def test_the_board_says_how_much_waits_how_old_it_is_and_what_it_did_lately(ada: Account, browser_of: Browser) -> None:
    many_due(4)
    wait(3)
    Delivery.objects.filter(pk__in=list(Delivery.objects.values_list("pk", flat=True)[:1])).update(state="failed")
    [row] = rows(database_now())
    assert (row.queue.waiting, row.queue.overdue, row.queue.stuck, row.queue.late) == (3, 3, 1, 0)
    assert row.age is not None
    assert timedelta(minutes=3) < row.age < timedelta(minutes=4)
    shown = page(browser_of(ada))
    assert "3 minutes" in shown
    assert "set-state" in page(browser_of(ada), LOCAL)
    release()
    [row] = rows(database_now())
    assert (row.pace.last_hour, row.pace.total, row.queue.waiting) == (3, 3, 0)


def test_lateness_is_counted_in_steps_that_add_up() -> None:
    many_due(6)
    for late, delivery in zip((0, 30, 200, 400, 3000, 7200), Delivery.objects.order_by("pk"), strict=True):
        due = delivery.due_at - timedelta(minutes=150)
        Delivery.objects.filter(pk=delivery.pk).update(state="confirmed", due_at=due, confirmed_at=due + timedelta(seconds=late))
    [pace] = paces(database_now()).values()
    assert [step.count for step in pace.steps] == [1] * len(STEPS)
    assert (pace.total, pace.last_hour) == (6, 1)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "Running"),
        ({"stopped_reason": "HTTP 401"}, "Stopped"),
        ({"opened_at": "now", "paused_until": "later"}, "Circuit open"),
        ({"opened_at": "now", "paused_until": "now"}, "Circuit half-open"),
        ({"paused_until": "later"}, "Resting"),
        ({"enabled": False}, "Not enabled"),
    ],
)
def test_the_worst_is_said_in_two_words(columns: dict[str, object], words: str) -> None:
    moments = {"now": database_now(), "later": database_now() + timedelta(minutes=2)}
    ConnectedSystem.objects.update(**{name: moments.get(str(value), value) for name, value in columns.items()})
    assert light() == words


def test_the_board_asks_as_often_for_many_systems_as_for_one(
    ada: Account, browser_of: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many_due(3)
    wait(20)
    watch()
    browser = browser_of(ada)
    page(browser)
    with django_assert_num_queries(9):
        page(browser)
    for number in range(9):
        ensure_system(f"s{number}", connector="webhook", name_en=f"S{number}", name_ja=f"S{number}")
    with django_assert_num_queries(9):
        page(browser)


def test_the_page_brings_itself_up_to_date(ada: Account, browser_of: Browser) -> None:
    part = browser_of(ada).get(BOARD, headers={"X-Requested-With": "poll"}).content.decode()
    assert "<html" not in part
    assert "Sign-in of this site" in part


@pytest.mark.parametrize("address", [BOARD, LOCAL])
def test_nobody_but_an_administrator_sees_it(address: str, sato: Account, aki: Account, ada: Account, browser_of: Browser) -> None:
    for somebody in (sato, aki):
        assert browser_of(somebody).get(address).status_code == 403
    assert "step-up" in browser_of(ada, verified=False).get(address)["Location"]
    assert browser_of(ada).get("/policies/systems/nowhere/").status_code == 404


def resumed(browser: Client, reason: str, *, shown: str | None = None) -> Any:
    """The button of the page as it is now, or as it was `shown`."""
    return browser.post(f"{LOCAL}resume/", {"reason": reason, "stopped_at": stop_on(browser) if shown is None else shown})


def stop_on(browser: Client) -> str:
    """Which stop the form on the page speaks of."""
    found = re.search(r'name="stopped_at" value="([^"]*)"', page(browser, LOCAL))
    return found[1] if found else ""


def test_an_administrator_stops_and_resumes_a_system_with_a_reason(ada: Account, browser_of: Browser) -> None:
    browser = browser_of(ada)
    many_due(1)
    assert browser.post(f"{LOCAL}stop/", {"reason": ""}).status_code == 400
    browser.post(f"{LOCAL}stop/", {"reason": "moves to another hall"})
    assert "moves to another hall" in page(browser, LOCAL)
    release()
    assert Delivery.objects.get().state == "waiting"
    resumed(browser, "it has moved")
    release()
    assert Delivery.objects.get().state == "confirmed"
    events = Event.objects.filter(name__in=["system:halted", "system:resumed"]).order_by("pk")
    assert [(event.name, event.actor_id, event.reason) for event in events] == [
        ("system:halted", ada.pk, "moves to another hall"),
        ("system:resumed", ada.pk, "it has moved"),
    ]


def test_nobody_lifts_a_stop_that_their_page_did_not_show(ada: Account, browser_of: Browser) -> None:
    """Neither one made since then, nor one made anew."""
    browser, local = browser_of(ada), ConnectedSystem.objects.filter(code="local")
    local.update(paused_until=database_now() + timedelta(hours=1))
    before = stop_on(browser)
    stop_by_hand(local.get(), actor=ada, reason="moves")
    first = stop_on(browser)
    assert resume(local.get(), actor=ada, reason="has moved")
    stop_by_hand(local.get(), actor=ada, reason="intruder")
    for shown in (before, first, "2026-13-01T09:00", "soon"):
        answer = resumed(browser, "comes from a page of before", shown=shown)
        html = answer.content.decode()
        assert (answer.status_code, local.get().stopped_note) == (409, "intruder")
        assert all(words in html for words in ("has been stopped since you opened this page", "comes from a page of before", "intruder"))
    assert resumed(browser, "looked into").status_code == 302
    assert local.get().stopped_at is None


def test_stopping_needs_a_fresh_verification_the_right_and_something_to_stop(
    ada: Account, sato: Account, browser_of: Browser, hana: Account
) -> None:
    browser = browser_of(ada)
    ada.session_records.update(verified_at=F("verified_at") - timedelta(minutes=11))
    assert "step-up" in browser.post(f"{LOCAL}stop/", {"reason": "x"})["Location"]
    assert "Nothing has been done yet." in page(browser, LOCAL)
    assert browser_of(sato).post(f"{LOCAL}stop/", {"reason": "x"}).status_code == 403
    system = ConnectedSystem.objects.get()
    assert system.stopped_reason == ""
    stop_by_hand(system, actor=ada, reason="x")
    with pytest.raises(Refused, match="already-stopped"):
        stop_by_hand(system, actor=ada, reason="x")
    with pytest.raises(Refused, match="not-allowed"):
        stop_by_hand(system, actor=hana, reason="x")
    assert browser_of(ada).post(f"{LOCAL}stop/", {"reason": "x"}).status_code == 409


def test_a_change_that_needs_a_person_leads_to_the_help_desk(ada: Account, browser_of: Browser) -> None:
    many_due(1)
    Delivery.objects.update(state="failed")
    assert f"{reverse('helpdesk:deliveries')}?system=local" in page(browser_of(ada))
