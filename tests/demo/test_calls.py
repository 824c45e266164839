"""The demo phone rings: what the real client places, a visitor answers, declines, or leaves to the voicemail."""

import re
from itertools import count

import pytest
import requests
from phonenumber_field.phonenumber import PhoneNumber
from pytest_django.fixtures import Settings

from methods.gateways.base import NeverSent, NotSent
from methods.gateways.twilio.client import TwilioGateway
from tests.demo.running import PATIENCE, RunningDemo, wait_until

_numbers = count(1)


@pytest.fixture
def number() -> PhoneNumber:
    return PhoneNumber.from_string(f"+81901111{next(_numbers):04}")


def page(demo: RunningDemo, number: PhoneNumber) -> str:
    return requests.get(f"{demo.url}/demo/phone/{number.as_e164}/", timeout=PATIENCE).text


def press(demo: RunningDemo, number: PhoneNumber, button: str) -> str:
    """A button of the phone, as a visitor's browser sends it."""
    visitor = requests.Session()
    shown = visitor.get(f"{demo.url}/demo/phone/{number.as_e164}/", timeout=PATIENCE).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown)
    assert token is not None
    facts = {"csrfmiddlewaretoken": token[1], "do": button}
    return visitor.post(f"{demo.url}/demo/phone/{number.as_e164}/call/", facts, headers={"Referer": demo.url}, timeout=PATIENCE).text


@pytest.fixture
def ringing(demo: RunningDemo, at_the_demo: Settings, number: PhoneNumber) -> PhoneNumber:
    at_the_demo.MFA_PUBLIC_URL = demo.url
    assert TwilioGateway().place_call(number, "a-token-that-the-site-has-not-given").startswith("CA")
    return number


def test_a_call_rings_on_the_demo_phone(demo: RunningDemo, ringing: PhoneNumber) -> None:
    shown = page(demo, ringing)
    assert "Incoming call" in shown
    assert "Answer" in shown
    assert ringing.as_international in requests.get(f"{demo.url}/demo/phone/", timeout=PATIENCE).text


def test_a_declined_call_is_over(demo: RunningDemo, ringing: PhoneNumber) -> None:
    assert "Missed call" in press(demo, ringing, "decline")


def test_a_call_that_the_site_does_not_know_ends_when_it_is_answered(demo: RunningDemo, ringing: PhoneNumber) -> None:
    """The callbacks are the site's own, which refuses a token it has not given."""
    assert "Keypad" not in press(demo, ringing, "answer")
    wait_until(lambda: "Incoming call" not in page(demo, ringing), "the call ends")


def test_a_key_without_a_call_does_nothing(demo: RunningDemo, number: PhoneNumber) -> None:
    assert "Nothing has arrived yet" in press(demo, number, "#")


def test_a_button_needs_the_page_it_stands_on(demo: RunningDemo, ringing: PhoneNumber) -> None:
    """R-200."""
    assert requests.post(f"{demo.url}/demo/phone/{ringing.as_e164}/call/", {"do": "answer"}, timeout=PATIENCE).status_code == 403


def test_bad_calls_are_refused_by_twilios_codes(demo: RunningDemo, at_the_demo: Settings, number: PhoneNumber) -> None:
    at_the_demo.MFA_PUBLIC_URL = "ftp://nowhere"
    with pytest.raises(NotSent, match="21205"):
        TwilioGateway().place_call(number, "token")
    with pytest.raises(NeverSent, match="21211"):
        TwilioGateway().place_call(PhoneNumber.from_string("+8112"), "token")
    at_the_demo.TWILIO_AUTH_TOKEN = "wrong"
    with pytest.raises(NotSent, match="20003"):
        TwilioGateway().place_call(number, "token")
