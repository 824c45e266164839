"""R-072, R-075, S-47, S-48: texted codes, from the page to the phone and back."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from methods import lifecycle
from methods.challenges import MOST_SENT
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.models import Challenge, Message, RegisteredMethod
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.people import Handset, send_all, states
from tests.signin.door import enter_code, enter_password, has_session, leads_to_password

CONFIRM, RESEND = "/security-info/phone/confirm/", "/security-info/phone/resend/"


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    return a_phone(hana, "+819012345678")


@pytest.fixture
def waiting(client: Client, hana: Account, phone: RegisteredMethod, handset: Handset) -> Client:
    """A browser that is asked for the code in the text."""
    enter_password(client, hana)
    send_all()
    return client


def not_the(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.covers("S-48", "S-75")
def test_the_texted_code_signs_in_once(waiting: Client, hana: Account, handset: Handset) -> None:
    assert handset.texts == [("+819012345678", handset.code)]
    assert re.fullmatch(r"\d{6}", handset.code)
    assert enter_code(waiting, handset.code).status_code == 302
    assert has_session(waiting)
    other = Client()
    enter_password(other, hana)
    assert enter_code(other, handset.code).status_code == 200
    assert not has_session(other)


@pytest.mark.covers("S-47", "S-75")
def test_the_page_says_where_the_code_went_and_shows_two_digits(waiting: Client) -> None:
    page = waiting.get("/signin/verify/").content.decode()
    assert "•••" in page
    assert "Verify" in page
    assert "9012345678" not in page


def test_a_code_is_valid_for_five_minutes(waiting: Client, handset: Handset) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert enter_code(waiting, handset.code)["Location"] == "/signin/verify/options/"
    assert not has_session(waiting)


def test_a_code_answers_the_challenge_it_was_sent_for_and_no_other(waiting: Client, hana: Account, handset: Handset) -> None:
    first, other = handset.code, Client()
    enter_password(other, hana)
    send_all()
    if handset.code != first:
        assert enter_code(other, first).status_code == 200
    assert not has_session(other)
    assert enter_code(waiting, first).status_code == 302


def test_only_a_keyed_digest_of_the_code_is_kept(waiting: Client, handset: Handset) -> None:
    challenge = Challenge.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", challenge.code_digest)
    kept = str(Challenge.objects.values().get()) + str(Message.objects.values().get())
    assert handset.code not in re.sub(r"[0-9a-f-]{32,}|\d{4}, \d+, \d+, [\d, ]+", "", kept)


def test_looking_and_reloading_send_nothing(waiting: Client, handset: Handset) -> None:
    for _ in range(3):
        waiting.get("/signin/verify/")
        waiting.get("/signin/verify/options/")
    send_all()
    assert len(handset.texts) == 1


def test_a_wrong_code_sends_no_other_and_the_right_one_still_works(waiting: Client, handset: Handset) -> None:
    assert enter_code(waiting, not_the(handset.code)).status_code == 200
    send_all()
    assert len(handset.texts) == 1
    assert enter_code(waiting, handset.code).status_code == 302


def test_a_new_code_comes_after_half_a_minute_and_replaces_the_old(
    client: Client, hana: Account, phone: RegisteredMethod, handset: Handset
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_password(client, hana)
        send_all()
        old = handset.code
        moment.shift(timedelta(seconds=29))
        page = client.get(client.post("/signin/verify/resend/")["Location"]).content.decode()
        assert "A code was sent just now" in page
        send_all()
        assert len(handset.texts) == 1
        moment.shift(timedelta(seconds=1))
        page = client.get(client.post("/signin/verify/resend/")["Location"]).content.decode()
        assert "A new code is on its way" in page
        send_all()
        assert len(handset.texts) == 2
        if handset.code != old:
            assert enter_code(client, old).status_code == 200
        assert enter_code(client, handset.code).status_code == 302


def test_to_and_fro_between_methods_sends_one_code(waiting: Client, hana: Account, phone: RegisteredMethod, handset: Handset) -> None:
    app = a_totp_app(hana)
    for _ in range(3):
        waiting.post(f"/signin/verify/use/{app.pk}/")
        waiting.post(f"/signin/verify/use/{phone.pk}/")
    send_all()
    assert len(handset.texts) == 1
    assert enter_code(waiting, handset.code).status_code == 302


def test_an_account_is_sent_no_more_than_its_share_however_it_is_asked(hana: Account, phone: RegisteredMethod, handset: Handset) -> None:
    """R-077: somebody who has the password would otherwise make the institution pay."""
    most = MOST_SENT[timedelta(hours=1)]
    for _ in range(most + 3):
        enter_password(Client(), hana)
        send_all()
    assert len(handset.texts) == most
    client = Client()
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    assert client.get("/signin/verify/")["Location"] == "/signin/verify/options/"
    assert client.post(f"/signin/verify/use/{phone.pk}/")["Location"] == "/signin/verify/options/"
    assert "Many codes were sent" in client.get("/signin/verify/options/").content.decode()
    app = a_totp_app(hana)
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{app.pk}/")
    assert enter_code(client).status_code == 302, "other methods go on working"


def test_the_share_is_that_of_the_day_too(hana: Account, phone: RegisteredMethod, handset: Handset) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(5):
            for _ in range(MOST_SENT[timedelta(hours=1)]):
                enter_password(Client(), hana)
            moment.shift(timedelta(minutes=61))
    assert Challenge.objects.filter(kind="phone").count() == MOST_SENT[timedelta(days=1)]


@pytest.mark.parametrize("name", ["number", "to", "phone", "destination", "address", "hint", "device_id", "challenge"])
def test_no_field_of_a_request_changes_where_the_code_goes(hana: Account, phone: RegisteredMethod, handset: Handset, name: str) -> None:
    """R-075."""
    client, there = Client(), {name: "+819087654321"}
    client.post("/signin/password/", {"common_id": hana.common_id, "password": "correct horse battery staple"} | there)
    client.post(f"/signin/verify/use/{phone.pk}/", there)
    Challenge.objects.update(issued_at=timezone.now() - timedelta(minutes=1))
    client.post("/signin/verify/resend/", there)
    send_all()
    assert {number for number, _ in handset.texts} == {"+819012345678"}


def test_the_number_is_read_when_the_code_is_sent_and_must_still_be_allowed(
    client: Client, hana: Account, phone: RegisteredMethod, handset: Handset, settings: Any
) -> None:
    """R-076: also what was registered under other rules."""
    settings.MFA_PHONE_COUNTRIES = ["US"]
    enter_password(client, hana)
    send_all()
    assert handset.texts == []
    assert states() == ["failed"]
    assert "could not be sent" in client.get("/signin/verify/").content.decode()


def test_a_code_for_a_removed_number_is_refused(waiting: Client, hana: Account, phone: RegisteredMethod, handset: Handset) -> None:
    lifecycle.remove(hana, phone.pk, actor=hana)
    assert leads_to_password(enter_code(waiting, handset.code))
    assert not has_session(waiting)


def test_a_code_on_its_way_to_a_removed_number_is_not_sent(
    client: Client, hana: Account, phone: RegisteredMethod, handset: Handset
) -> None:
    enter_password(client, hana)
    lifecycle.remove(hana, phone.pk, actor=hana)
    send_all()
    assert handset.texts == []


def part_that_asks(client: Client, page: str) -> str:
    """What the page fetches by itself, without being loaded anew."""
    found = re.search(r'data-poll-url="([^"]+)"', client.get(page).content.decode())
    assert found
    return client.get(found[1]).content.decode()


@pytest.mark.parametrize("trouble", [NotSent("20429"), NeverSent("21211"), MaybeSent()])
def test_the_open_page_learns_that_the_text_could_not_be_sent(
    client: Client, hana: Account, phone: RegisteredMethod, handset: Handset, trouble: Exception
) -> None:
    handset.trouble = trouble
    enter_password(client, hana)
    assert "could not be sent" not in part_that_asks(client, "/signin/verify/")
    send_all()
    part = part_that_asks(client, "/signin/verify/")
    assert "The message could not be sent. Send a new code, or use a different verification option." in part
    assert "data-poll-done" not in part
    assert "Waiting for your phone" not in part, "the person types the code"


def test_the_open_page_of_a_new_number_learns_it_too(client: Client, hana: Account, handset: Handset) -> None:
    signed_in(client, hana)
    handset.trouble = NeverSent("21614")
    client.post("/security-info/phone/", {"country": "JP", "number": "090-1234-5678", "way": "text"})
    send_all()
    assert "The message could not be sent" in part_that_asks(client, CONFIRM)


def test_the_open_page_says_when_its_code_is_over_and_keeps_what_was_typed(waiting: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        part = part_that_asks(waiting, "/signin/verify/")
    assert "That code is no longer valid. Ask for a new one." in part
    assert "data-poll-reload" not in part
    assert "data-poll-submit" not in part
