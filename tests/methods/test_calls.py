"""S-49 to S-51, S-77, R-073, R-074: a call is approved by one key, pressed by a person after the question."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException

from accounts.models import Account
from audit.models import Event
from methods import calls
from methods.models import Call, CallState, Challenge, Message, RegisteredMethod, Report
from methods.unknown_requests import settle
from tests.factories import a_phone, a_totp_app, an_account, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import send_all
from tests.signin.door import enter_code, enter_password, failures, has_session, leads_to_password

VERIFY = "/signin/verify/"
NUMBER = "+819012345678"


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    return a_phone(hana, NUMBER, way="call")


def ring(client: Client, account: Account) -> None:
    """The password, and the worker that places the call."""
    assert enter_password(client, account)["Location"] == VERIFY
    send_all()


def page_of(client: Client) -> str:
    return client.get(VERIFY).content.decode()


def options_of(client: Client) -> str:
    """Where the page leads while nothing could be asked."""
    assert client.get(VERIFY)["Location"] == f"{VERIFY}options/"
    return client.get(f"{VERIFY}options/").content.decode()


def go_on(client: Client) -> Any:
    """What the page does by itself when the call was confirmed."""
    return client.post(VERIFY, {})


def waiting(client: Client) -> str:
    challenge = Challenge.objects.latest("issued_at")
    return client.get(f"{VERIFY}waiting/{challenge.pk}/").content.decode()


@pytest.mark.covers("S-49", "S-50", "S-51", "S-77")
def test_the_pound_key_signs_in(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    assert "press the pound key (#)" in page_of(client)
    assert "press “keypad”" in page_of(client)
    assert "data-poll-done" not in waiting(client)
    line = exchange.line.answer()
    assert "This is Example University." in line.heard
    assert "If it is you, press the pound key." in line.heard
    assert not has_session(client)
    line.press("#")
    assert line.over
    assert "You are verified" in line.heard
    assert 'data-poll-submit="#answer"' in waiting(client)
    assert not has_session(client), "the phone alone opens nothing"
    assert go_on(client).status_code == 302
    assert has_session(client)


def test_the_number_is_the_registered_one_and_the_line_goes_to_our_own_callbacks(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    """R-075, R-080, R-081."""
    ring(client, hana)
    facts = exchange.line.facts
    assert (facts["to"], facts["from_"], facts["machine_detection"]) == (NUMBER, settings.TWILIO_CALLER_ID, "Enable")
    call, challenge = Call.objects.get(), Challenge.objects.get()
    for address in (facts["url"], facts["status_callback"]):
        assert address.startswith("https://mfa.example.ac.jp/hooks/twilio/calls/")
        token = address.split("/")[-3]
        assert len(token) >= 32
        for told in (token, str(challenge.pk), hana.common_id, NUMBER[1:], calls.digits(challenge) + "/"):
            assert told not in address.replace(token, "")
        assert token not in call.token_digest
    assert Message.objects.get().provider_id == call.sid == exchange.line.sid


@pytest.mark.parametrize("keys", ["1", "*", "5", "9"])
def test_any_other_key_is_a_no_and_no_failure(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, keys: str
) -> None:
    ring(client, hana)
    exchange.line.answer().press(keys)
    assert "declined on your phone" in page_of(client)
    assert "Call again" in page_of(client)
    go_on(client)
    assert not has_session(client)
    assert failures(hana) == 0


def test_a_no_cannot_be_made_a_yes(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    line = exchange.line.answer()
    gather = line.gather
    line.press("1")
    line.gather = gather
    line.press("#")
    go_on(client)
    assert not has_session(client)


def test_keys_pressed_before_the_question_ended_never_count(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    """R-074: the keys are listened to in an answer of their own, which holds no question."""
    ring(client, hana)
    line = exchange.line.press("#")
    line.answer().press("#")
    first, second = (answer.content.decode() for _, _, answer in line.answers[:2])
    assert "<Say" in first
    assert "<Gather" not in first
    assert "<Say" not in second
    assert has_session(client) is False


def test_a_key_is_not_accepted_while_the_question_is_still_asked(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    """R-074: also when the callback for keys is called before the one that says that the question has ended."""
    ring(client, hana)
    line = exchange.line
    address = line.facts["url"]
    line._send(address, line.fields(AnsweredBy="human"))
    line.post(address.replace("answered", "keys"), line.fields(Digits="#"))
    assert Challenge.objects.get().approved_at is None
    assert "nothing left to verify" in line.heard


@pytest.mark.parametrize("by", ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"])
def test_a_machine_never_counts(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, by: str) -> None:
    """R-074."""
    ring(client, hana)
    line = exchange.line.answer(by)
    assert line.said == []
    assert line.over
    assert "An answering machine took the call" in page_of(client)
    go_on(client)
    assert not has_session(client)
    assert failures(hana) == 0


@pytest.mark.parametrize("by", ["unknown", None, "something new"])
def test_who_may_be_a_machine_has_to_key_the_digits_on_the_screen(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, by: str | None
) -> None:
    """R-074: a greeting that holds the tone of # knows no digits."""
    ring(client, hana)
    line = exchange.line.answer(by)
    shown = calls.digits(Challenge.objects.get())
    assert "two digits that you see on the screen" in line.heard
    assert f"Key in {shown}" in waiting(client)
    line.press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_a_greeting_that_holds_the_pound_key_gets_nowhere(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    ring(client, hana)
    line = exchange.line.answer("unknown")
    while line.gather is not None:
        line.press("#")
    assert "Nobody answered the call" in page_of(client)
    go_on(client)
    assert not has_session(client)


@pytest.mark.covers("S-127")
def test_zero_and_pound_report_a_stranger(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    line = exchange.line.answer().press("0")
    assert "To report this" in line.heard
    assert not Report.objects.exists()
    line.press("#")
    assert Report.objects.get().account == hana
    assert "change your password" in line.heard
    assert leads_to_password(go_on(client))
    assert not has_session(client)


def test_zero_alone_reports_nobody(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    exchange.line.answer().press("0").stay_silent()
    assert not Report.objects.exists()
    assert "declined" in page_of(client)


def test_whoever_is_silent_is_asked_once_more(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    line = exchange.line.answer().stay_silent()
    assert line.heard.count("press the pound key.") == 2
    line.press("#")
    go_on(client)
    assert has_session(client)


def test_silence_twice_ends_the_call(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    line = exchange.line.answer().stay_silent().stay_silent()
    assert line.over
    assert "no key was pressed" in page_of(client)
    assert failures(hana) == 0


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "completed"])
def test_a_missed_call_is_said_and_another_can_be_asked_for(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, status: str
) -> None:
    ring(client, hana)
    assert exchange.line.hang_up(status).status_code == 204
    assert "Nobody answered the call" in waiting(client)
    assert "Call again" in page_of(client)
    client.post("/signin/verify/resend/", {"method": str(phone.pk), "way": "call"})
    send_all()
    assert len(exchange.lines) == 2
    exchange.line.answer().press("#")
    go_on(client)
    assert has_session(client)
    assert Message.objects.order_by("due_at")[0].report == status


def test_hanging_up_after_the_key_takes_nothing_back(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    line = exchange.line.answer().press("#")
    line.hang_up()
    go_on(client)
    assert has_session(client)


def test_the_end_of_a_call_approves_nothing(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    """R-086."""
    ring(client, hana)
    exchange.line.hang_up("completed")
    go_on(client)
    assert not has_session(client)
    assert Call.objects.get().state == CallState.OVER


def test_with_the_setting_every_call_asks_for_the_digits(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    """R-073."""
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    shown = calls.digits(Challenge.objects.get())
    assert f">{shown}<" in page_of(client)
    line = exchange.line.answer()
    assert "two digits" in line.heard
    line.press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_wrong_digits_end_the_call_and_count(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    wrong = f"{(int(calls.digits(Challenge.objects.get())) + 1) % 100:02}#"
    line = exchange.line.answer().press(wrong)
    assert line.over
    assert "The digits did not match" in page_of(client)
    assert failures(hana) == 1
    go_on(client)
    assert not has_session(client)


def test_with_digits_zero_and_pound_still_report(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    exchange.line.answer().press("0#")
    assert Report.objects.get().account == hana


@pytest.mark.parametrize("role", ["helpdesk", "auditor", "administrator"])
def test_somebody_with_a_role_is_always_asked_for_the_digits(client: Client, exchange: Exchange, db: None, role: str) -> None:
    """R-073: also with a phone from before the role."""
    account = an_account(roles=(role,))
    a_phone(account, NUMBER, way="call")
    ring(client, account)
    shown = calls.digits(Challenge.objects.get())
    assert f">{shown}<" in page_of(client)
    exchange.line.answer().press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_two_calls_show_different_digits(hana: Account, phone: RegisteredMethod) -> None:
    shown = {calls.digits(Challenge()) for _ in range(50)}
    assert len(shown) > 10
    assert all(len(digits) == 2 and digits.isdecimal() for digits in shown)


def test_a_call_in_japanese(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    Account.objects.filter(pk=hana.pk).update(language="ja")
    ring(client, hana)
    line = exchange.line.answer()
    assert "見本大学" in line.heard
    assert "シャープ" in line.heard
    assert 'language="ja-JP"' in line.answers[0][2].content.decode()


def test_another_method_serves_while_the_phone_rings(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    app = a_totp_app(hana)
    ring(client, hana)
    client.post(f"/signin/verify/use/{app.pk}/")
    assert enter_code(client).status_code == 302
    assert has_session(client)
    line = exchange.line.answer().press("#")
    assert line.over, "nothing breaks"


def test_what_happened_is_recorded(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    exchange.line.answer().press("#")
    go_on(client)
    names = list(Event.objects.filter(name__startswith="challenge:").order_by("pk").values_list("name", flat=True))
    assert names == ["challenge:issued", "challenge:approved", "challenge:passed"]


def test_a_call_verifies_again_in_an_open_session(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    """R-130: nothing rings until somebody asks for it, and the page goes on by itself."""
    signed_in(client, hana, verified=False)
    page = client.get("/signin/step-up/?next=/security-info/").content.decode()
    send_all()
    assert "Call ••• 78" in page
    assert exchange.lines == []
    client.post(f"/signin/step-up/use/{phone.pk}/", {"way": "call", "next": "/security-info/"})
    send_all()
    page = client.get("/signin/step-up/?next=/security-info/").content.decode()
    assert "press the pound key (#)" in page
    exchange.line.answer().press("#")
    answer = client.post("/signin/step-up/", {"method": str(phone.pk), "way": "call", "next": "/security-info/"})
    assert answer["Location"] == "/security-info/"
    assert client.get("/security-info/").status_code == 200


@pytest.mark.covers("S-59", "S-80")
def test_a_phone_that_is_texted_can_be_called_instead(client: Client, hana: Account, exchange: Exchange) -> None:
    phone = a_phone(hana, NUMBER, way="text")
    ring(client, hana)
    assert len(exchange.texts) == 1
    options = client.get("/signin/verify/options/").content.decode()
    assert "Text a code to ••• 78" in options
    assert "Call ••• 78" in options
    client.post(f"/signin/verify/use/{phone.pk}/", {"way": "call"})
    send_all()
    exchange.line.answer().press("#")
    client.post(VERIFY, {"method": str(phone.pk), "way": "call"})
    assert has_session(client)


def test_the_page_says_when_the_call_was_answered(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    assert "Waiting for your phone" in waiting(client)
    exchange.line.answer()
    assert "You answered the call. Press the pound key (#)." in waiting(client)


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
