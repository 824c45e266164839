"""R-054: nobody is asked until they give in."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from methods.fatigue import MOST
from methods.models import Challenge, Message, RegisteredMethod, Report
from tests.factories import a_totp_app, signed_in
from tests.methods.people import send_all
from tests.methods.push_phone import Phone, a_push_app, number_on
from tests.signin.door import enter_code, enter_password, has_session

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def phone(hana: Account) -> Phone:
    phone = Phone()
    a_push_app(hana, phone)
    return phone


def ask(account: Account, times: int = 1) -> Client:
    """Right passwords in browsers of their own; the last one."""
    for _ in range(times):
        browser = Client()
        enter_password(browser, account)
    return browser


def asked() -> int:
    return Challenge.objects.filter(way="approve").count()


def notices() -> list[Message]:
    return list(Message.objects.filter(template="requests-held"))


def test_after_three_requests_in_vain_the_page_asks_for_the_code_instead(hana: Account, phone: Phone) -> None:
    browser = ask(hana, 4)
    assert asked() == 3
    page = browser.get("/signin/verify/").content.decode()
    assert "No more requests are sent to your phone for now" in page
    assert "big-number" not in page
    enter_code(browser, phone.code())
    assert has_session(browser)


def test_the_person_is_told_once_by_another_channel(hana: Account, phone: Phone) -> None:
    ask(hana, 6)
    assert len(notices()) == 1
    assert Event.objects.filter(name="challenge:held").count() == 1
    send_all()
    assert "somebody knows your password" in mail.outbox[-1].body
    assert "on hold" in mail.outbox[-1].subject


def test_asking_again_on_the_page_is_refused_and_told_as_well(hana: Account, phone: Phone) -> None:
    browser = ask(hana, 3)
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        assert browser.post("/signin/verify/resend/")["Location"] == "/signin/verify/options/"
        assert "No more requests are sent" in browser.get("/signin/verify/options/").content.decode()
    assert asked() == 3
    assert len(notices()) == 1, "the refusal of the page does not take the notice back"


def test_the_hold_ends_ten_minutes_after_the_first_of_the_three(hana: Account, phone: Phone) -> None:
    ask(hana, 3)
    with time_machine.travel(timezone.now() + TEN_MINUTES):
        ask(hana)
    assert asked() == 4


def test_ten_requests_in_vain_in_a_day_are_enough(hana: Account, phone: Phone) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(12):
            ask(hana)
            moment.shift(timedelta(minutes=20))
        assert asked() == 10
        moment.shift(timedelta(hours=24))
        ask(hana)
        assert asked() == 11
    assert MOST.items() == {timedelta(minutes=10): 3, timedelta(days=1): 10}.items()


def test_a_verification_that_passed_begins_the_count_anew(hana: Account, phone: Phone) -> None:
    ask(hana, 2)
    browser = ask(hana)
    phone.yes(number_on(browser.get("/signin/verify/")))
    browser.post("/signin/verify/")
    assert has_session(browser)
    ask(hana, 3)
    assert asked() == 6


def test_a_step_up_counts_and_is_refused_like_a_sign_in(hana: Account, phone: Phone, client: Client) -> None:
    ask(hana, 3)
    signed_in(client, hana, verified=False)
    method = RegisteredMethod.objects.get()
    client.post(f"/signin/step-up/use/{method.pk}/", {"way": "approve", "next": "/security-info/"})
    assert asked() == 3


def test_after_a_report_nothing_is_asked_for_a_day_unless_the_desk_has_settled_it(hana: Account, phone: Phone) -> None:
    ask(hana)
    phone.no()
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        ask(hana)
        assert asked() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        ask(hana)
        assert asked() == 2
        Report.objects.update(reported_at=timezone.now(), settled_at=timezone.now())
        ask(hana)
        assert asked() == 3


def test_other_methods_go_on_working(hana: Account, phone: Phone) -> None:
    other = a_totp_app(hana)
    browser = ask(hana, 4)
    browser.post(f"/signin/verify/use/{other.pk}/", {"way": ""})
    enter_code(browser)
    assert has_session(browser)


def test_trying_out_a_new_app_is_not_held_by_requests_of_others(hana: Account, phone: Phone, client: Client) -> None:
    ask(hana, 4)
    signed_in(client, hana)
    new = Phone()
    new.pair(code=client.post("/security-info/push/open/")["Location"].partition("#pair=")[2])
    client.post("/security-info/push/ask/")
    assert new.yes(number_on(client.get("/security-info/push/try/"))) == "yes"
