"""R-150, I8: what the browser holds is not what the table holds, and a cookie may hold anything."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import Account
from tests.factories import a_totp_app, app_code, signed_in
from tests.signin.door import has_session, leads_to_password, sign_in

PAGE = "/my-account/"


def everything_kept_of_sessions() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_sessionrecord")
        return str(cursor.fetchall())


def test_the_table_of_sessions_opens_none_of_them(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    sign_in(client, hana)
    assert has_session(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value not in everything_kept_of_sessions()


def test_nor_after_a_step_up(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    signed_in(client, hana, verified=False)
    assert client.post("/signin/step-up/", {"code": app_code(), "next": PAGE})["Location"] == PAGE
    assert client.get(PAGE).status_code == 200
    assert client.cookies[settings.SESSION_COOKIE_NAME].value not in everything_kept_of_sessions()


def test_what_the_table_holds_is_nobodys_cookie(client: Client, hana: Account) -> None:
    badge = signed_in(client, hana)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = badge.session_key
    assert leads_to_password(thief.get(PAGE))
    assert client.get(PAGE).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "planted", [r'"\000aaaaaaaaaaaaaaaa"', r'"\377\376aaaaaaaaaaaaa"', "a" * 4000, '"%00aaaaaaaaa"', "' OR 1=1 --", '""']
)
@pytest.mark.parametrize("name", ["session", "attempt", "known", "language", "messages", "csrftoken", "theme"])
def test_a_cookie_of_any_characters_is_nobodys(name: str, planted: str) -> None:
    """PostgreSQL takes no NUL, which a browser may send as \\000."""
    browser: Any = Client(HTTP_COOKIE=f"{name}={planted}")
    assert leads_to_password(browser.get(PAGE))
    assert browser.get("/signin/").status_code == 200
    assert leads_to_password(browser.get("/security-info/add/"))
    assert leads_to_password(browser.get("/signin/verify/"))
