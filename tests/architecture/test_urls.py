"""R-001: what is not on the public list refuses strangers, and those who have only passed the password."""

from typing import Any

import pytest
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import resolve

from accounts.models import Account
from tests.architecture.public_urls import AT_THE_DOOR, OPEN_TO_EVERYBODY, SIGNED, TO_REGISTER, TO_SYSTEMS
from tests.architecture.url_map import Page, pages
from tests.factories import PASSWORD, a_totp_app, signed_in

ALL = list(pages())
CLOSED = [page for page in ALL if page.route not in OPEN_TO_EVERYBODY]
REFUSALS = {401, 403}
METHODS = ["get", "post", "put", "delete"]


def is_refused(answer: Any) -> bool:
    """Sent to the door, or told no."""
    to_the_door = answer.status_code == 302 and answer.url.startswith(resolve_url("signin:start"))
    return to_the_door or answer.status_code in REFUSALS


@pytest.fixture
def password_only(hana: Account) -> Client:
    """A browser that has entered the right password of an account with a method, and nothing else."""
    a_totp_app(hana)
    client = Client()
    client.post("/signin/", {"common_id": hana.common_id})
    answer = client.post("/signin/password/", {"common_id": hana.common_id, "password": PASSWORD})
    assert answer["Location"] == "/signin/verify/"
    return client


def test_the_addresses_reach_the_pages_they_are_made_for() -> None:
    assert [page.route for page in ALL if resolve(page.address).func is not page.view] == []


def test_the_public_pages_are_those_on_the_list() -> None:
    assert {page.route for page in ALL if page.is_public} == OPEN_TO_EVERYBODY | AT_THE_DOOR | TO_REGISTER | SIGNED | TO_SYSTEMS


def opened(client: Client, chosen: list[Page], method: str) -> dict[str, int]:
    """The pages that answer neither with a refusal nor with "not by this method", and what they answer."""
    answers = {page.route: getattr(client, method)(page.address) for page in chosen}
    return {route: answer.status_code for route, answer in answers.items() if not is_refused(answer) and answer.status_code != 405}


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_refused(client: Client, method: str) -> None:
    assert opened(client, CLOSED, method) == {}


@pytest.mark.covers("S-02")
@pytest.mark.parametrize("method", METHODS)
def test_the_password_alone_opens_nothing_but_the_verification(password_only: Client, method: str) -> None:
    behind = [page for page in CLOSED if page.route not in AT_THE_DOOR]
    assert opened(password_only, behind, method) == {}


@pytest.mark.parametrize("way", ["session cookie", "header"])
def test_the_attempt_is_no_session(password_only: Client, way: str) -> None:
    """R-002: what the browser got for the password is worth nothing as a session or as a credential."""
    stranger = Client()
    for cookie in password_only.cookies.values():
        if way == "session cookie":
            stranger.cookies["session"] = cookie.value
        else:
            stranger.defaults["HTTP_AUTHORIZATION"] = f"Bearer {cookie.value}"
        assert is_refused(stranger.get("/security-info/"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_without_roles_is_refused_by_every_page_of_staff(client: Client, hana: Account, method: str) -> None:
    signed_in(client, hana)
    staff = [page for page in ALL if page.route.startswith(("helpdesk/", "audit/", "policies/", "admin/"))]
    answers = {page.route: getattr(client, method)(page.address, follow=True).status_code for page in staff}
    assert set(answers.values()) <= REFUSALS | {405}, answers
    assert sum(status in REFUSALS for status in answers.values()) > len(answers) / 2
