"""What the pages at the door cost the database; the statements that begin and end transactions are counted, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from tests.factories import a_phone, a_totp_app, an_account, app_code, signed_in
from tests.signin.door import HOME, enter_code, enter_password, sign_in, wrong_code

pytestmark = pytest.mark.django_db(transaction=True)  # otherwise the test itself adds savepoints

SECURITY_INFO, PASSWORD_STEP, VERIFY_STEP = 8, 13, 14


@contextmanager
def at_most(number: int) -> Iterator[None]:
    assert connection.features.supports_json_field  # SQLite is asked for it once in each process
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [query["sql"] for query in captured]
    assert len(statements) <= number, "\n".join(f"{n} {sql[:200]}" for n, sql in enumerate(statements, 1))


@pytest.fixture
def account() -> Account:
    return an_account()


def app_by_default(account: Account) -> None:
    a_totp_app(account)
    a_phone(account)


def phone_by_default(account: Account) -> None:
    a_phone(account)
    a_totp_app(account)


@pytest.mark.parametrize("methods", [app_by_default, phone_by_default])
def test_the_password_step(account: Account, methods: Callable[[Account], None]) -> None:
    methods(account)
    client = Client()
    with at_most(PASSWORD_STEP):
        assert enter_password(client, account).status_code == 302


def test_the_password_step_of_a_known_browser(account: Account) -> None:
    a_totp_app(account)
    client = Client()
    sign_in(client, account)
    client.post("/signout/")
    with at_most(PASSWORD_STEP):
        assert enter_password(client, account).status_code == 302


def test_a_wrong_password(account: Account) -> None:
    with at_most(PASSWORD_STEP):
        enter_password(Client(), account, password="wrong")
    with at_most(PASSWORD_STEP):
        enter_password(Client(), Account(common_id="9999999999"))


def test_the_verify_step(account: Account) -> None:
    app_by_default(account)
    client = Client()
    enter_password(client, account)
    with at_most(VERIFY_STEP):
        assert enter_code(client).status_code == 302


def test_the_verify_step_after_failures(account: Account) -> None:
    a_totp_app(account)
    client = Client()
    enter_password(client, account, password="wrong")
    enter_password(client, account)
    with at_most(VERIFY_STEP):
        enter_code(client, wrong_code())
    with at_most(VERIFY_STEP + 2):  # two budgets to forgive, beside the statements that begin and end the transaction
        assert enter_code(client).status_code == 302


def test_security_info(account: Account) -> None:
    for n in range(5):
        a_totp_app(account, name=f"app {n}")
    a_phone(account)
    client = Client()
    signed_in(client, account)
    with at_most(SECURITY_INFO):
        assert client.get(HOME).status_code == 200


def test_the_pages_that_are_looked_at(account: Account) -> None:
    app_by_default(account)
    client = Client()
    with at_most(0):
        client.get("/")
        client.get("/signin/")
        client.post("/signin/", {"common_id": account.common_id})
    enter_password(client, account)
    with at_most(3):
        client.get("/signin/verify/")
    with at_most(3):
        client.get("/signin/verify/options/")


def test_step_up(account: Account) -> None:
    app_by_default(account)
    client = Client()
    signed_in(client, account, verified=False)
    with at_most(SECURITY_INFO):
        client.get("/signin/step-up/")
    with at_most(30):
        answer: Any = client.post("/signin/step-up/", {"code": app_code(), "next": HOME})
    assert answer.status_code == 302
