"""The auditor's pages: who may read them, what they show, and that reading them is recorded."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.models import Event
from audit.out import ecs, stream
from audit.record import record

pytestmark = pytest.mark.django_db
EVENTS = "/audit/"
Browser = Callable[..., Client]
FROM_HOME = Where(address="192.0.2.7", browser="A Browser", session="session-1", attempt="attempt-1", verified_with="totp")


def unlocked(hana: Account, hiro: Account) -> Event:
    with circumstances(FROM_HOME):
        return record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="Ticket 4711", before={"held_until": None})


def reads() -> list[Event]:
    return list(Event.objects.filter(name=EventName.EVENTS_READ).order_by("pk"))


@pytest.mark.covers("S-146")
def test_a_row_says_when_what_who_from_where_and_verified_with_what(
    browser_of: Browser, aki: Account, hana: Account, hiro: Account
) -> None:
    event = unlocked(hana, hiro)
    html = browser_of(aki).get(EVENTS).content.decode()
    assert f'title="{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"' in html
    assert "1000000001 was unlocked by 1000000003." in html
    assert "192.0.2.7" in html
    assert "Authenticator app" in html


def test_times_are_those_of_the_place(browser_of: Browser, aki: Account, hana: Account) -> None:
    Event.objects.create(at=datetime(2026, 4, 10, 20, 30, 5, tzinfo=UTC), name="signin:succeeded", account_id=hana.pk, actor_kind="self")
    html = browser_of(aki).get(EVENTS).content.decode()
    assert "2026-04-11" in html
    assert "05:30:05" in html
    assert 'title="2026-04-10 20:30:05 UTC"' in html


def test_the_page_of_an_event_shows_before_and_after_side_by_side(browser_of: Browser, aki: Account, hana: Account) -> None:
    facts = {"name": "My phone", "kind": "totp"}
    event = record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "App"}, after=facts)
    answer = browser_of(aki).get(reverse("audit:event", args=[event.uid]))
    assert answer.context["changes"] == [("Name", "App", "My phone"), ("Kind", "", "Authenticator app")]


def test_the_page_of_an_event_shows_all_that_was_recorded(browser_of: Browser, aki: Account, hana: Account, hiro: Account) -> None:
    event = unlocked(hana, hiro)
    html = browser_of(aki).get(reverse("audit:event", args=[event.uid])).content.decode()
    for recorded in ("Ticket 4711", "A Browser", "session-1", "attempt-1", "account:unlocked", str(event.uid)):
        assert recorded in html


def test_a_name_that_no_verb_writes_is_shown_and_leaves_with_the_others(browser_of: Browser, aki: Account) -> None:
    strange = Event.objects.create(at=timezone.now(), name="seal:broken", actor_kind="system")
    for address in (EVENTS, reverse("audit:event", args=[strange.uid])):
        answer = browser_of(aki).get(address)
        assert answer.status_code == 200
        assert "Unknown event" in answer.content.decode()
    assert json.loads(ecs.line(strange, stream.Numbered(1, 1, strange.pk)))["event"]["action"] == "seal:broken"


@pytest.mark.covers("S-146")
def test_reading_is_recorded_once_with_the_filter(browser_of: Browser, aki: Account, hana: Account) -> None:
    browser_of(aki).get(EVENTS, {"account": hana.common_id, "event": "signin:succeeded", "since": "2026-04-01"})
    [event] = reads()
    assert event.actor_label == aki.common_id
    assert event.after == {"account": hana.common_id, "event": "signin:succeeded", "since": "2026-04-01"}


def test_reading_one_event_is_recorded_with_its_id(browser_of: Browser, aki: Account, hana: Account, hiro: Account) -> None:
    event = unlocked(hana, hiro)
    browser_of(aki).get(reverse("audit:event", args=[event.uid]))
    assert [read.after for read in reads()] == [{"event": str(event.uid)}]


@pytest.mark.parametrize("name", ["hana", "hiro", "sato"])
def test_without_the_right_nobody_reads_and_the_try_is_recorded(name: str, browser_of: Browser, request: pytest.FixtureRequest) -> None:
    person: Account = request.getfixturevalue(name)
    event = record(EventName.SIGNIN_SUCCEEDED, account=person, actor=person)
    for address in (EVENTS, reverse("audit:event", args=[event.uid])):
        assert browser_of(person).get(address).status_code == 403
    denied = Event.objects.filter(name=EventName.ACCESS_DENIED, account_id=person.pk)
    assert [one.after["right"] for one in denied] == ["audit:read"] * 2
    assert not reads()


@pytest.mark.parametrize("name", ["aki", "ada"])
def test_auditors_and_administrators_read(name: str, browser_of: Browser, request: pytest.FixtureRequest) -> None:
    assert browser_of(request.getfixturevalue(name)).get(EVENTS).status_code == 200


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    answer = client.get(EVENTS)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("signin:start"))


def test_the_password_alone_is_not_enough(browser_of: Browser, aki: Account) -> None:
    answer = browser_of(aki, verified=False).get(EVENTS, {"account": "1000000001"})
    assert answer.headers["Location"] == f"{reverse('signin:step-up')}?next=%2Faudit%2F%3Faccount%3D1000000001"
    assert not reads()


def test_a_right_that_was_withdrawn_is_gone_with_the_next_request(browser_of: Browser, aki: Account) -> None:
    browser = browser_of(aki)
    assert browser.get(EVENTS).status_code == 200
    RoleGrant.objects.filter(account=aki).delete()
    assert browser.get(EVENTS).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(method: str, browser_of: Browser, aki: Account, hana: Account, hiro: Account) -> None:
    event = unlocked(hana, hiro)
    for address in (EVENTS, reverse("audit:event", args=[event.uid])):
        assert getattr(browser_of(aki), method)(address).status_code == 405
    assert not reads()


def test_an_event_that_does_not_exist_is_not_found(browser_of: Browser, aki: Account) -> None:
    assert browser_of(aki).get(reverse("audit:event", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["2026-13-45T25:61", "9999-12-31T23:59-12:00", "0001-01-01T00:00+14:00"])
def test_a_name_that_looks_like_a_moment_but_is_none_is_shown_as_it_was_typed(
    name: str, browser_of: Browser, aki: Account, hana: Account
) -> None:
    event = record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "App"}, after={"name": name})
    for address in (EVENTS, reverse("audit:event", args=[event.uid]), reverse("audit:timeline", args=[hana.common_id])):
        answer = browser_of(aki).get(address)
        assert (answer.status_code, escape(name) in answer.content.decode()) == (200, True)
    assert name in json.loads(ecs.line(event, stream.Numbered(1, 1, event.pk)))["message"]


def test_what_people_typed_is_shown_as_text(browser_of: Browser, aki: Account, hana: Account) -> None:
    record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "<b>x</b>"}, after={"name": "<script>"})
    html = browser_of(aki).get(EVENTS).content.decode()
    assert "<b>x</b>" not in html
    assert "&lt;script&gt;" in html
