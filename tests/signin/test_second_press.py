"""A button that is pressed twice: what the first press earned is not lost by the second."""

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Account, SessionRecord
from signin import flow
from tests.factories import a_totp_app, an_account, app_code
from tests.methods.people import Handset, enter_number, key_on, mailed_code, send_all
from tests.signin.door import enter_password

NOTHING_LEFT = "There is nothing to confirm any more"
SLOW_SECONDS = 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_the_page_of_the_code_signs_in(at_the_door: Callable[[Account], Page], monkeypatch: pytest.MonkeyPatch) -> None:
    judge = flow.verify

    def slowly(*args: Any) -> Any:
        judged = judge(*args)
        sleep(SLOW_SECONDS)
        return judged

    monkeypatch.setattr(flow, "verify", slowly)
    account = an_account()
    a_totp_app(account)
    page = at_the_door(account)
    page.get_by_label("6-digit code").fill(app_code())
    page.get_by_role("button", name="Verify").click(click_count=2, delay=300)
    page.wait_for_url("**/security-info/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Security info")
    assert SessionRecord.objects.count() == 1


@pytest.fixture
def newcomer(client: Client, hana: Account) -> Client:
    """A browser at “More information required”."""
    enter_password(client, hana)
    return client


def twice(client: Client, path: str, code: str) -> None:
    """The same form, sent twice, leads on to the next page of the first registration and says nothing of starting again."""
    for _ in range(2):
        answer = client.post(path, {"code": code})
        assert answer["Location"] == "/signin/continue/"
    assert NOTHING_LEFT not in client.get("/signin/continue/", follow=True).content.decode()


@pytest.mark.django_db
def test_the_first_code_of_an_app_sent_twice_leads_on(newcomer: Client) -> None:
    newcomer.post("/security-info/totp/")
    path = "/security-info/totp/scan/"
    twice(newcomer, path, app_code(key_on(newcomer.get(path))))


@pytest.mark.django_db
def test_the_code_of_a_phone_and_then_of_an_address_sent_twice_lead_on(newcomer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    handset = Handset()
    monkeypatch.setattr("methods.kinds.phone.kind.sms_gateway", lambda: handset)
    enter_number(newcomer)
    send_all()
    twice(newcomer, "/security-info/phone/confirm/", handset.code)
    newcomer.post("/security-info/email/", {"address": "hana@mail.example.org"})
    twice(newcomer, "/security-info/email/confirm/", mailed_code())
    assert "Succeeded" in newcomer.get("/signin/continue/").content.decode()


@pytest.mark.django_db
def test_without_a_method_a_first_registration_starts_again(newcomer: Client) -> None:
    answer = newcomer.post("/security-info/totp/scan/", {"code": "123456"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/security-info/totp/"
    assert NOTHING_LEFT in answer.content.decode()
