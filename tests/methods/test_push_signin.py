"""S-72, S-125: the sign-in page shows a number, the person types it into the app."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods.models import Challenge, ChallengeState, Ending, Purpose, RegisteredMethod, Report
from tests.factories import a_totp_app, signed_in
from tests.methods.push_phone import Phone, a_push_app, number_on, wrong_number
from tests.signin.door import enter_code, enter_password, has_session, leads_to_password

WAITING = "Waiting for your phone"


@pytest.fixture
def phone(hana: Account) -> Phone:
    phone = Phone()
    a_push_app(hana, phone)
    return phone


@pytest.fixture
def door(client: Client, hana: Account, phone: Phone) -> Client:
    """A browser whose page shows the number."""
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    return client


def page(browser: Client) -> str:
    return browser.get("/signin/verify/").content.decode()


def number(browser: Client) -> str:
    return number_on(browser.get("/signin/verify/"))


def part(browser: Client) -> str:
    """What the page asks for again and again."""
    return browser.get(f"/signin/verify/waiting/{Challenge.objects.latest('issued_at').pk}/").content.decode()


@pytest.mark.covers("S-72", "S-125")
def test_the_number_on_the_page_typed_into_the_app_signs_in(door: Client, phone: Phone) -> None:
    assert "Approve sign-in request" in page(door)
    assert WAITING in part(door)
    assert phone.yes(number(door)) == "yes"
    assert "data-poll-submit" in part(door)
    assert not has_session(door), "the device's word alone opens nothing"
    assert door.post("/signin/verify/")["Location"] == "/security-info/"
    assert has_session(door)


@pytest.mark.covers("C-01")
def test_the_request_says_who_for_what_from_where_and_with_what(door: Client, phone: Phone, hana: Account) -> None:
    said = phone.call("requests", {}).json()
    (request,) = said["requests"]
    assert said["account"] == hana.common_id
    assert (request["system"], request["place"]) == ("Sign-in", "Outside the campus network (127.0.0.1)")
    assert {"request", "system", "place", "browser", "asked", "expires"} == set(request)


def test_the_number_is_in_nothing_that_the_phone_receives(client: Client, hana: Account, phone: Phone, settings: Any) -> None:
    """R-050; six digits, so that they do not turn up by chance."""
    settings.MFA_PUSH_NUMBER_DIGITS = 6
    enter_password(client, hana)
    digits = number(client)
    assert len(digits) == 6
    request = phone.requests()[0]["request"]
    received = [phone.call("requests", {}), phone.call("answer", {"request": request, "decision": "yes", "number": wrong_number(digits)})]
    assert [answer.status_code for answer in received] == [200, 200]
    assert not any(digits in answer.content.decode() + str(answer.headers) for answer in received)
    assert not any(digits in str(vars(row)) for row in (*Challenge.objects.all(), *Event.objects.all()))


def test_a_browser_that_is_ahead_of_the_phone_waits(door: Client, phone: Phone) -> None:
    assert door.post("/signin/verify/")["Location"] == "/signin/verify/"
    assert not has_session(door)
    assert phone.yes(number(door)) == "yes"


def test_a_wrong_number_ends_the_request_and_counts_once(door: Client, phone: Phone, hana: Account) -> None:
    """R-051."""
    right = number(door)
    request = phone.requests()[0]["request"]
    assert phone.yes(wrong_number(right)) == "wrong"
    assert phone.yes(right, request) == "over"
    hana.refresh_from_db()
    assert hana.failures == 1
    assert "did not match" in part(door)
    door.post("/signin/verify/")
    assert not has_session(door)


@pytest.mark.covers("S-126", "S-127")
def test_no_it_is_not_me_ends_the_attempt_and_is_reported(door: Client, phone: Phone, hana: Account) -> None:
    assert phone.no() == "report"
    assert Report.objects.get().account == hana
    assert Challenge.objects.get().ending == Ending.REPORTED
    assert "reported as unknown" in door.get("/signin/verify/", follow=True).content.decode()
    assert not has_session(door)
    hana.refresh_from_db()
    assert hana.failures == 1
    assert Event.objects.filter(name="challenge:reported").count() == 1


def test_a_request_is_over_after_two_minutes(door: Client, phone: Phone) -> None:
    """R-052."""
    right, request = number(door), phone.requests()[0]["request"]
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        assert phone.requests() == []
        assert phone.yes(right, request) == "over"
        assert "No answer came in time" in page(door)


def test_whoever_goes_on_when_the_request_is_over_is_told_of_no_code(door: Client, phone: Phone, hana: Account) -> None:
    """Without scripts the page does not go on by itself."""
    at_home, method = Client(), RegisteredMethod.objects.get()
    signed_in(at_home, hana, verified=False)
    at_home.post(f"/signin/step-up/use/{method.pk}/", {"way": "approve", "next": "/security-info/"})
    asked = {"method": str(method.pk), "way": "approve", "next": "/security-info/"}
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        for said in (door.post("/signin/verify/", follow=True), at_home.post("/signin/step-up/", asked, follow=True)):
            html = said.content.decode()
            assert "It is over: it took too long" in html
            assert "That code is no longer valid" not in html


@pytest.mark.covers("S-122")
def test_a_request_that_was_not_answered_leads_to_the_code_of_the_app(door: Client, phone: Phone, hana: Account) -> None:
    method = RegisteredMethod.objects.get()
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        assert f'action="/signin/verify/use/{method.pk}/"' in page(door)
        door.post(f"/signin/verify/use/{method.pk}/", {"way": "code"})
        assert "6-digit code" in page(door)
        enter_code(door, phone.code())
        assert has_session(door)


def test_a_phone_is_not_asked_any_more_once_another_method_was_used(door: Client, phone: Phone) -> None:
    assert len(phone.requests()) == 1
    door.post(f"/signin/verify/use/{RegisteredMethod.objects.get().pk}/", {"way": "code"})
    assert len(phone.requests()) == 1, "until then it may still say yes"
    enter_code(door, phone.code())
    assert has_session(door)
    assert phone.requests() == []


@pytest.mark.covers("S-73", "S-80")
def test_the_page_offers_other_ways_without_calling_it_a_fault(door: Client, hana: Account) -> None:
    a_totp_app(hana, name="my tablet")
    assert "I can&#x27;t use my Authenticator app right now" in page(door) or "I can't use my Authenticator app right now" in page(door)
    assert "It does not mean that something is wrong" in page(door)
    listed = door.get("/signin/verify/options/").content.decode()
    for words in ("Approve a request on Authenticator", "Enter a code from Authenticator", "Enter a code from my tablet"):
        assert words in listed


@pytest.mark.covers("S-133", "S-134")
def test_the_code_of_the_app_may_be_the_default(client: Client, hana: Account) -> None:
    phone = Phone()
    a_push_app(hana, phone, way="code")
    enter_password(client, hana)
    assert "big-number" not in page(client)
    assert phone.requests() == []
    code = phone.code()
    enter_code(client, code)
    assert has_session(client)
    again = Client()
    enter_password(again, hana)
    enter_code(again, code)
    assert not has_session(again), "a code is good once (R-042)"


def test_a_newer_request_takes_the_place_of_the_older(door: Client, phone: Phone, hana: Account) -> None:
    """R-053."""
    old_number, old = number(door), phone.requests()[0]["request"]
    other = Client()
    enter_password(other, hana)
    assert len(phone.requests()) == 1
    assert phone.yes(old_number, old) == "over"
    assert "A newer request took the place" in part_of(door, old)
    assert phone.yes(number(other)) == "yes"
    other.post("/signin/verify/")
    assert (has_session(door), has_session(other)) == (False, True)


def part_of(browser: Client, challenge: str) -> str:
    return browser.get(f"/signin/verify/waiting/{challenge}/").content.decode()


def test_the_password_alone_asks_and_a_wrong_one_does_not(client: Client, hana: Account, phone: Phone) -> None:
    """R-055."""
    enter_password(client, hana, password="wrong")
    assert not Challenge.objects.exists()
    enter_password(client, hana)
    assert Challenge.objects.get().purpose == Purpose.SIGN_IN


def test_each_phone_is_asked_for_itself(client: Client, hana: Account, phone: Phone) -> None:
    other = Phone()
    a_push_app(hana, other, name="Authenticator 2")
    enter_password(client, hana)
    assert (len(phone.requests()), len(other.requests())) == (1, 0)


def test_a_session_is_made_fresh_by_the_app(client: Client, hana: Account, phone: Phone) -> None:
    signed_in(client, hana, verified=False)
    method = RegisteredMethod.objects.get()
    client.post(f"/signin/step-up/use/{method.pk}/", {"way": "approve", "next": "/security-info/"})
    shown = client.get("/signin/step-up/?next=/security-info/")
    assert phone.requests()[0]["system"] == "Confirming that it is you"
    assert phone.yes(number_on(shown)) == "yes"
    done = client.post("/signin/step-up/", {"method": str(method.pk), "way": "approve", "next": "/security-info/"})
    assert done["Location"] == "/security-info/"
    assert SessionRecord.objects.get().verified_at is not None


@pytest.mark.covers("S-127")
def test_no_it_is_not_me_ends_the_session_that_asked_and_no_other(client: Client, hana: Account, phone: Phone) -> None:
    """R-054: a stranger sits at a session that was left open, and wants to change methods."""
    at_home = signed_in(Client(), hana)
    left_open = signed_in(client, hana, verified=False)
    method = RegisteredMethod.objects.get()
    client.post(f"/signin/step-up/use/{method.pk}/", {"way": "approve", "next": "/security-info/"})
    assert phone.no() == "report"
    assert leads_to_password(client.get("/security-info/"))
    assert list(SessionRecord.objects.filter(ended_at=None)) == [at_home]
    assert SessionRecord.objects.get(pk=left_open.pk).ended_why == "request-reported"
    assert Event.objects.get(name="session:ended").after == {"session": str(left_open.uid), "why": "request-reported"}


def test_the_answer_is_in_the_record(door: Client, phone: Phone, hana: Account) -> None:
    phone.yes(number(door))
    door.post("/signin/verify/")
    names = set(Event.objects.filter(account_id=hana.pk).values_list("name", flat=True))
    assert {"challenge:issued", "challenge:approved", "challenge:passed", "signin:succeeded"} <= names
    assert Challenge.objects.get().state == ChallengeState.PASSED
    assert Challenge.objects.get().ending == "" != Ending.WRONG
