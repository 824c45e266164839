"""R-080 to R-086: only the provider is heard, only of the call that was placed, and each word once."""

import inspect
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from methods import lifecycle
from methods.gateways.twilio import signed
from methods.models import Call, CallState, Challenge, Message, RegisteredMethod
from tests.factories import a_phone
from tests.methods.caller import FORM, Exchange, Line, signed_post
from tests.methods.people import send_all
from tests.signin.door import enter_password, failures, has_session

VERIFY = "/signin/verify/"


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    return a_phone(hana, way="call")


@pytest.fixture
def line(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> Line:
    """A phone that rings for somebody who signs in."""
    enter_password(client, hana)
    send_all()
    return exchange.line


def keyed(line: Line, **fields: str) -> Any:
    """What Twilio would send for #, with some fields changed."""
    assert line.gather is not None
    return line.gather.get("action", ""), line.fields(Digits="#") | fields


def state() -> tuple[Any, ...]:
    """Everything that a callback could change."""
    call, challenge = Call.objects.get(), Challenge.objects.get()
    return (
        call.state,
        call.sid,
        challenge.state,
        challenge.approved_at,
        challenge.ending,
        Event.objects.count(),
        Message.objects.get().report,
    )


FORGED = {
    "no signature": {"signature": ""},
    "another signature": {"signature": "c2lnbmF0dXJl"},
    "not base64": {"signature": "ü" * 28},
    "another token": {"token": "another"},
    "an empty token": {"token": ""},
}


@pytest.mark.parametrize("how", FORGED.values(), ids=FORGED)
def test_a_forged_callback_changes_nothing(line: Line, how: dict[str, str], django_assert_num_queries: Any) -> None:
    """R-080."""
    address, fields = keyed(line.answer())
    before = state()
    with django_assert_num_queries(0):
        assert signed_post(address, fields, **how).status_code == 403
    assert state() == before


def test_with_an_empty_auth_token_nobody_is_believed(line: Line, settings: Any) -> None:
    address, fields = keyed(line.answer())
    settings.TWILIO_AUTH_TOKEN = settings.TWILIO_AUTH_TOKEN_OLD = ""
    assert signed_post(address, fields, token="").status_code == 403


def test_each_field_is_part_of_the_signature(line: Line) -> None:
    address, fields = keyed(line.answer())
    right = signed.RequestValidator("twilio test token").compute_signature(address, fields)
    for name, value in fields.items():
        for changed in (value + " ", " " + value, value + "1", ""):
            if changed != value:
                assert signed_post(address, fields | {name: changed}, signature=right).status_code == 403, name
    assert signed_post(address, fields | {"More": "1"}, signature=right).status_code == 403
    assert Challenge.objects.get().approved_at is None


def test_the_signature_is_over_the_configured_address_whatever_the_request_says(line: Line, settings: Any) -> None:
    address, fields = keyed(line.answer())
    settings.ALLOWED_HOSTS = ["*"]
    evil = address.replace("mfa.example.ac.jp", "evil.example")
    signature = signed.RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(evil, fields)
    path = address.removeprefix(settings.MFA_PUBLIC_URL)
    headers = {"X-Twilio-Signature": signature, "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    assert Client().post(path, "&".join(f"{k}={v}" for k, v in fields.items()), content_type=FORM, headers=headers).status_code == 403


def test_the_signature_of_one_address_is_worth_nothing_at_another(line: Line) -> None:
    address, fields = keyed(line.answer())
    signature = signed.RequestValidator("twilio test token").compute_signature(address.replace("keys", "listen"), fields)
    assert signed_post(address, fields, signature=signature).status_code == 403


def test_a_query_belongs_to_the_address(line: Line) -> None:
    address, fields = keyed(line.answer())
    signature = signed.RequestValidator("twilio test token").compute_signature(address, fields)
    assert signed_post(address + "?a=1", fields, signature=signature).status_code == 403


def test_signatures_are_compared_in_constant_time() -> None:
    """R-080: the official validator does, and we do not compare ourselves."""
    assert "compare" in inspect.getsource(signed.RequestValidator.validate)
    assert "==" not in inspect.getsource(signed._is_signed)


def test_during_a_change_of_the_auth_token_both_are_accepted_and_afterwards_the_old_is_refused(line: Line, settings: Any) -> None:
    """R-085."""
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD = "the new token", "twilio test token"
    address = line.facts["url"]
    fields = line.fields(AnsweredBy="human")
    assert signed_post(address, fields, token="twilio test token").status_code == 200
    assert signed_post(address, fields, token="the new token").status_code == 200
    settings.TWILIO_AUTH_TOKEN_OLD = ""
    assert signed_post(address, fields, token="twilio test token").status_code == 403
    assert signed_post(address, fields, token="the new token").status_code == 200


OTHERS = {
    "another account at the provider": {"AccountSid": "AC" + "9" * 32},
    "another call": {"CallSid": "CA" + "9" * 32},
    "no call": {"CallSid": ""},
    "another number": {"To": "+819000000000"},
    "the number with a blank": {"To": "+819012345678 "},
    "no number": {"To": ""},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_is_signed_but_of_another_call_changes_nothing(line: Line, other: dict[str, str]) -> None:
    """R-083."""
    address, fields = keyed(line.answer())
    before = state()
    for place in ("answered", "listen", "keys", "ended"):
        assert signed_post(address.replace("keys", place), fields | other).status_code == 403
    assert state() == before


def test_a_call_that_was_placed_for_somebody_else_approves_nothing(line: Line, exchange: Exchange, ken: Account) -> None:
    a_phone(ken, "+818012345678", way="call")
    browser = Client()
    enter_password(browser, ken)
    send_all()
    other = exchange.line.answer()
    address, _ = keyed(line.answer())
    assert signed_post(address, other.fields(Digits="#")).status_code == 403
    assert not Challenge.objects.filter(approved_at__isnull=False).exists()


def test_a_token_that_nobody_gave_is_refused(line: Line) -> None:
    address, fields = keyed(line.answer())
    token = address.split("/")[-3]
    assert signed_post(address.replace(token, "x" * len(token)), fields).status_code == 403


def test_callbacks_that_come_again_change_nothing(client: Client, line: Line) -> None:
    """R-082."""
    line.answer().press("#")
    after = state()
    for number in range(len(line.answers)):
        for _ in range(2):
            assert line.replay(number).status_code in {200, 204}
    assert state() == after
    client.post(VERIFY, {})
    assert has_session(client)
    spent = state()
    line.replay(2)
    assert state() == spent


def test_the_first_callback_again_only_repeats_the_question(line: Line) -> None:
    address = line.facts["url"]
    fields = line.fields(AnsweredBy="human")
    answers = [signed_post(address, fields).content for _ in range(3)]
    assert len(set(answers)) == 1
    assert Call.objects.get().state == CallState.GREETED


def test_a_machine_cannot_become_a_person_by_a_second_callback(line: Line) -> None:
    line.answer("machine_start")
    line.over = False
    line.answer("human")
    assert line.gather is None
    assert Challenge.objects.get().ending == "machine"


def test_a_key_that_comes_too_late_approves_nothing(client: Client, line: Line) -> None:
    line.answer()
    with time_machine.travel(timezone.now() + timedelta(seconds=181)):
        line.press("#")
        assert "nothing left to verify" in line.heard
        client.post(VERIFY, {})
    assert not has_session(client)


def test_the_page_has_a_minute_to_go_on_after_a_key_at_the_last_moment(client: Client, line: Line) -> None:
    line.answer()
    with time_machine.travel(timezone.now() + timedelta(seconds=175), tick=False) as moment:
        line.press("#")
        moment.shift(timedelta(seconds=50))
        client.post(VERIFY, {})
    assert has_session(client)


def test_when_the_method_is_removed_while_it_rings_the_key_approves_nothing(client: Client, hana: Account, phone: Any, line: Line) -> None:
    """R-006."""
    line.answer()
    lifecycle.remove(hana, phone.pk, actor=hana)
    line.press("#")
    assert "nothing left to verify" in line.heard
    client.post(VERIFY, {})
    assert not has_session(client)


def test_when_the_account_is_locked_while_it_rings_the_key_approves_nothing(client: Client, hana: Account, line: Line) -> None:
    line.answer()
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    line.press("#")
    assert "nothing left to verify" in line.heard
    assert Challenge.objects.get().approved_at is None


def test_when_the_account_is_held_while_it_rings_the_key_approves_nothing(client: Client, hana: Account, line: Line) -> None:
    """R-026."""
    line.answer()
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now() + timedelta(minutes=5))
    line.press("#")
    assert Challenge.objects.get().ending == "held"
    assert failures(hana) == 0


def test_what_was_closed_before_the_answer_is_not_even_asked(hana: Account, line: Line) -> None:
    Challenge.objects.update(state="closed")
    line.answer()
    assert line.gather is None


def test_only_posts_of_forms_are_read_and_only_short_ones(line: Line, django_assert_num_queries: Any) -> None:
    """R-084."""
    path = line.facts["url"].removeprefix("https://mfa.example.ac.jp")
    client = Client()
    with django_assert_num_queries(0):
        for method in ("get", "put", "delete", "patch", "head"):
            assert getattr(client, method)(path).status_code == 405
        assert client.post(path, "a=" + "x" * signed.MOST_BYTES, content_type=FORM).status_code == 413
        assert client.post(path, "{}", content_type="application/json").status_code == 403
        assert client.post(path, {"a": "b"}).status_code == 403


def test_an_answer_takes_few_queries(line: Line, django_assert_max_num_queries: Any) -> None:
    """R-084: a provider waits two seconds."""
    line.answer()
    with django_assert_max_num_queries(16):
        line.press("#")


def test_a_call_whose_answer_was_lost_is_known_by_its_token(client: Client, line: Line) -> None:
    """The provider's answer did not arrive, but the phone rings: our token and its signature say which call it is."""
    Call.objects.update(sid="")
    line.answer().press("#")
    assert Call.objects.get().sid == line.sid
    client.post(VERIFY, {})
    assert has_session(client)


def test_two_calls_cannot_both_claim_a_token(line: Line) -> None:
    Call.objects.update(sid="")
    line.answer()
    address, fields = keyed(line, CallSid="CA" + "9" * 32)
    assert signed_post(address, fields).status_code == 403


def test_calling_again_makes_the_first_call_worthless(client: Client, phone: RegisteredMethod, line: Line, exchange: Exchange) -> None:
    line.answer()
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        client.post("/signin/verify/resend/", {"method": str(phone.pk), "way": "call"})
        send_all()
        assert len(exchange.lines) == 2
        line.press("#")
        client.post(VERIFY, {})
        assert not has_session(client)
        exchange.line.answer().press("#")
        client.post(VERIFY, {})
    assert has_session(client)


def test_another_browser_gains_nothing_by_the_key(client: Client, hana: Account, line: Line) -> None:
    """R-008: each browser has a call of its own."""
    other = Client()
    enter_password(other, hana)
    line.answer().press("#")
    other.post(VERIFY, {})
    assert not has_session(other)
    client.post(VERIFY, {})
    assert has_session(client)


def test_numbers_are_in_no_log(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """R-087."""
    caplog.set_level("DEBUG")
    line.answer().press("#")
    signed_post(line.facts["url"], line.fields(), token="another")
    logged = "\n".join(f"{record.getMessage()} {record.exc_text} {record.__dict__}" for record in caplog.records)
    assert "19012345678" not in logged
    assert "callback refused" in logged
