"""S-11, F-032: the real Twilio client against a provider with every trouble: sent, not sent, or may have been sent."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Account
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.gateways.twilio.client import TwilioGateway
from methods.kinds.phone.models import PhoneDevice
from methods.models import Message
from tests.factories import a_phone, a_totp_app
from tests.methods.people import send_all, states
from tests.methods.provider import ACCEPTED, Provider, a_closed_port, problem, provider, refusal
from tests.signin.door import enter_code, enter_password, has_session

DEVICE = PhoneDevice(number="+819012345678")


@pytest.fixture
def twilio(settings: Any) -> Iterator[Provider]:
    with provider() as server:
        settings.TWILIO_API_BASE = server.address
        settings.TWILIO_TIMEOUT_SECONDS = 1
        yield server


@pytest.mark.covers("S-11")
def test_a_text_is_posted_to_twilio(twilio: Provider, settings: Any) -> None:
    assert TwilioGateway().send_sms(DEVICE, "012345") == "SM" + "a" * 32
    path, fields = twilio.requests[0]
    assert path == f"/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json"
    assert (fields["To"], fields["From"]) == ("+819012345678", "+81300000000")
    assert fields["Body"] == "012345 is your verification code for Example University. Never tell it to anybody."


def test_a_text_is_in_the_language_of_the_account(twilio: Provider) -> None:
    with translation.override("ja"):
        TwilioGateway().send_sms(DEVICE, "012345")
    body = twilio.requests[0][1]["Body"]
    assert body == "見本大学の確認コード: 012345（他人に教えないでください）"


def test_a_messaging_service_takes_the_place_of_the_caller_id(twilio: Provider, settings: Any) -> None:
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "1" * 32
    TwilioGateway().send_sms(DEVICE, "012345")
    fields = twilio.requests[0][1]
    assert fields["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in fields


ANSWERS = {
    "a bad number": (refusal(400, 21211), NeverSent),
    "a number that opted out": (refusal(400, 21610), NeverSent),
    "a landline": (refusal(400, 21614), NeverSent),
    "a bad number, newly said": (problem(400, 21211), NeverSent),
    "too many requests": (refusal(429, 20429), NotSent),
    "wrong credentials": (refusal(401, 20003), NotSent),
    "forbidden": ((403, "<html>"), NotSent),
    "another refusal, newly said": (problem(409, 20000), NotSent),
    "out of order": (refusal(500, 20500), MaybeSent),
    "out of order, in HTML": ((503, "<html>sorry</html>"), MaybeSent),
    "out of order, newly said": (problem(500, 20500), MaybeSent),
    "an answer in HTML": ((200, "<html>ok</html>"), MaybeSent),
    "an empty answer": ((201, ""), MaybeSent),
    "a redirect": ((302, ""), MaybeSent),
    "silence": ("hang", MaybeSent),
    "hanging up": ("hang up", MaybeSent),
}


@pytest.mark.parametrize(("script", "meaning"), ANSWERS.values(), ids=ANSWERS)
def test_what_an_answer_means_for_the_text(twilio: Provider, script: Any, meaning: type[Exception]) -> None:
    twilio.script = script
    with pytest.raises(meaning) as raised:
        TwilioGateway().send_sms(DEVICE, "012345")
    assert raised.type is meaning
    assert "012345" not in f"{raised.value!r}{raised.value.__cause__!r}"
    assert len(twilio.requests) == 1, "the client itself repeats nothing"


def test_where_nobody_listens_nothing_was_sent(settings: Any) -> None:
    settings.TWILIO_API_BASE = a_closed_port()
    with pytest.raises(NotSent):
        TwilioGateway().send_sms(DEVICE, "012345")


@pytest.mark.parametrize("script", ["hang", "hang up", (500, "<html>"), refusal(400, 21211)], ids=str)
def test_with_the_provider_in_trouble_the_other_methods_work(client: Client, hana: Account, twilio: Provider, script: Any) -> None:
    """The page never waits for the provider; it says what is wrong and where to go on."""
    a_phone(hana)
    app = a_totp_app(hana)
    twilio.script = script
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    assert "could not be sent" not in client.get("/signin/verify/").content.decode()
    assert twilio.requests == []
    send_all()
    page = client.get("/signin/verify/").content.decode()
    assert "The message could not be sent" in page
    assert "Use a different verification option" in page
    client.post(f"/signin/verify/use/{app.pk}/")
    assert enter_code(client).status_code == 302
    assert has_session(client)


def test_a_text_that_may_have_gone_out_is_not_repeated(client: Client, hana: Account, twilio: Provider) -> None:
    a_phone(hana)
    twilio.script = "hang up"
    enter_password(client, hana)
    for _ in range(3):
        send_all()
    assert len(twilio.requests) == 1
    assert states() == ["unsure"]
    sent = twilio.requests[0][1]["Body"][:6]
    assert enter_code(client, sent).status_code == 302, "it was sent after all"


def test_a_text_to_a_bad_number_is_not_repeated(client: Client, hana: Account, twilio: Provider) -> None:
    a_phone(hana)
    twilio.script = refusal(400, 21211)
    enter_password(client, hana)
    for _ in range(3):
        send_all()
    assert len(twilio.requests) == 1
    assert Message.objects.get().problem == "21211"


def test_the_code_is_in_no_log(client: Client, hana: Account, twilio: Provider, caplog: pytest.LogCaptureFixture) -> None:
    """R-193."""
    a_phone(hana)
    caplog.set_level(logging.DEBUG)
    for script in ((201, ACCEPTED), (500, "<html>"), "hang up"):
        twilio.script = script
        enter_password(client, hana)
        send_all()
    codes = {fields["Body"][:6] for _, fields in twilio.requests}
    assert len(twilio.requests) == 3
    logged = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert not [code for code in codes if code in logged]
    assert "819012345678" not in logged
