"""R-044 to R-046, S-09, S-10, S-41: an authenticator app from the QR code to the first sign-in."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from methods import registration
from methods.kinds.totp.models import TotpDevice
from methods.models import Message, RegisteredMethod
from tests.factories import a_totp_app, app_code
from tests.methods.people import add_app, fresh_browser, key_on
from tests.methods.qr import read_qr
from tests.signin.door import enter_code, enter_password, has_session, wrong_code
from tests.signin.test_totp_journey import oathtool

SETUP, SCAN = "/security-info/totp/", "/security-info/totp/scan/"


@pytest.fixture
def client(hana: Account) -> Client:
    return fresh_browser(hana)


@pytest.mark.covers("S-33", "S-41")
def test_the_qr_code_is_the_address_that_every_app_reads(client: Client, hana: Account) -> None:
    client.post(SETUP)
    page = client.get(SCAN)
    address = urlsplit(read_qr(page))
    facts = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == f"/Example University:{hana.common_id}"
    assert facts == {"secret": key_on(page).replace(" ", ""), "issuer": "Example University"}
    assert len(facts["secret"]) == 32


@pytest.mark.covers("S-33", "S-139")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_names_the_account_as_the_app_will_show_it(client: Client, hana: Account, language: str) -> None:
    client.cookies["language"] = language
    client.post(SETUP)
    page = client.get(SCAN)
    issuer = parse_qs(urlsplit(read_qr(page)).query)["issuer"][0]
    instruction = next(line for line in page.content.decode().splitlines() if line.strip().startswith("<p>") and hana.common_id in line)
    assert issuer in instruction


@pytest.mark.covers("S-42")
def test_the_codes_of_another_program_are_accepted(client: Client) -> None:
    """Nothing but what every app assumes: SHA-1, six digits, thirty seconds."""
    client.post(SETUP)
    key = parse_qs(urlsplit(read_qr(client.get(SCAN))).query)["secret"][0]
    assert client.post(SCAN, {"code": oathtool(key)})["Location"] == "/security-info/"


def test_the_code_that_confirmed_the_app_signs_nobody_in(client: Client, hana: Account) -> None:
    """R-044, nor does the one before it."""
    with time_machine.travel(timezone.now(), tick=False):
        key, visitor = add_app(client), Client()
        enter_password(visitor, hana)
        for steps in (0, -1):
            assert enter_code(visitor, app_code(key, steps_ahead=steps)).status_code == 200
        assert not has_session(visitor)
        assert enter_code(visitor, app_code(key, steps_ahead=1)).status_code == 302


@pytest.mark.covers("S-10", "S-06")
def test_an_account_can_have_several_apps_with_names_of_their_own(client: Client, hana: Account) -> None:
    keys = {add_app(client), add_app(client), add_app(client, "tablet"), add_app(client)}
    assert len(keys) == 4
    names = RegisteredMethod.objects.filter(account=hana).order_by("bound_at").values_list("name", flat=True)
    assert list(names) == ["Authenticator app", "Authenticator app 2", "tablet", "Authenticator app 3"]


def test_a_wrong_code_keeps_the_same_key_on_the_page(client: Client) -> None:
    client.post(SETUP)
    before = key_on(client.get(SCAN))
    answer = client.post(SCAN, {"code": wrong_code(b"x" * 20)})
    assert key_on(answer) == before
    assert "not right" in answer.content.decode()
    assert not RegisteredMethod.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"code": ""}, {"code": "12345"}, {"confirmed": "true"}, {"code": "abcdef", "is_default": "1"}])
def test_without_a_code_nothing_is_registered(client: Client, hana: Account, fields: dict[str, str]) -> None:
    client.post(SETUP)
    client.post(SCAN, fields)
    assert not TotpDevice.objects.get().confirmed
    hana.refresh_from_db()
    assert hana.failures == 0


def test_the_key_is_shown_for_ten_minutes_and_never_after(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        client.post(SETUP)
        key = key_on(client.get(SCAN))
        moment.shift(timedelta(minutes=9, seconds=59))
        assert key_on(client.get(SCAN)) == key
        moment.shift(timedelta(seconds=1))
        assert client.get(SCAN).status_code == 302
        assert client.post(SCAN, {"code": app_code(key)}).status_code == 302
    assert not RegisteredMethod.objects.exists()


def test_the_key_cannot_be_seen_once_it_is_confirmed(client: Client, hana: Account) -> None:
    key = add_app(client)
    assert client.get(SCAN)["Location"] == SETUP
    method = RegisteredMethod.objects.get()
    pages = (
        "/security-info/",
        f"/security-info/methods/{method.pk}/change/",
        f"/security-info/methods/{method.pk}/delete/",
        "/my-account/",
    )
    shown = "".join(client.get(path).content.decode() for path in pages)
    recorded = str(list(Event.objects.values())) + str(list(Message.objects.values())) + str(list(RegisteredMethod.objects.values()))
    assert key not in shown + recorded
    assert key.replace(" ", "") not in shown + recorded


def test_pages_with_the_key_are_kept_nowhere(client: Client) -> None:
    client.post(SETUP)
    answer = client.get(SCAN)
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_another_session_sees_neither_the_key_nor_the_registration(client: Client, hana: Account, ken: Account) -> None:
    """R-045."""
    client.post(SETUP)
    key = key_on(client.get(SCAN))
    for other in (fresh_browser(hana), fresh_browser(ken)):
        assert other.get(SCAN)["Location"] == SETUP
        assert other.post(SCAN, {"code": app_code(key)})["Location"] == SETUP
    assert not RegisteredMethod.objects.exists()


def test_starting_anew_replaces_the_key(client: Client) -> None:
    client.post(SETUP)
    old = key_on(client.get(SCAN))
    client.post(SETUP)
    new = key_on(client.get(SCAN))
    assert old != new
    assert client.post(SCAN, {"code": app_code(old)}).status_code == 200
    assert TotpDevice.objects.count() == 1
    assert client.post(SCAN, {"code": app_code(new)}).status_code == 302


def test_looking_makes_no_key(client: Client) -> None:
    client.get(SETUP)
    client.get(SCAN)
    assert not TotpDevice.objects.exists()


def test_an_unfinished_app_is_no_method(client: Client, hana: Account) -> None:
    """R-142."""
    a_totp_app(hana)
    client.post(SETUP)
    key, visitor = key_on(client.get(SCAN)), Client()
    enter_password(visitor, hana)
    assert enter_code(visitor, app_code(key)).status_code == 200
    assert str(visitor.get("/signin/verify/options/").content.decode().count("choice-title")) == "1"
    assert not has_session(visitor)


def test_a_registration_takes_the_others_of_the_account_with_it(client: Client, hana: Account) -> None:
    """Whatever was pending elsewhere was started under other circumstances."""
    elsewhere = fresh_browser(hana)
    elsewhere.post(SETUP)
    add_app(client)
    assert elsewhere.get(SCAN)["Location"] == SETUP


@pytest.mark.covers("S-05", "S-78")
def test_the_first_app_becomes_the_default_and_the_second_does_not(client: Client, hana: Account) -> None:
    add_app(client, "first")
    add_app(client, "second")
    assert dict(RegisteredMethod.objects.filter(account=hana).values_list("name", "is_default")) == {"first": True, "second": False}


def test_unfinished_devices_are_cleared_with_their_secrets(client: Client) -> None:
    client.post(SETUP)
    assert registration.clear_unfinished() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert registration.clear_unfinished() == 1
    assert not TotpDevice.objects.exists()


def test_a_held_account_cannot_guess_at_registration_either(client: Client, hana: Account) -> None:
    """R-033."""
    client.post(SETUP)
    key = key_on(client.get(SCAN))
    Account.objects.filter(pk=hana.pk).update(failures=10, holds=1, held_until=timezone.now() + timedelta(minutes=5))
    answer: Any = client.post(SCAN, {"code": app_code(key)})
    assert answer["Location"] == "/security-info/add/"
    assert "too many wrong codes" in client.get("/security-info/add/").content.decode()
    assert not RegisteredMethod.objects.exists()
