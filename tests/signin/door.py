"""Going through the door as a browser does: each step returns what the site answered."""

from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import Account, SessionRecord
from accounts.session_store import stored
from signin.models import SignInAttempt
from tests.factories import KEY, PASSWORD, app_code

HOME = "/security-info/"


def enter_password(client: Client, account: Account, *, next_path: str = HOME, password: str = PASSWORD) -> Any:
    """Id and password; the answer says what the requirement asks for."""
    return client.post("/signin/password/", {"common_id": account.common_id, "password": password, "next": next_path})


def enter_code(client: Client, code: str | None = None, *, steps_ahead: int = 0) -> Any:
    """A code on the page of the second factor; by default the right one of the account's app."""
    return client.post("/signin/verify/", {"code": app_code(KEY, steps_ahead=steps_ahead) if code is None else code})


def sign_in(client: Client, account: Account, *, next_path: str = HOME, steps_ahead: int = 0) -> Any:
    """Password and the code of the app."""
    enter_password(client, account, next_path=next_path)
    return enter_code(client, steps_ahead=steps_ahead)


def wrong_code(key: bytes = KEY) -> str:
    """Six digits that the app shows neither now nor in the steps around."""
    shown = {app_code(key, steps_ahead=steps) for steps in range(-3, 4)}
    return next(code for code in (f"{number:06}" for number in range(100)) if code not in shown)


def has_session(client: Client) -> bool:
    """Whether the browser holds a session that the site accepts as somebody's."""
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    key = cookie.value if cookie else ""
    return SessionRecord.objects.filter(session_key=stored(key), ended_at=None, account__isnull=False).exists()


def attempt_of(client: Client) -> SignInAttempt:
    """The newest attempt; tests have one account at the door at a time."""
    assert client.cookies[settings.SIGNIN_COOKIE_NAME].value
    return SignInAttempt.objects.latest("started_at")


def leads_to_password(answer: Any) -> bool:
    """Whether the site sends the browser back to the first step."""
    return answer.status_code == 302 and answer["Location"].split("?")[0] == "/signin/"


def assert_over(client: Client) -> None:
    """The right code, and every page of the attempt, lead back to the password."""
    assert leads_to_password(client.get("/signin/verify/"))
    assert leads_to_password(enter_code(client))
    assert not has_session(client)


def fail_at_door(account: Account, times: int) -> None:
    """Wrong codes in one attempt."""
    client = Client()
    enter_password(client, account)
    for _ in range(times):
        enter_code(client, wrong_code())


def failures(account: Account) -> int:
    account.refresh_from_db()
    return account.failures
