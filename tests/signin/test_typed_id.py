"""Between the two pages of the door the id travels in a signed cookie: no page is the answer to a form, so that Back works."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from signin.typed import COOKIE, KEPT_SECONDS
from tests.factories import a_totp_app
from tests.signin.door import enter_code, enter_password, leads_to_password

pytestmark = pytest.mark.django_db
PAGE = "/signin/password/"


@pytest.fixture
def typed(client: Client, hana: Account) -> Client:
    """A browser that has entered Hana's id."""
    assert client.post("/signin/", {"common_id": hana.common_id, "next": "/my-account/"})["Location"] == f"{PAGE}?next=%2Fmy-account%2F"
    return client


def test_the_second_page_can_be_loaded_anew(typed: Client, hana: Account) -> None:
    for _ in range(2):
        page = typed.get(PAGE, {"next": "/my-account/"}).content.decode()
        assert f"Common ID {hana.common_id}" in page
        assert 'name="next" value="/my-account/"' in page


def test_without_an_id_it_leads_to_the_first(client: Client) -> None:
    assert leads_to_password(client.get(PAGE))


@pytest.mark.parametrize("forged", ["1000000001", "", "IjEwMDAwMDAwMDEi:1:x"])
def test_a_forged_cookie_is_none(client: Client, forged: str) -> None:
    client.cookies[COOKIE] = forged
    assert leads_to_password(client.get(PAGE))


def test_it_is_forgotten_after_ten_minutes_and_when_the_sign_in_is_done(typed: Client, hana: Account) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=KEPT_SECONDS + 1), tick=False):
        assert leads_to_password(typed.get(PAGE))
    a_totp_app(hana)
    enter_password(typed, hana)
    assert typed.get(PAGE).status_code == 200, "Back from the second factor"
    enter_code(typed)
    assert typed.cookies[COOKIE].value == ""


def test_it_is_out_of_reach_of_scripts_and_of_the_rest_of_the_site(typed: Client) -> None:
    cookie = typed.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/signin/", True, "Lax")
