"""S-12, S-57 to S-63, R-070: one number for each of three phones, and how each may be reached."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from methods import calls, lifecycle
from methods.kinds.phone.models import PhoneDevice
from methods.models import Challenge, Message, RegisteredMethod
from tests.factories import a_phone, a_totp_app, an_account, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import fresh_browser, send_all
from tests.signin.door import enter_password, leads_to_password

PHONE, ALTERNATE, OFFICE = "/security-info/phone/", "/security-info/phone/alternate/", "/security-info/phone/office/"
CONFIRM, RESEND = "/security-info/phone/confirm/", "/security-info/phone/resend/"
HOME = {"country": "JP", "number": "03-5842-2000"}


def enter(client: Client, page: str, **fields: str) -> Any:
    answer = client.post(page, HOME | fields)
    send_all()
    return answer


def page_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def confirmed(client: Client, exchange: Exchange, keys: str = "#") -> RegisteredMethod:
    """The call is answered, and the page goes on by itself."""
    exchange.line.answer().press(keys)
    assert client.post(CONFIRM, {}).status_code == 302
    return RegisteredMethod.objects.latest("bound_at")


@pytest.mark.covers("S-46", "S-49", "S-50", "S-51", "S-59")
def test_the_phone_may_be_called_instead_of_texted(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    assert "Text me a code" in page_of(client, PHONE)
    assert "Call me" in page_of(client, PHONE)
    assert enter(client, PHONE, way="call")["Location"] == CONFIRM
    page = page_of(client, CONFIRM)
    assert "We are calling +81 3-5842-2000." in page
    assert "press the pound key (#)" in page
    assert "press “keypad”" in page
    assert exchange.texts == []
    challenge = Challenge.objects.get()
    exchange.line.answer()
    assert "This phone is being registered" in exchange.line.heard
    exchange.line.press("#")
    assert 'data-poll-submit="#answer"' in page_of(client, f"/security-info/waiting/{challenge.pk}/?go-on")
    assert client.post(CONFIRM, {})["Location"] == "/security-info/"
    method = RegisteredMethod.objects.get()
    assert (method.kind, method.name, method.way, method.hint) == ("phone", "Phone", "call", "+81 •••••••00")


@pytest.mark.covers("S-12", "S-60", "S-61", "S-63")
@pytest.mark.parametrize(("path", "name"), [(ALTERNATE, "Alternate Phone"), (OFFICE, "Office Phone")])
def test_the_other_two_are_called_alone(hana: Account, exchange: Exchange, path: str, name: str) -> None:
    client = fresh_browser(hana)
    assert "Text me a code" not in page_of(client, path)
    enter(client, path, way="text")
    assert exchange.texts == []
    method = confirmed(client, exchange)
    assert (method.name, method.way, method.kind) == (name, "call", name.lower().replace(" ", "-"))
    assert "Text a code" not in page_of(client, "/security-info/default/")


@pytest.mark.covers("S-62")
def test_only_the_office_phone_has_an_extension_which_is_dialled_after_the_switchboard_answered(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    assert ["Extension" in page_of(client, path) for path in (PHONE, ALTERNATE, OFFICE)] == [False, False, True]
    enter(client, OFFICE, extension="４２")
    facts = exchange.line.facts
    assert (facts["to"], facts["send_digits"]) == ("+81358422000", "wwww42#")
    assert "machine_detection" not in facts, "it would hear the switchboard"
    page = page_of(client, CONFIRM)
    assert "+81 3-5842-2000 ext. 42" in page
    shown = calls.digits(Challenge.objects.get())
    assert f">{shown}<" in page
    confirmed(client, exchange, f"{shown}#")
    device = PhoneDevice.objects.get()
    assert (device.number.as_e164, device.number.extension) == ("+81358422000", "42")


def test_an_extension_is_another_telephone_but_never_of_a_mobile_phone(hana: Account, exchange: Exchange, settings: Settings) -> None:
    """A switchboard has many; a mobile phone would ring whatever is dialled after it, and each time count as another."""
    for n in range(settings.MFA_ACCOUNTS_PER_NUMBER):
        for extension in (42, 1000 + n):
            a_phone(an_account(), f"tel:+81-3-5842-2000;ext={extension}", kind="office-phone", way="call")
    said = {}
    for extension in ("42", "43"):
        client = fresh_browser(hana)
        enter(client, OFFICE, extension=extension)
        exchange.line.answer(None).press(f"{calls.digits(Challenge.objects.latest('issued_at'))}#")
        said[extension] = client.post(CONFIRM, {}, follow=True).content.decode()
    assert "already registered on other accounts" in said["42"]
    assert "Succeeded" in said["43"]
    page = enter(fresh_browser(hana), OFFICE, number="090-1234-5678", extension="42").content.decode()
    assert "A mobile phone has no extension." in page


def test_behind_a_switchboard_the_question_is_asked_while_the_extension_rings(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    enter(client, OFFICE, extension="42")
    line = exchange.line.answer(None).stay_silent().stay_silent().stay_silent()
    assert line.heard.count("two digits") == 4
    line.press(f"{calls.digits(Challenge.objects.get())}#")
    assert client.post(CONFIRM, {})["Location"] == "/security-info/"


@pytest.mark.parametrize("text", ["4 2", "42#", "w1", "12345678901", "四二"])
def test_an_extension_is_digits_alone(hana: Account, exchange: Exchange, text: str) -> None:
    answer = enter(fresh_browser(hana), OFFICE, extension=text)
    assert answer.status_code == 200
    assert exchange.lines == []


@pytest.mark.covers("S-12", "S-57")
def test_each_slot_holds_one_number_and_all_three_can_be_used(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    for path, number in ((PHONE, "090-1234-5678"), (ALTERNATE, "03-5842-2000"), (OFFICE, "03-5842-2001")):
        enter(client, path, number=number, way="call")
        confirmed(client, exchange)
    enter(client, ALTERNATE, number="03-5842-2002")
    confirmed(client, exchange)
    numbers = {device.slot: device.number.as_e164 for device in PhoneDevice.objects.all()}
    assert numbers == {"phone": "+819012345678", "alternate-phone": "+81358422002", "office-phone": "+81358422001"}
    assert RegisteredMethod.objects.filter(state="active").count() == 3
    assert "phone" not in page_of(client, "/security-info/add/").partition("<select")[2].partition("</select>")[0]
    options = page_of(client, "/security-info/default/")
    assert "Call the alternate phone" in options
    assert "Call the office phone" in options


def test_a_number_in_one_slot_is_refused_in_another(hana: Account, exchange: Exchange) -> None:
    a_phone(hana, "+81358422000", way="call")
    client = fresh_browser(hana)
    assert "registered this number already" in enter(client, ALTERNATE).content.decode()
    assert exchange.lines == []
    assert enter(client, OFFICE, extension="42").status_code == 302, "another phone of the same line"


def test_two_slots_cannot_be_given_the_same_number_at_once(hana: Account, exchange: Exchange) -> None:
    """In one browser the second takes the place of the first; in two the one that comes last is refused."""
    one, two = fresh_browser(hana), fresh_browser(hana)
    enter(one, ALTERNATE)
    enter(two, OFFICE)
    exchange.lines[0].answer().press("#")
    exchange.lines[1].answer().press("#")
    one.post(CONFIRM, {})
    two.post(CONFIRM, {})
    assert RegisteredMethod.objects.filter(account=hana, state="active").count() == 1


@pytest.mark.covers("S-58")
def test_in_the_first_registration_there_is_only_the_phone(client: Client, hana: Account, exchange: Exchange) -> None:
    assert enter_password(client, hana)["Location"] == "/signin/more-information/"
    page = page_of(client, "/security-info/add/")
    assert '<option value="phone">Phone</option>' in page
    assert "Alternate" not in page
    assert "Office" not in page
    for path in (ALTERNATE, OFFICE):
        assert client.get(path)["Location"] == PHONE
        assert enter(client, path)["Location"] == PHONE
    assert exchange.lines == []
    enter(client, PHONE, way="call")
    assert confirmed(client, exchange).kind == "phone"


def test_a_landline_is_not_texted(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    assert "receives no texts" in enter(client, PHONE, way="text").content.decode()
    assert exchange.texts == []
    assert enter(client, PHONE, way="call").status_code == 302


@pytest.mark.parametrize("path", [PHONE, ALTERNATE, OFFICE])
@pytest.mark.covers("S-123")
def test_a_number_of_the_institution_is_refused_everywhere(hana: Account, exchange: Exchange, path: str) -> None:
    answer = enter(fresh_browser(hana), path, number="03-5841-2000", way="call")
    assert "number of the institution" in answer.content.decode()
    assert exchange.lines == []


@pytest.mark.parametrize("path", [PHONE, ALTERNATE, OFFICE])
@pytest.mark.covers("S-121")
def test_the_field_asks_for_a_number_that_can_be_answered_at_any_time(hana: Account, path: str) -> None:
    assert "A number that you can answer at any time." in page_of(fresh_browser(hana), path)


def test_a_missed_call_at_registration_can_be_repeated(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    enter(client, ALTERNATE)
    exchange.line.hang_up("no-answer")
    page = page_of(client, CONFIRM)
    assert "Nobody answered the call" in page
    assert "Call again" in page
    assert client.post(RESEND).status_code == 302
    send_all()
    confirmed(client, exchange)


def test_calling_again_at_once_calls_nobody(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    enter(client, ALTERNATE)
    for _ in range(3):
        assert "Your phone was asked just now" in client.get(client.post(RESEND)["Location"]).content.decode()
        send_all()
    assert len(exchange.lines) == 1


def test_the_same_number_with_another_way_is_asked_in_that_way(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    enter(client, PHONE, number="090-1234-5678", way="text")
    enter(client, PHONE, number="090-1234-5678", way="call")
    assert (len(exchange.texts), len(exchange.lines)) == (1, 1)


def test_pressing_next_before_the_phone_was_answered_registers_nothing(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    enter(client, ALTERNATE)
    assert "no answer from your phone yet" in client.get(client.post(CONFIRM, {})["Location"]).content.decode()
    assert not RegisteredMethod.objects.exists()


def test_whoever_waits_too_long_is_told(hana: Account, exchange: Exchange) -> None:
    client = fresh_browser(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter(client, ALTERNATE)
        moment.shift(timedelta(seconds=181))
        page = page_of(client, CONFIRM)
    assert "No answer came in time" in page
    assert "Call again" in page


STAFF = pytest.mark.parametrize("role", ["helpdesk", "senior-helpdesk", "auditor", "administrator"])


@STAFF
@pytest.mark.parametrize("path", [PHONE, ALTERNATE, OFFICE])
def test_people_with_a_role_register_no_phone(exchange: Exchange, db: None, role: str, path: str) -> None:
    """R-070."""
    account = an_account(roles=(role,))
    a_totp_app(account)
    client = fresh_browser(account)
    offered = page_of(client, "/security-info/add/")
    assert "Authenticator app" in offered
    assert "phone" not in offered.partition("<select")[2].partition("</select>")[0].lower()
    answer = enter(client, path, way="call")
    assert answer.status_code == 302
    assert "People with a role on this site" in client.get(answer["Location"]).content.decode()
    assert exchange.lines == []
    assert not Message.objects.exists()


@STAFF
def test_a_role_given_during_the_registration_ends_it(hana: Account, exchange: Exchange, role: str) -> None:
    client = fresh_browser(hana)
    enter(client, ALTERNATE)
    exchange.line.answer().press("#")
    RoleGrant.objects.create(account=hana, role=role)
    client.post(CONFIRM, {})
    assert not RegisteredMethod.objects.exists()


def test_a_phone_from_before_the_role_still_signs_in(exchange: Exchange, db: None, client: Client) -> None:
    """Nobody is locked out by becoming staff; calls ask for the digits."""
    account = an_account(roles=("helpdesk",))
    a_phone(account, way="text")
    enter_password(client, account)
    send_all()
    code = exchange.texts[0]["body"][:6]
    assert client.post("/signin/verify/", {"code": code}).status_code == 302


def test_begin_refuses_what_the_page_does_not_offer(db: None) -> None:
    account = an_account(roles=("helpdesk",))
    with pytest.raises(Refused, match="phone-of-staff"):
        lifecycle.begin(account, PhoneDevice(number="+819012345678"), binding="session:x")


def previewed(client: Client, slot: str, **given: str) -> str:
    return client.post(f"/security-info/phone/preview/{slot}/", {"country": "JP"} | given).content.decode()


@pytest.mark.covers("S-124")
def test_the_number_is_shown_as_it_will_be_dialled_before_anything_is_sent(client: Client, hana: Account) -> None:
    signed_in(client, hana)
    for typed in ("090-1234-5678", "90-1234-5678", "+81 90 1234 5678"):
        assert previewed(client, "phone", number=typed, way="text") == "We will text +81 90-1234-5678."
    assert previewed(client, "alternate-phone", number="03-3234-5678") == "We will call +81 3-3234-5678."
    assert previewed(client, "office-phone", number="03-3234-5678", extension="42") == "We will call +81 3-3234-5678 ext. 42."
    assert previewed(client, "phone", number="090-1234", way="text") == ""
    assert not Message.objects.exists()


def test_only_a_registrant_is_told_what_a_number_would_be(client: Client, hana: Account) -> None:
    assert leads_to_password(client.post("/security-info/phone/preview/phone/", {"country": "JP", "number": "090-1234-5678"}))
    signed_in(client, hana)
    assert client.post("/security-info/phone/preview/fax/", {}).status_code == 404
    assert client.get("/security-info/phone/preview/phone/").status_code == 405
