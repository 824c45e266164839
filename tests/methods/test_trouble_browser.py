"""A gateway or push service that hangs, fails or refuses, as a person sees it: the open page says so and offers what works."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import Account
from methods.kinds.push import webpush
from methods.models import SendingCount
from tests.factories import a_phone, a_totp_app, an_account, app_code
from tests.methods.people import send_all
from tests.methods.provider import Provider, provider, refusal
from tests.methods.push_phone import Phone, a_push_app
from tests.methods.push_service import PushService, push_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twilio(settings: Settings) -> Iterator[Provider]:
    with provider() as server:
        settings.TWILIO_API_BASE, settings.TWILIO_TIMEOUT_SECONDS = server.address, 1
        yield server


@pytest.fixture
def service(settings: Settings) -> Iterator[PushService]:
    settings.MFA_PUSH_HOSTS = ["127.0.0.1"]
    with push_service() as service:
        yield service


def sign_in_otherwise(page: Page) -> None:
    page.get_by_role("link", name="Use a different verification option").first.click()
    page.get_by_role("button", name="Enter a code from my phone").click()
    page.get_by_label("6-digit code").fill(app_code())
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/security-info/")


@pytest.mark.covers("S-145")
@pytest.mark.parametrize("script", ["hang", refusal(400, 21215)], ids=["hangs", "refuses"])
@pytest.mark.parametrize(("way", "words"), [("text", "The message could not be sent."), ("call", "The call could not be made.")])
def test_a_gateway_in_trouble(twilio: Provider, at_the_door: Callable[[Account], Page], way: str, words: str, script: Any) -> None:
    account = an_account()
    a_phone(account, way=way)
    a_totp_app(account)
    twilio.script = script
    page = at_the_door(account)
    expect(page.locator("#main").get_by_text(words)).to_have_count(0)
    send_all()
    expect(page.locator("#main").get_by_text(words)).to_be_visible()
    send_all()
    assert len(twilio.requests) == 1, "nothing is sent twice"
    assert SendingCount.objects.get(scope="all-hour").sent == 1
    sign_in_otherwise(page)


def test_a_push_service_that_hangs(service: PushService, at_the_door: Callable[[Account], Page], monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(webpush.TIMEOUT) + 2 <= 5, "the page looks every two seconds"
    monkeypatch.setattr(webpush, "TIMEOUT", (0.5, 0.5))
    account = an_account()
    a_push_app(account, Phone(), subscription=service.subscription())
    a_totp_app(account)
    service.hang = 2
    page = at_the_door(account)
    send_all()
    expect(
        page.locator("#main").get_by_text("Your phone could not be notified. Open the app there: the request is waiting in it.")
    ).to_be_visible()
    sign_in_otherwise(page)
