"""R-086, S-145: what the provider reports of a text, and how the help desk reads it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Account
from audit.models import Event
from methods.gateways.twilio.words import CODES
from methods.models import Message, RegisteredMethod
from methods.outcomes import outcomes
from methods.sent import Became
from tests.factories import a_phone, signed_in
from tests.methods.caller import Exchange, signed_post
from tests.methods.people import send_all
from tests.signin.door import enter_password, has_session


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    return a_phone(hana)


@pytest.fixture
def text(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> dict[str, Any]:
    """A text that the provider took."""
    enter_password(client, hana)
    send_all()
    return exchange.texts[0]


def fields(text: dict[str, Any], state: str, **more: str) -> dict[str, str]:
    known = {"AccountSid": "AC" + "1" * 32, "MessageSid": text["sid"], "To": text["to"], "From": "+81300000000"}
    return known | {"MessageStatus": state, "SmsStatus": state, "SmsSid": text["sid"]} | more


def report(text: dict[str, Any], state: str, **more: str) -> int:
    return int(signed_post(text["status_callback"], fields(text, state, **more)).status_code)


def test_the_provider_is_asked_to_report_to_an_address_that_tells_nothing(text: dict[str, Any], hana: Account) -> None:
    """R-081."""
    address = text["status_callback"]
    assert address.startswith("https://mfa.example.ac.jp/hooks/twilio/texts/")
    assert len(address.split("/")[-2]) >= 32
    assert text["body"][:6] not in address
    assert Message.objects.get().report_digest not in address


def of_the_text(account: Account) -> Became:
    """What became of the newest text, as staff read it."""
    message = outcomes(account)[0].message
    assert message
    return message


def test_a_delivered_text_is_shown_as_delivered(text: dict[str, Any], hana: Account) -> None:
    assert [report(text, state) for state in ("queued", "sent", "delivered")] == [204, 204, 204]
    assert str(of_the_text(hana).state) == "Delivered"


def test_a_text_that_was_not_delivered_is_said_on_the_page_and_at_the_help_desk(
    client: Client, text: dict[str, Any], hana: Account
) -> None:
    assert report(text, "undelivered", ErrorCode="30003") == 204
    assert "The message could not be sent" in client.get("/signin/verify/").content.decode()
    row = of_the_text(hana)
    assert (str(row.state), row.tone) == ("Not delivered", "danger")
    assert "switched off" in row.why
    assert Event.objects.filter(name="message:failed").count() == 1


def test_reports_that_come_late_or_twice_change_nothing(text: dict[str, Any]) -> None:
    """R-082."""
    report(text, "undelivered", ErrorCode="30005")
    events = Event.objects.count()
    for state in ("sent", "queued", "delivered", "undelivered", "failed", "nonsense", ""):
        assert report(text, state) == 204
    message = Message.objects.get()
    assert (message.report, message.report_code) == ("undelivered", "30005")
    assert Event.objects.count() == events


def test_a_report_signs_nobody_in(client: Client, text: dict[str, Any]) -> None:
    """R-086."""
    report(text, "delivered")
    client.post("/signin/verify/", {"code": ""})
    assert not has_session(client)


OTHERS = {"another message": {"MessageSid": "SM" + "9" * 32}, "no message": {"MessageSid": ""}, "another number": {"To": "+819000000000"}}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_report_of_another_text_is_refused(text: dict[str, Any], other: dict[str, str]) -> None:
    """R-083."""
    assert signed_post(text["status_callback"], fields(text, "failed") | other).status_code == 403
    assert Message.objects.get().report == ""


def test_a_forged_report_is_refused(text: dict[str, Any]) -> None:
    assert signed_post(text["status_callback"], fields(text, "failed"), token="another").status_code == 403
    assert Message.objects.get().report == ""


def test_a_text_whose_answer_was_lost_is_known_by_its_report(text: dict[str, Any], hana: Account) -> None:
    Message.objects.update(provider_id="", state="unsure", problem="no answer")
    assert "Perhaps sent" in str(of_the_text(hana).state)
    assert report(text, "delivered") == 204
    assert Message.objects.get().provider_id == text["sid"]
    assert str(of_the_text(hana).state) == "Delivered"


def test_every_code_has_words_in_both_languages() -> None:
    for words in set(CODES.values()):
        with translation.override("ja"):
            assert not str(words).isascii()


def test_the_help_desk_sees_the_last_texts_and_calls_without_numbers_and_codes(
    client: Client, text: dict[str, Any], hana: Account, hiro: Account
) -> None:
    report(text, "undelivered", ErrorCode="30006")
    desk = Client()
    signed_in(desk, hiro)
    page = desk.get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()
    assert "Text: Not delivered" in page
    assert "cannot receive texts" in page
    assert "9012345678" not in page
    assert text["body"][:6] not in page
