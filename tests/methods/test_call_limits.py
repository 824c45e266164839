"""R-054: a phone does not go on ringing for a stranger."""

from datetime import timedelta

import time_machine
from django.test import Client
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException

from accounts.models import Account
from methods.models import Message, RegisteredMethod, Report
from methods.unknown_requests import settle
from tests.factories import a_phone, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import send_all
from tests.methods.ringing import VERIFY, go_on, options_of, ring
from tests.signin.door import has_session


def test_after_a_report_the_phone_does_not_ring_until_the_desk_has_looked_into_it(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, sato: Account
) -> None:
    """R-054: whoever knows the password cannot go on ringing."""
    ring(client, hana)
    exchange.line.answer().press("0").press("#")
    report = Report.objects.get()
    stranger = Client()
    ring(stranger, hana)
    assert len(exchange.lines) == 1
    assert "Your phones are not called for now" in options_of(stranger)
    settle(report.pk, actor=sato, reason="the password was changed")
    ring(Client(), hana)
    assert len(exchange.lines) == 2


def test_after_three_calls_in_vain_no_phone_of_theirs_rings(hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    """R-054: nobody is called until they give in."""
    other = a_phone(hana, "+81358422000", kind="alternate-phone", way="call")
    browser = Client()
    for _ in range(5):
        browser = Client()
        ring(browser, hana)
    assert len(exchange.lines) == 3
    browser.post(f"{VERIFY}use/{other.pk}/", {"way": "call"})
    send_all()
    assert len(exchange.lines) == 3
    assert "Your phones are not called for now" in options_of(browser)
    assert Message.objects.filter(template="calls-held").count() == 1, "told once, whatever the refusals"
    browser.post(f"{VERIFY}use/{phone.pk}/", {"way": "text"})
    send_all()
    assert len(exchange.texts) == 1, "a text approves nothing by itself"
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        ring(Client(), hana)
    assert len(exchange.lines) == 4


def test_calls_that_were_never_made_and_calls_before_a_success_do_not_count(
    hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    exchange.trouble = TwilioRestException(400, "uri", code=21211)
    for _ in range(4):
        ring(Client(), hana)
    exchange.trouble = None
    for _ in range(2):
        ring(Client(), hana)
    browser = Client()
    ring(browser, hana)
    exchange.line.answer().press("#")
    go_on(browser)
    assert has_session(browser)
    for _ in range(3):
        ring(Client(), hana)
    assert len(exchange.lines) == 6


def test_registering_a_number_by_a_call_is_not_held_by_calls_of_strangers(
    hana: Account, phone: RegisteredMethod, exchange: Exchange, client: Client
) -> None:
    for _ in range(4):
        ring(Client(), hana)
    signed_in(client, hana)
    client.post("/security-info/phone/alternate/", {"country": "JP", "number": "03-5842-2000"})
    send_all()
    exchange.line.answer().press("#")
    assert client.post("/security-info/phone/confirm/")["Location"] == "/security-info/"
