"""A first registration that outlives its attempt: the page that waits loses no explanation, and the second try ends where it should."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from methods.models import Challenge
from signin.models import SignInAttempt
from tests.methods.people import add_app, enter_number
from tests.signin.door import HOME, enter_password, has_session

TOO_LATE = "This sign-in took too long"
POLL = {"X-Requested-With": "poll"}


@pytest.fixture
def newcomer(client: Client, hana: Account, settings: Any) -> Client:
    """A browser that may register a first method, where a method is all that is asked for."""
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    enter_password(client, hana)
    return client


def end_attempt() -> None:
    SignInAttempt.objects.update(expires_at=timezone.now())


def waiting_path() -> str:
    return f"/security-info/waiting/{Challenge.objects.get().pk}/"


def begin(client: Client, page: str) -> str:
    """Go to this page; what it asks by itself."""
    if page == "push/pair/":
        client.post("/security-info/push/")
        return "/security-info/push/paired/"
    if page == "phone/confirm/":
        enter_number(client)
    else:
        client.post("/security-info/email/", {"address": "hana@mail.example.org"})
    return waiting_path()


@pytest.mark.parametrize("page", ["push/pair/", "phone/confirm/", "email/confirm/"])
def test_the_person_is_told_why_it_ended_and_not_the_page_that_asks_by_itself(newcomer: Client, page: str) -> None:
    asked = begin(newcomer, page)
    assert newcomer.get(f"/security-info/{page}").status_code == 200
    end_attempt()
    for _ in range(2):
        unseen = newcomer.get(asked, headers=POLL, follow=True)
        assert unseen.redirect_chain, "poll.js loads the page anew"
    seen = newcomer.get(f"/security-info/{page}", follow=True)
    assert TOO_LATE in seen.content.decode()
    assert TOO_LATE not in newcomer.get("/signin/").content.decode(), "it is said once"


@pytest.mark.parametrize("wanted", ["push/pair/", "totp/scan/", "phone/confirm/", "push/try/", "add/?from=guide"])
def test_the_second_try_ends_on_security_info_and_not_on_the_page_of_the_first(newcomer: Client, hana: Account, wanted: str) -> None:
    end_attempt()
    enter_password(newcomer, hana, next_path=f"/security-info/{wanted}")
    add_app(newcomer)
    assert newcomer.post("/signin/finish/")["Location"] == HOME
    assert has_session(newcomer)


def test_a_page_of_another_sort_still_opens_after_the_first_registration(client: Client, hana: Account, settings: Any) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    enter_password(client, hana, next_path="/user-menu/mfa/")
    add_app(client)
    assert client.post("/signin/finish/")["Location"] == "/user-menu/mfa/"
