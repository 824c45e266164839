"""S-13, R-091 to R-094: security keys in a real browser, which brings an authenticator of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, CDPSession, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods.kinds.fido.models import FidoDevice
from methods.models import RegisteredMethod
from tests.factories import PASSWORD, a_totp_app, an_account, signed_in
from tests.journeys.browser import axe

pytestmark = pytest.mark.django_db(transaction=True)
SETUP, INFO = "/security-info/fido/", "/security-info/"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Desk:
    """A browser with one security key in it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url, self.page = context, url, context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.cdp: CDPSession = context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        self.key = self.plug_in()

    def plug_in(self, **options: Any) -> str:
        made: str = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | options})["authenticatorId"]
        return made

    def be(self, account: Account, *, verified: bool = True) -> None:
        """Signed in as `account`."""
        client = Client()
        signed_in(client, account, verified=verified)
        self.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": self.url}])

    def press(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("button", name=name, exact=True).click()

    def register(self) -> None:
        self.page.goto(SETUP)
        self.press("Next", "Next")
        self.page.wait_for_url(f"**{INFO}")

    def enter_password(self, account: Account) -> None:
        self.context.clear_cookies(name="session")
        self.page.goto(f"/signin/?next={INFO}")
        self.page.get_by_label("Common ID").fill(account.common_id)
        self.press("Next")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")
        self.page.wait_for_url("**/signin/verify/")

    def problem(self) -> Any:
        return self.page.locator("[data-problem]")


@pytest.fixture
def account(transactional_db: None) -> Account:
    return an_account()


@pytest.fixture
def sit_down(chromium: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Callable[..., Desk]]:
    settings.MFA_WEBAUTHN_RP_ID, settings.MFA_WEBAUTHN_ORIGINS = "localhost", [live_server.url]
    contexts: list[BrowserContext] = []

    def sit(url: str = live_server.url, language: str = "en", **options: Any) -> Desk:
        contexts.append(chromium.new_context(base_url=url, **options))
        contexts[-1].add_cookies([{"name": "language", "value": language, "url": url}])
        return Desk(contexts[-1], url)

    yield sit
    for context in contexts:
        context.close()


@pytest.fixture
def desk(sit_down: Callable[..., Desk], account: Account) -> Desk:
    """The account's own browser, its key registered."""
    desk = sit_down()
    desk.be(account)
    desk.register()
    return desk


@pytest.mark.covers("S-13", "S-64")
def test_a_key_is_registered_then_signs_in_and_steps_up(desk: Desk, account: Account) -> None:
    assert RegisteredMethod.objects.get().is_default
    desk.enter_password(account)
    axe(desk.page)
    desk.press("Verify")
    desk.page.wait_for_url(f"**{INFO}")
    assert SessionRecord.objects.latest("started_at").verified_kind == "fido"
    SessionRecord.objects.update(verified_at="2020-01-01T00:00:00Z")
    desk.page.goto("/security-info/default/")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    desk.press("Verify")
    desk.page.wait_for_url("**/security-info/default/")
    assert FidoDevice.objects.get().sign_count > 0
    assert desk.complaints == []


@pytest.mark.covers("S-13", "S-139")
def test_in_japanese_on_a_phone_with_a_passkey(sit_down: Callable[..., Desk], account: Account) -> None:
    desk = sit_down(language="ja", viewport={"width": 390, "height": 844})
    desk.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": desk.key})
    desk.plug_in(transport="internal", defaultBackupEligibility=True, defaultBackupState=True)
    desk.be(account)
    desk.page.goto(SETUP)
    desk.press("次へ")
    axe(desk.page)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390
    desk.page.get_by_label("名前").fill("私のスマートフォン")
    desk.press("次へ")
    desk.page.wait_for_url(f"**{INFO}")
    device = FidoDevice.objects.get()
    assert (device.backup_eligible, device.backed_up, device.user_verified, device.transports) == (True, True, True, ["internal"])
    assert RegisteredMethod.objects.get().name == "私のスマートフォン"
    assert desk.complaints == []


def test_a_key_that_cannot_ask_for_a_pin_is_of_no_use_where_one_is_needed(
    sit_down: Callable[..., Desk], account: Account, settings: Settings
) -> None:
    settings.MFA_WEBAUTHN_USER_VERIFICATION = True
    desk = sit_down()
    desk.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": desk.key, "isUserVerified": False})
    desk.be(account)
    desk.page.goto(SETUP)
    desk.press("Next", "Next")
    expect(desk.problem()).to_contain_text("It must ask for its PIN")
    assert not Event.objects.filter(name="challenge:failed").exists(), "the browser sent nothing"
    desk.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": desk.key, "isUserVerified": True})
    desk.press("Next")
    desk.page.wait_for_url(f"**{INFO}")


def test_under_another_address_the_page_leads_to_the_right_one(
    sit_down: Callable[..., Desk], account: Account, live_server: LiveServer
) -> None:
    """127.0.0.1 is this machine as much as localhost, and still another origin."""
    desk = sit_down(live_server.url.replace("localhost", "127.0.0.1"))
    desk.be(account)
    desk.page.goto(SETUP)
    desk.press("Next")
    expect(desk.problem()).to_contain_text("one address only")
    expect(desk.problem().get_by_role("link")).to_have_attribute("href", f"{live_server.url}/security-info/fido/key/")
    desk.press("Next")
    assert not FidoDevice.objects.filter(confirmed=True).exists()


def test_an_answer_from_an_address_that_is_not_ours_is_refused(desk: Desk, account: Account, settings: Settings) -> None:
    """What a false page that passes everything on would get."""
    desk.enter_password(account)
    settings.MFA_WEBAUTHN_ORIGINS = ["https://mfa.example.ac.jp"]
    desk.press("Verify")
    expect(desk.page.get_by_text("was not accepted")).to_be_visible()
    assert not SessionRecord.objects.filter(verified_kind="fido").exists()


def test_an_answer_that_was_overheard_is_worth_nothing(desk: Desk, account: Account) -> None:
    desk.enter_password(account)
    with desk.page.expect_request(lambda request: request.method == "POST") as sent:
        desk.press("Verify")
    desk.page.wait_for_url(f"**{INFO}")
    desk.enter_password(account)
    code = sent.value.post_data_json["code"]
    desk.page.evaluate("code => { document.getElementById('answer').elements.code.value = code; }", code)
    desk.press("Verify")
    expect(desk.page.get_by_text("was not accepted")).to_be_visible()
    assert SessionRecord.objects.filter(verified_kind="fido").count() == 1


def test_a_copy_of_a_key_is_noticed(desk: Desk, account: Account) -> None:
    """R-094: the copy has counted less than the key."""
    [copied] = desk.cdp.send("WebAuthn.getCredentials", {"authenticatorId": desk.key})["credentials"]
    desk.enter_password(account)
    desk.press("Verify")
    desk.page.wait_for_url(f"**{INFO}")
    desk.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": desk.key})
    thief = desk.plug_in()
    desk.cdp.send("WebAuthn.addCredential", {"authenticatorId": thief, "credential": copied})
    desk.enter_password(account)
    desk.press("Verify")
    expect(desk.page.get_by_text("was not accepted")).to_be_visible()
    assert Event.objects.filter(name="method:cloned", account_id=account.pk).count() == 1
    assert SessionRecord.objects.filter(verified_kind="fido").count() == 1


def test_the_same_key_is_not_taken_twice(desk: Desk) -> None:
    desk.page.goto(SETUP)
    desk.press("Next", "Next")
    expect(desk.problem()).to_contain_text("registered on your account already")
    assert FidoDevice.objects.filter(confirmed=True).count() == 1


def test_without_the_key_the_other_options_stay(desk: Desk, account: Account) -> None:
    a_totp_app(account, is_default=False)
    desk.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": desk.key})
    desk.plug_in()
    desk.enter_password(account)
    desk.press("Verify")
    expect(desk.problem()).to_contain_text("The key was not used.")
    desk.page.get_by_role("link", name="Use a different verification option").click()
    desk.page.get_by_role("button", name="Enter a code from my phone").click()
    expect(desk.page.get_by_label("6-digit code")).to_be_visible()


def test_an_old_browser_is_told_so(sit_down: Callable[..., Desk], account: Account) -> None:
    desk = sit_down()
    desk.page.add_init_script("delete window.PublicKeyCredential")
    desk.be(account)
    desk.page.goto(SETUP)
    desk.press("Next")
    expect(desk.problem()).to_contain_text("This browser cannot use security keys.")


def test_without_javascript_the_page_says_so(sit_down: Callable[..., Desk], account: Account) -> None:
    desk = sit_down(java_script_enabled=False)
    desk.be(account)
    desk.page.goto(SETUP)
    desk.press("Next")
    expect(desk.page.get_by_label("Name (optional)")).to_be_visible()
    assert "<noscript>" in desk.page.content()
    desk.press("Next")
    expect(desk.page.get_by_text("The security key was not asked. That needs JavaScript")).to_be_visible()
    expect(desk.page.get_by_role("link", name="Cancel")).to_be_visible()
