"""S-145: the real Twilio client places calls with a provider that has every trouble; the page says so and offers others."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from phonenumber_field.phonenumber import PhoneNumber

from accounts.models import Account
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.gateways.twilio.client import TwilioGateway
from methods.models import Challenge, Message, SendingCount
from mfaadmin.settings.parts import gateways
from tests.factories import a_phone, a_totp_app
from tests.methods.people import send_all, states
from tests.methods.provider import Provider, a_closed_port, provider, refusal
from tests.signin.door import enter_code, enter_password, has_session

NUMBER = PhoneNumber.from_string("+81358422000")


@pytest.fixture
def twilio(settings: Any) -> Iterator[Provider]:
    with provider() as server:
        settings.TWILIO_API_BASE = server.address
        settings.TWILIO_TIMEOUT_SECONDS = 1
        yield server


@pytest.mark.covers("S-11", "S-145")
def test_a_call_is_posted_to_twilio(twilio: Provider, settings: Any) -> None:
    assert TwilioGateway().place_call(NUMBER, "the-token")
    path, fields = twilio.requests[0]
    assert path == f"/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Calls.json"
    assert fields == {
        "To": "+81358422000",
        "From": "+81300000000",
        "Url": "https://mfa.example.ac.jp/hooks/twilio/calls/the-token/answered/",
        "StatusCallback": "https://mfa.example.ac.jp/hooks/twilio/calls/the-token/ended/",
        "MachineDetection": "Enable",
        "Timeout": "30",
    }


@pytest.mark.covers("S-62")
def test_an_extension_is_dialled_after_two_seconds(twilio: Provider) -> None:
    TwilioGateway().place_call(PhoneNumber.from_string("tel:+81-3-5842-2000;ext=42"), "the-token")
    fields = twilio.requests[0][1]
    assert (fields["To"], fields["SendDigits"]) == ("+81358422000", "wwww42#")
    assert "MachineDetection" not in fields


ANSWERS = {
    "a bad number": (refusal(400, 21211), NeverSent),
    "a country that is not permitted": (refusal(400, 21215), NeverSent),
    "a blocked number": (refusal(400, 13225), NeverSent),
    "too many requests": (refusal(429, 20429), NotSent),
    "wrong credentials": (refusal(401, 20003), NotSent),
    "out of order": (refusal(500, 20500), MaybeSent),
    "an answer in HTML": ((200, "<html>ok</html>"), MaybeSent),
    "silence": ("hang", MaybeSent),
    "hanging up": ("hang up", MaybeSent),
}


@pytest.mark.parametrize(("script", "meaning"), ANSWERS.values(), ids=ANSWERS)
def test_what_an_answer_means_for_the_call(twilio: Provider, script: Any, meaning: type[Exception]) -> None:
    twilio.script = script
    with pytest.raises(meaning) as raised:
        TwilioGateway().place_call(NUMBER, "the-token")
    assert raised.type is meaning
    assert "the-token" not in f"{raised.value!r}{raised.value.__cause__!r}"
    assert len(twilio.requests) == 1, "the client itself repeats nothing"


def test_where_nobody_listens_nobody_is_called(settings: Any) -> None:
    settings.TWILIO_API_BASE = a_closed_port()
    with pytest.raises(NotSent):
        TwilioGateway().place_call(NUMBER, "the-token")


def waiting(client: Client) -> str:
    return client.get(f"/signin/verify/waiting/{Challenge.objects.get().pk}/").content.decode()


def test_the_provider_is_given_little_time() -> None:
    """The page asks every two seconds, so that trouble is told within five."""
    assert gateways.TWILIO_TIMEOUT_SECONDS + 2 <= 5


@pytest.mark.parametrize("script", ["hang", "hang up", (500, "<html>"), refusal(400, 21215), refusal(401, 20003)], ids=str)
def test_the_page_says_that_the_call_failed_and_another_method_signs_in(
    client: Client, hana: Account, twilio: Provider, script: Any, settings: Any
) -> None:
    settings.TWILIO_TIMEOUT_SECONDS = gateways.TWILIO_TIMEOUT_SECONDS if script == "hang" else 1
    a_phone(hana, way="call")
    app = a_totp_app(hana)
    twilio.script = script
    enter_password(client, hana)
    assert "could not be made" not in client.get("/signin/verify/").content.decode()
    began = time.monotonic()
    send_all()
    assert "The call could not be made" in waiting(client)
    assert time.monotonic() - began < 5
    page = client.get("/signin/verify/").content.decode()
    assert "Call again" in page
    assert "Use a different verification option" in page
    client.post(f"/signin/verify/use/{app.pk}/")
    assert enter_code(client).status_code == 302
    assert has_session(client)


@pytest.mark.parametrize("script", ["hang up", (500, "<html>"), refusal(400, 21215)], ids=str)
def test_a_call_that_may_ring_or_never_will_is_not_repeated_nor_counted_again(
    client: Client, hana: Account, twilio: Provider, script: Any
) -> None:
    a_phone(hana, way="call")
    twilio.script = script
    enter_password(client, hana)
    for _ in range(3):
        send_all()
        client.get("/signin/verify/")
        waiting(client)
    assert len(twilio.requests) == 1
    assert states() in (["unsure"], ["failed"])
    assert SendingCount.objects.get(scope="all-hour").sent == 1


def test_numbers_and_tokens_are_in_no_log(client: Client, hana: Account, twilio: Provider, caplog: pytest.LogCaptureFixture) -> None:
    """R-087."""
    caplog.set_level("DEBUG")
    a_phone(hana, way="call")
    enter_password(client, hana)
    send_all()
    assert Message.objects.get().state == "sent"
    logged = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert "19012345678" not in logged
    assert twilio.requests[0][1]["Url"].split("/")[-3] not in logged
