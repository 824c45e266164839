"""What a page that waits for a device costs the database: it asks anew every other second, from every browser that waits."""

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import Challenge
from tests.factories import a_phone, an_account, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import send_all
from tests.methods.push_phone import Phone, a_push_app, number_on
from tests.signin.door import HOME, enter_password
from tests.signin.test_queries import VERIFY_STEP, at_most

pytestmark = pytest.mark.django_db(transaction=True)

POLL = 2


@pytest.fixture
def account() -> Account:
    return an_account()


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    return Exchange().connect(monkeypatch)


def part_that_waits(page: str = "verify") -> str:
    return f"/signin/{page}/waiting/{Challenge.objects.latest('issued_at').pk}/"


def test_waiting_for_the_app_costs_two_queries_before_and_after_its_answer(account: Account) -> None:
    phone, client = Phone(), Client()
    a_push_app(account, phone)
    enter_password(client, account)
    part = part_that_waits()
    with at_most(POLL):
        assert "data-poll-submit" not in client.get(part).content.decode()
    assert phone.yes(number_on(client.get("/signin/verify/"))) == "yes"
    with at_most(POLL):
        assert "data-poll-submit" in client.get(part).content.decode()
    with at_most(VERIFY_STEP):
        assert client.post("/signin/verify/")["Location"] == HOME


def test_waiting_for_a_call_costs_two_queries_before_and_after_it_is_answered(account: Account, exchange: Exchange) -> None:
    a_phone(account, way="call")
    client = Client()
    enter_password(client, account)
    send_all()
    part = part_that_waits()
    with at_most(POLL):
        client.get(part)
    exchange.line.answer()
    with at_most(POLL):
        assert "#" in client.get(part).content.decode()
    exchange.line.press("#")
    with at_most(POLL):
        assert "data-poll-submit" in client.get(part).content.decode()


def test_waiting_in_an_open_session_adds_only_the_session_and_its_roles(account: Account) -> None:
    client, phone = Client(), Phone()
    method = a_push_app(account, phone)
    signed_in(client, account, verified=False)
    client.post(f"/signin/step-up/use/{method.pk}/", {"way": "approve", "next": HOME})
    part = part_that_waits("step-up")
    with at_most(POLL + 2):
        assert client.get(part).status_code == 200
