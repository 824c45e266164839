"""R-001: what a browser that has passed the password alone can open, in every state its attempt may be in."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from signin.models import AttemptState, SignInAttempt
from tests.architecture.public_urls import OPEN_TO_EVERYBODY, TO_REGISTER
from tests.architecture.url_map import Page, pages
from tests.factories import a_totp_app
from tests.signin.door import enter_password, has_session

VERIFY = {f"signin/verify/{page}" for page in ("", "options/", "resend/", "use/<uuid:method_id>/", "waiting/<uuid:challenge_id>/")}
REGISTER = {"signin/more-information/", "signin/number/", "signin/continue/", "signin/finish/"} | TO_REGISTER
REFUSED = {"signin/refused/"}
COUNTER = {"signin/counter/", "signin/counter/take/", "signin/counter/waiting/"}
OPEN = {"verify": VERIFY | COUNTER, "register": REGISTER, "refused": REFUSED | COUNTER, "over": set()}
LANDING = {"verify": "/signin/verify/", "register": "/signin/more-information/", "refused": "/signin/refused/", "over": "/signin/verify/"}


@pytest.fixture(params=list(OPEN))
def state(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def at_the_door(state: str, hana: Account, client: Client, settings: Any) -> Client:
    """A browser with the right password and an attempt in this state."""
    if state in {"verify", "over"}:
        a_totp_app(hana)
    if state == "refused":
        settings.MFA_FIRST_REGISTRATION = "networks"
    assert enter_password(client, hana)["Location"] == LANDING[state]
    if state == "over":
        SignInAttempt.objects.update(state=AttemptState.OVER)
    return client


def is_refused(answer: Any) -> bool:
    to_the_door = answer.status_code == 302 and answer["Location"].split("?")[0] == "/signin/"
    return to_the_door or answer.status_code in {401, 403, 405}


def closed_in(state: str) -> list[Page]:
    public = OPEN_TO_EVERYBODY - REFUSED
    return [page for page in pages() if page.route not in public | OPEN[state]]


@pytest.mark.covers("S-02")
@pytest.mark.parametrize("method", ["get", "post", "head", "put", "delete"])
def test_only_the_pages_of_its_state_are_open(at_the_door: Client, state: str, method: str) -> None:
    cookies = {name: morsel.value for name, morsel in at_the_door.cookies.items()}
    opened = {}
    for page in closed_in(state):
        for name, value in cookies.items():
            at_the_door.cookies[name] = value  # a refusal may have taken it away
        answer = getattr(at_the_door, method)(page.address)
        if not is_refused(answer):
            opened[page.route] = answer.status_code
    assert opened == {}
    assert not has_session(at_the_door)


def test_the_pages_of_a_state_open_in_it(at_the_door: Client, state: str) -> None:
    if state == "over":
        assert at_the_door.get(LANDING[state])["Location"] == "/signin/"
    else:
        assert at_the_door.get(LANDING[state]).status_code in {200, 403}


def test_pages_of_ones_own_methods_need_a_session(client: Client, hana: Account) -> None:
    method = a_totp_app(hana)
    enter_password(client, hana)
    for page in ("change", "delete"):
        assert is_refused(client.get(f"/security-info/methods/{method.pk}/{page}/"))
        assert is_refused(client.post(f"/security-info/methods/{method.pk}/{page}/"))
    assert is_refused(client.post(f"/signin/step-up/use/{method.pk}/"))
