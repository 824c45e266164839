"""Each kind of method without JavaScript, with the keyboard alone, with reload and Back, and in two tabs: registered, and at sign-in."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Error, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from methods.models import Message, RegisteredMethod
from tests.factories import PASSWORD, a_totp_app, an_account, signed_in
from tests.journeys.browser import Visitor, visitor
from tests.journeys.every_kind import DEEDS, Deed, Owner, authenticator
from tests.journeys.hands import Keyboard, Mouse
from tests.journeys.stack import eventually
from tests.methods.people import Handset
from tests.signin.door import failures

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., tuple[Owner, Any]]


def those(is_so: Callable[[Deed], object]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("deed", [pytest.param(deed, id=name) for name, deed in DEEDS.items() if is_so(deed)])


@pytest.fixture
def handset(monkeypatch: pytest.MonkeyPatch) -> Handset:
    handset = Handset()
    for gateway in ("methods.kinds.phone.kind.sms_gateway", "methods.calls.voice_gateway"):
        monkeypatch.setattr(gateway, lambda: handset)
    return handset


def plug_in(deed: Deed, hands: Mouse) -> None:
    """A security key in the browser, or the one that it brings."""
    cdp = hands.page.context.new_cdp_session(hands.page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator(deed)})


@pytest.fixture
def work(chromium: Browser, live_server: LiveServer, settings: Settings, handset: Handset) -> Iterator[Work]:
    """`work(deed, Mouse, java_script_enabled=False)`: somebody signed in who is going to register this, and the hands."""
    settings.MFA_WEBAUTHN_RP_ID, settings.MFA_WEBAUTHN_ORIGINS = "localhost", [live_server.url]
    visitors: list[Visitor] = []

    def begin(deed: Deed, hands: type[Mouse], **options: Any) -> tuple[Owner, Mouse]:
        one = visitor(chromium, live_server.url, **options)
        visitors.append(one)
        owner = Owner(an_account(), handset, has_scripts=options.get("java_script_enabled", True))
        deed.stage(owner)
        if owner.has_scripts:
            plug_in(deed, Mouse(one.page))
        return owner, hands(one.page)

    yield begin
    for one in visitors:
        one.context.close()
    for one in visitors:
        one.no_complaints()


def begin(deed: Deed, owner: Owner, hands: Mouse) -> None:
    """Signed in, and as far as the page that waits for a proof."""
    client, page = Client(), hands.page
    signed_in(client, owner.account)
    page.goto("/")
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": page.url}])
    assert deed.begin
    deed.begin(owner, hands)


def enter_password(owner: Owner, hands: Mouse) -> None:
    hands.page.context.clear_cookies(name="session")
    hands.page.goto("/signin/?next=/security-info/")
    hands.fill("Common ID", owner.account.common_id)
    hands.press("Next")
    hands.fill("Password", PASSWORD)
    hands.press("Sign in")
    hands.page.wait_for_url("**/signin/verify/")


def what_is_shown(hands: Mouse) -> tuple[str, str, str]:
    shown = hands.page.locator("#qr-key, .big-number-digits, #typed-code").all_inner_texts()
    return hands.page.url, hands.page.get_by_role("heading", level=1).inner_text(), " ".join(shown)


def look_elsewhere(hands: Mouse) -> None:
    """Whatever people do while they wait: the page is as it was, and nothing is sent anew."""
    before, sent = what_is_shown(hands), Message.objects.count()
    hands.page.reload()
    hands.page.go_back()
    hands.page.go_forward()
    assert what_is_shown(hands) == before
    assert Message.objects.count() == sent


def registered(owner: Owner) -> int:
    return RegisteredMethod.objects.filter(account=owner.account, state="active").exclude(kind="access-pass").count()


def work_through(deed: Deed, owner: Owner, hands: Mouse, *, meanwhile: Callable[[Mouse], None]) -> None:
    """Registered, and then signed in with, by these hands."""
    if deed.prove:
        begin(deed, owner, hands)
        meanwhile(hands)
        deed.prove(owner, hands)
        expect(hands.page.get_by_text("Succeeded.").or_(hands.page.get_by_text("Your app password")).first).to_be_visible()
        assert registered(owner) == 1
    if deed.answer:
        enter_password(owner, hands)
        meanwhile(hands)
        deed.answer(owner, hands)
        hands.page.wait_for_url(f"**{deed.lands}")


@those(lambda deed: not deed.needs_scripts)
def test_without_javascript_and_with_reload_and_back(work: Work, deed: Deed) -> None:
    owner, hands = work(deed, Mouse, java_script_enabled=False)
    work_through(deed, owner, hands, meanwhile=look_elsewhere)
    hands.page.go_back()
    if deed.answer:
        assert "signin/verify" not in hands.page.url, "what was answered cannot be answered again"


@those(lambda deed: deed.needs_scripts)
def test_without_javascript_a_key_cannot_work_and_its_page_says_so(work: Work, deed: Deed) -> None:
    owner, hands = work(deed, Mouse, java_script_enabled=False)
    a_totp_app(owner.account)
    begin(deed, owner, hands)
    assert re.search("<noscript>.*Security keys need JavaScript.", hands.page.content(), re.DOTALL)
    hands.press("Cancel")
    hands.page.get_by_role("heading", name="Add a method").wait_for()


@those(lambda deed: True)
def test_with_the_keyboard_alone(work: Work, deed: Deed) -> None:
    owner, hands = work(deed, Keyboard)
    work_through(deed, owner, hands, meanwhile=lambda hands: None)


@those(lambda deed: deed.needs_scripts)
def test_a_key_with_reload_and_back(work: Work, deed: Deed) -> None:
    owner, hands = work(deed, Mouse)
    work_through(deed, owner, hands, meanwhile=look_elsewhere)


@those(lambda deed: deed.prove)
def test_in_two_tabs_one_method_is_registered_and_nothing_counts_as_wrong(work: Work, deed: Deed) -> None:
    owner, first = work(deed, Mouse)
    second = Mouse(first.page.context.new_page())
    begin(deed, owner, first)
    begin(deed, owner, second)
    assert deed.prove
    if deed.needs_scripts:
        plug_in(deed, second)
    deed.prove(owner, second)
    eventually("it is registered", lambda: registered(owner) or None)
    with suppress(Error):  # a page that waits has gone on by itself, perhaps before the other
        first.page.reload()
    assert registered(owner) == 1
    assert failures(owner.account) == 0


@those(lambda deed: deed.answer)
def test_in_two_tabs_one_sign_in_opens_one_session(work: Work, deed: Deed) -> None:
    owner, first = work(deed, Mouse)
    if deed.prove:
        begin(deed, owner, first)
        deed.prove(owner, first)
        first.page.get_by_text("Succeeded.").first.wait_for()
    enter_password(owner, first)
    second = Mouse(first.page.context.new_page())
    second.page.goto("/signin/verify/")
    assert deed.answer
    deed.answer(owner, first)
    first.page.wait_for_url(f"**{deed.lands}")
    with suppress(Error):  # a page that waits has gone on by itself, perhaps just now
        second.page.reload()
    second.page.wait_for_url(lambda address: "signin/verify" not in address)
    assert failures(owner.account) == 0
