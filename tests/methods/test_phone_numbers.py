"""S-45, S-123, S-124, R-076: which numbers may be registered, and how they are written."""

from contextlib import suppress
from datetime import date
from typing import Any

import phonenumbers
import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from accounts.refusals import Refused
from methods import phones
from methods.allowance import Allowance
from methods.kinds.phone.models import PhoneDevice
from methods.models import Message, RegisteredMethod
from methods.phones import masked
from policies.allowances import as_allowance
from policies.rulebook.starting import starting_method_rule
from tests.factories import a_phone, an_account
from tests.methods.people import Handset, enter_number, fresh_browser, send_all


def usual() -> Allowance:
    """What the settings allow, without a database."""
    return as_allowance(starting_method_rule(), date(2026, 11, 26))


def parse(country: str, text: str, extension: str = "") -> phonenumbers.PhoneNumber:
    return phones.parse(country, text, extension, allowance=usual())


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


WAYS_TO_WRITE = [
    "090-1234-5678",
    "90-1234-5678",
    "09012345678",
    "9012345678",
    " 090 1234 5678 ",
    "(090)1234-5678",
    "+81 90 1234 5678",
    "+81 (0)90-1234-5678",
    "０９０－１２３４－５６７８",
    "０９０１２３４５６７８",
    "090.1234.5678",
    "tel:090-1234-5678",
]


@pytest.mark.covers("S-124")
@pytest.mark.parametrize("text", WAYS_TO_WRITE)
def test_a_number_is_understood_with_and_without_the_first_zero(text: str) -> None:
    assert e164(parse("JP", text)) == "+819012345678"


def test_an_extension_makes_no_second_number_of_one() -> None:
    numbers = {str(parse("JP", text)) for text in ("090-1234-5678", "090-1234-5678 ext. 9", "090-1234-5678;ext=12")}
    assert len(numbers) == 1


REFUSED = {
    "premium rate": ("JP", "0990-504-000"),
    "toll free": ("JP", "0120-456-789"),
    "shared cost": ("GB", "0843 000 0000"),
    "personal": ("GB", "070 1234 5678"),
    "pager": ("JP", "020-1234-5678"),
    "satellite": ("JP", "+881 612 345 678"),
    "premium in the United States": ("US", "900-234-5678"),
    "a country that is not listed": ("JP", "+7 912 345-67-89"),
    "an island that shares the code": ("US", "+1 876 555 0123"),
    "emergency": ("JP", "110"),
    "too short": ("JP", "090-1234"),
    "too long": ("JP", "090-1234-5678-9012-3456"),
    "not a number": ("JP", "hello"),
    "nothing": ("JP", ""),
    "not assigned": ("JP", "050-0000-000"),
    "a listed country's code with another's number": ("US", "+44 0 0"),
    "NUL": ("JP", "\x00"),
}


@pytest.mark.parametrize(("country", "text"), REFUSED.values(), ids=REFUSED)
def test_a_number_that_costs_or_goes_elsewhere_is_refused(country: str, text: str) -> None:
    with pytest.raises(Refused, match="number-not-allowed"):
        parse(country, text)


@pytest.mark.covers("S-123")
@pytest.mark.parametrize("text", ["03-5841-2000", "3-5841-2999", "+81-3-5841-2345"])
def test_a_number_of_the_institution_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="number-of-institution"):
        parse("JP", text)


def test_the_neighbours_of_the_institution_are_not_refused() -> None:
    assert e164(parse("JP", "03-5842-2000")) == "+81358422000"


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_a_number_of_a_listed_country_or_a_refusal(text: str) -> None:
    with suppress(Refused):
        assert phones.may_be_sent_to(parse("JP", text), usual())


@pytest.mark.covers("S-45")
def test_the_institutions_country_comes_first() -> None:
    with override("en"):
        assert phones.countries(usual())[0] == ("JP", "Japan (+81)")
        assert all("(+" in label for _, label in phones.countries(usual()))
    with override("ja"):
        assert phones.countries(usual())[0] == ("JP", "日本 (+81)")
        assert ("KR", "韓国 (+82)") in phones.countries(usual())


def test_a_masked_number_shows_two_digits() -> None:
    """R-012."""
    assert masked(parse("JP", "090-1234-5678")) == "+81 ••••••••78"


@pytest.mark.covers("S-45", "S-46")
def test_the_form_offers_the_countries_and_texts(hana: Account) -> None:
    page = fresh_browser(hana).get("/security-info/phone/").content.decode()
    assert '<option value="JP" selected>Japan (+81)</option>' in page
    assert "Text me a code" in page
    assert "Choose" not in page


def test_a_refused_number_is_named_with_the_reason_and_nothing_is_sent(hana: Account) -> None:
    client = fresh_browser(hana)
    assert "cannot be used" in enter_number(client, "0990-504-000").content.decode()
    assert "number of the institution" in enter_number(client, "03-5841-2000").content.decode()
    assert "Enter your phone number" in enter_number(client, "").content.decode()
    assert not Message.objects.exists()
    assert not PhoneDevice.objects.exists()


@pytest.mark.parametrize("fields", [{"country": "RU"}, {"country": ""}, {"country": "JP'--"}, {"way": "carrier-pigeon"}, {"way": ""}])
def test_what_the_form_does_not_offer_is_refused(hana: Account, fields: dict[str, str]) -> None:
    answer = enter_number(fresh_browser(hana), **fields)
    assert answer.status_code == 200
    assert not PhoneDevice.objects.exists()


def prove_number(client: Client, handset: Handset) -> str:
    """The page after the texted code was entered."""
    send_all()
    answer: Any = client.post("/security-info/phone/confirm/", {"code": handset.code}, follow=True)
    return str(answer.content.decode())


def test_a_number_stands_on_three_accounts_at_most(hana: Account, handset: Handset) -> None:
    """R-078."""
    for _ in range(3):
        client = fresh_browser(an_account())
        enter_number(client)
        assert "Succeeded" in prove_number(client, handset)
    client = fresh_browser(hana)
    enter_number(client)
    assert "already registered on other accounts" in prove_number(client, handset)
    assert not RegisteredMethod.objects.filter(account=hana).exists()


def test_nobody_but_its_owner_learns_that_a_number_is_registered(hana: Account, ken: Account) -> None:
    """R-012: whoever enters it is told only when the code that was texted to it comes back."""
    for _ in range(3):
        a_phone(an_account(), "+819012345678")
    known, unknown = enter_number(fresh_browser(hana)), enter_number(fresh_browser(ken), "090-8765-4321")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_ones_own_number_can_be_registered_again(hana: Account, handset: Handset) -> None:
    for account in (hana, an_account(), an_account()):
        a_phone(account, "+819012345678")
    client = fresh_browser(hana)
    enter_number(client)
    assert "Succeeded" in prove_number(client, handset)
