"""S-49 to S-51, S-77, R-073, R-074: a call is approved by one key, pressed by a person after the question."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.models import Event
from methods import calls, hearing
from methods.models import Call, CallState, Challenge, Message, RegisteredMethod, Report
from tests.methods.caller import Exchange, signed_post
from tests.methods.ringing import NUMBER, go_on, page_of, ring, waiting
from tests.signin.door import failures, has_session, leads_to_password


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


def test_a_report_that_failed_is_heard_when_it_comes_again(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is over when its answer is kept, not before."""

    def broken(report: Report) -> None:
        raise ConnectionError("the database went away")

    ring(client, hana)
    line = exchange.line.answer().press("0")
    assert line.gather is not None
    address, fields = line.gather.get("action", ""), line.fields(Digits="#")
    with monkeypatch.context() as patch:
        patch.setattr(hearing, "pass_on", broken)
        with pytest.raises(ConnectionError):
            signed_post(address, fields)
    assert Call.objects.get().state == CallState.REPORTING
    line.post(address, fields)
    assert Report.objects.get().account == hana
    assert Call.objects.get().state == CallState.OVER


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


def test_what_happened_is_recorded(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    exchange.line.answer().press("#")
    go_on(client)
    names = list(Event.objects.filter(name__startswith="challenge:").order_by("pk").values_list("name", flat=True))
    assert names == ["challenge:issued", "challenge:approved", "challenge:passed"]
