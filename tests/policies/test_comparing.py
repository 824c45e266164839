"""Comparing large systems: in stretches that any worker goes on with, each account counted once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from accounts.models import Account
from audit.models import Event
from policies import comparing, reconciling, tasks
from policies.clock import database_now
from policies.comparing import LONGEST, REST, begin, broken_off, go_on
from policies.connectors.base import Connector, Transient
from policies.homes import home
from policies.models import Application, Comparison, ConnectedSystem, Home
from policies.reconciling import Place, Report, compare
from policies.restoring import look_around
from policies.systems import ensure_system
from tests.factories import an_account
from tests.harness.parallel import run_parallel
from tests.policies.downstream import SECRET, Downstream, says

pytestmark = pytest.mark.django_db


def in_effect(number: int) -> list[Account]:
    """People whose MFA use is in effect, of whom the site's own sign-in asks nothing: all of them differ."""
    people = [an_account() for _ in range(number)]
    now = database_now()
    for person in people:
        Application.objects.create(
            account=person, state="in-effect", revision=1, tested_at=now, submitted_at=now, settled_at=now, text_version="1"
        )
    return people


def local() -> ConnectedSystem:
    return ConnectedSystem.objects.get(code="local")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "PORTION", 2)


@pytest.fixture
def mail(downstream: Downstream) -> ConnectedSystem:
    """A system that can be asked."""
    described = {"name_en": "Mail", "name_ja": "メール", "address": downstream.url, "secret": SECRET}
    return ensure_system("mail", connector="webhook", options={"answers_questions": True}, **described)


def test_it_goes_on_where_the_call_before_stopped_and_counts_everybody_once() -> None:
    in_effect(5)
    assert go_on("local", seconds=60) is False
    assert not Comparison.objects.exists(), "what nobody has begun does not go on"
    assert [begin("local", seconds=-1), *(go_on("local", seconds=-1) for _call in range(3))] == [True, True, True, False]
    assert (local().drift, Comparison.objects.count()) == (5, 0)
    [event] = Event.objects.filter(name="system:compared")
    assert (event.after["compared"], event.after["drift"], event.after["not_known"]) == (5, 5, 0)


def test_a_call_with_time_enough_does_all_of_it() -> None:
    in_effect(5)
    assert begin("local", seconds=60) is False
    assert local().drift == 5


def test_a_task_that_did_not_come_to_the_end_wakes_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    in_effect(3)
    woken: list[tuple[str, ...]] = []
    monkeypatch.setattr(tasks.go_on_comparing, "apply_async", lambda args, **_options: woken.append(args))
    monkeypatch.setattr(tasks, "STRETCH_SECONDS", -1)
    tasks.compare_system("local")
    for _call in range(3):
        tasks.go_on_comparing("local")
    assert woken == [("local",)] * 2
    assert (local().drift, Event.objects.filter(name="system:compared").count()) == (3, 1)


def test_a_system_that_does_not_answer_is_asked_for_the_same_people_again(mail: ConnectedSystem, downstream: Downstream) -> None:
    people = in_effect(3)
    downstream.states = {person.common_id: ("off", 1) for person in people}
    assert begin("mail", seconds=-1)
    downstream.mood = says(503)
    assert go_on("mail", seconds=60) is False
    row = Comparison.objects.get()
    assert (row.compared, row.differing, row.problem, broken_off()) == (2, 2, "HTTP 503", [])
    Comparison.objects.update(tried_at=F("tried_at") - REST)
    assert [broken_off(), broken_off()] == [["mail"], []], "one goes on"
    downstream.mood = None
    assert go_on("mail", seconds=60) is False
    assert ConnectedSystem.objects.get(code="mail").drift == 3


def test_a_system_that_asks_for_a_pause_is_left_in_peace_by_comparisons_and_by_changes(
    mail: ConnectedSystem, downstream: Downstream
) -> None:
    people = in_effect(3)
    downstream.states = {person.common_id: ("off", 1) for person in people}
    begin("mail", seconds=-1)
    downstream.moods.append(says(429, Retry_After="1800"))
    go_on("mail", seconds=60)
    asked = len(downstream.requests)
    mail.refresh_from_db()
    assert mail.paused_until
    assert (mail.paused_until - database_now()).total_seconds() > 1700
    assert (mail.failures, Comparison.objects.get().problem) == (0, "HTTP 429")
    Comparison.objects.update(tried_at=F("tried_at") - REST)
    ConnectedSystem.objects.update(paused_until=None)
    assert broken_off() == [], "nor where something else has ended the pause"
    Comparison.objects.update(tried_at=F("tried_at") - 2 * REST)
    assert (broken_off(), len(downstream.requests)) == (["mail"], asked)
    assert go_on("mail", seconds=60) is False
    assert ConnectedSystem.objects.get(code="mail").drift == 3


def test_a_short_pause_takes_nothing_from_the_rest_and_ends_no_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    before, until = database_now(), database_now() + timedelta(hours=1)

    def paused_meanwhile(*_where: object) -> None:
        ConnectedSystem.objects.filter(code="local").update(paused_until=until)
        raise Transient("HTTP 429", retry_after=timedelta(seconds=5))

    monkeypatch.setattr(comparing, "next_portion", paused_meanwhile)
    assert begin("local", seconds=60) is False
    assert local().paused_until == until
    assert Comparison.objects.get().tried_at >= before


def test_a_comparison_that_is_not_wanted_any_more_pauses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings_change_meanwhile(*_where: object) -> None:
        Comparison.objects.all().delete()
        raise Transient("HTTP 429", retry_after=timedelta(hours=1))

    monkeypatch.setattr(comparing, "next_portion", settings_change_meanwhile)
    assert begin("local", seconds=60) is False
    assert local().paused_until is None


def test_while_a_system_is_left_in_peace_no_comparison_of_it_begins_or_goes_on(
    mail: ConnectedSystem, downstream: Downstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_effect(5)
    ConnectedSystem.objects.filter(code="mail").update(paused_until=database_now() + timedelta(hours=1))
    assert begin("mail", seconds=60) is False
    Comparison.objects.update(tried_at=F("tried_at") - REST)
    assert (broken_off(), downstream.requests) == ([], [])
    ConnectedSystem.objects.update(paused_until=database_now())
    assert broken_off() == ["mail"]
    ask = reconciling.next_portion

    def paused_meanwhile(connector: Connector, place: Place, report: Report) -> Place | None:
        ConnectedSystem.objects.filter(code="mail").update(paused_until=database_now() + timedelta(hours=1))
        return ask(connector, place, report)

    monkeypatch.setattr(comparing, "next_portion", paused_meanwhile)
    assert go_on("mail", seconds=60) is False
    assert (len(downstream.requests), Comparison.objects.get().compared) == (1, 2)


def test_a_fault_of_the_connector_is_said_and_tried_again_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    in_effect(1)
    monkeypatch.setattr(comparing, "next_portion", lambda *_: 1 / 0)
    assert begin("local", seconds=60) is False
    assert (Comparison.objects.get().problem, broken_off()) == ("unexpected ZeroDivisionError", [])


def test_what_was_begun_days_ago_begins_anew() -> None:
    in_effect(3)
    begin("local", seconds=-1)
    Comparison.objects.update(began_at=F("began_at") - LONGEST, tried_at=F("tried_at") - LONGEST, differing=40)
    assert go_on("local", seconds=60) is False
    assert local().reconciled_at is None
    begin("local", seconds=60)
    assert local().drift == 3


def test_a_whole_comparison_takes_the_place_of_one_that_goes_on() -> None:
    people = in_effect(3)
    begin("local", seconds=-1)
    Account.objects.filter(pk__in=[person.pk for person in people]).update(mfa_asked_here=True)
    assert compare(local()).drift == 0
    assert go_on("local", seconds=60) is False
    assert local().drift == 0


def test_new_settings_and_a_restore_begin_anew(mail: ConnectedSystem, moved: None) -> None:
    in_effect(3)
    for code in ("local", "mail"):
        begin(code, seconds=-1)
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", address="https://other.example/", secret=SECRET)
    assert [row.system.code for row in Comparison.objects.all()] == ["local"]
    look_around()
    assert Home.objects.exclude(unsure_since=None).exists()
    assert not Comparison.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_once_count_nobody_twice() -> None:
    in_effect(9)
    run_parallel(3, lambda _number: begin("local", seconds=60))
    go_on("local", seconds=60)
    assert {(event.after["compared"], event.after["drift"]) for event in Event.objects.filter(name="system:compared")} == {(9, 9)}


def test_a_worker_that_was_overtaken_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it asked, another one has counted the same portion."""
    in_effect(5)
    ask, calls = reconciling.next_portion, list[Place]()

    def overtaken(connector: Connector, place: Place, report: Report) -> Place | None:
        calls.append(place)
        if len(calls) == 1:
            assert go_on("local", seconds=-1)
        return ask(connector, place, report)

    monkeypatch.setattr(comparing, "next_portion", overtaken)
    assert begin("local", seconds=60) is False
    assert Comparison.objects.get().compared == 2


def test_the_board_and_the_page_after_a_restore_say_how_far_it_has_come(ada: Account, browser_of: Callable[..., Client]) -> None:
    in_effect(3)
    begin("local", seconds=-1)
    Comparison.objects.update(problem="HTTP 503")
    browser = browser_of(ada)
    home()
    Home.objects.update(unsure_since=database_now())
    for page in ("/policies/systems/", "/policies/systems/local/", "/policies/restore/"):
        assert "Being compared: 2 accounts so far." in browser.get(page).content.decode(), page
    ConnectedSystem.objects.update(stopped_reason="HTTP 401")
    assert "Being compared" not in browser.get("/policies/systems/").content.decode()
    ConnectedSystem.objects.update(stopped_reason="", unknown_there=7, reconciled_at=database_now(), drift=0)
    for page in ("/policies/systems/", "/policies/restore/"):
        assert "7 not known there" in browser.get(page).content.decode(), page
