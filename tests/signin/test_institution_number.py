"""S-118: the number of the student or staff card, an optional step of the first registration."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account
from accounts.numbers import canonical_number, give_number
from accounts.refusals import Refused
from audit.models import Event
from tests.factories import signed_in
from tests.methods.people import add_app
from tests.signin.door import HOME, enter_password, has_session

pytestmark = pytest.mark.django_db
PAGE, ON = "/signin/number/", "/signin/continue/"


@pytest.fixture
def newcomer(client: Client, hana: Account, settings: Settings) -> Client:
    """A browser that has registered an app in the interrupt, at an institution that wants the number and no address."""
    settings.MFA_FIRST_REGISTRATION_NUMBER, settings.MFA_FIRST_REGISTRATION_EMAIL = True, False
    enter_password(client, hana)
    add_app(client)
    return client


@pytest.mark.covers("S-118", "C-03")
def test_it_is_asked_once_before_the_registration_is_finished(newcomer: Client, hana: Account) -> None:
    assert newcomer.get(ON)["Location"] == PAGE
    assert newcomer.post("/signin/finish/")["Location"] == ON, "nobody goes past it"
    assert "Student or staff number" in newcomer.get(PAGE).content.decode()
    assert newcomer.post(PAGE, {"number": " ab12 ３４５ "})["Location"] == ON
    hana.refresh_from_db()
    assert hana.institution_number == "AB12345"
    assert "Succeeded" in newcomer.get(ON).content.decode()
    assert newcomer.get(PAGE)["Location"] == ON
    assert newcomer.post("/signin/finish/")["Location"] == HOME
    assert has_session(newcomer)


@pytest.mark.covers("C-03")
def test_by_default_nobody_is_asked(newcomer: Client, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION_NUMBER = False
    assert "Succeeded" in newcomer.get(ON).content.decode()
    assert newcomer.get(PAGE)["Location"] == ON


def test_whoever_has_given_it_is_not_asked_again(newcomer: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(institution_number="AB12345")
    assert "Succeeded" in newcomer.get(ON).content.decode()


@pytest.mark.parametrize("text", ["", "   ", "12", "AB 12 <script>", "x" * 33, "١٢٣٤٥", "AB\x0012345"])
def test_what_stands_on_no_card_is_asked_for_anew(newcomer: Client, hana: Account, text: str) -> None:
    assert newcomer.post(PAGE, {"number": text}).status_code == 200
    hana.refresh_from_db()
    assert hana.institution_number == ""


def test_it_is_recorded_and_shown_to_the_help_desk(newcomer: Client, hana: Account, hiro: Account) -> None:
    newcomer.post(PAGE, {"number": "AB12345"})
    event = Event.objects.get(name="account:number-given")
    assert (event.account_id, event.actor_id, event.after) == (hana.pk, hana.pk, {"institution_number": "AB12345"})
    desk = Client()
    signed_in(desk, hiro)
    assert "AB12345" in desk.get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()


def test_it_is_given_once_and_by_its_owner(hana: Account, ken: Account) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        give_number(hana, "AB12345", actor=ken)
    give_number(hana, "AB12345", actor=hana)
    with pytest.raises(Refused, match="not-allowed"):
        give_number(hana, "CD12345", actor=hana)


def test_without_a_registered_method_there_is_nothing_to_ask(client: Client, hana: Account, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION_NUMBER = True
    enter_password(client, hana)
    assert client.post(PAGE, {"number": "AB12345"})["Location"] == ON
    hana.refresh_from_db()
    assert hana.institution_number == ""


def test_the_pattern_is_the_institutions(settings: Settings) -> None:
    settings.MFA_INSTITUTION_NUMBER_PATTERN = r"\d{2}-\d{6}"
    assert [canonical_number(text) for text in ("03-123456", "３-1", "AB12345")] == ["03-123456", "", ""]
