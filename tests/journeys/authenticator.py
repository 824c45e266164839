"""The Authenticator as its owner uses it, on a phone of its own or beside the sign-in page."""

import json
import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.words import words
from tests.methods.qr import read_qr

CODE = re.compile(r"^\d{3} \d{3}$")
ADDRESS = "/authenticator/"
ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"


@dataclass
class App:
    """One installation of the app."""

    page: Page
    language: str

    def open(self) -> "App":
        self.page.goto(ADDRESS)
        expect(self.page.locator("#welcome, #accounts").locator("visible=true").first).to_be_visible()
        return self

    def say(self, english: str) -> str:
        return words(self.language, english)

    def press(self, english: str) -> None:
        self.page.get_by_role("button", name=self.say(english), exact=True).locator("visible=true").first.click()

    def type_code(self, common_id: str, code: str) -> None:
        """“Type a code”, with the Common ID."""
        self.press("Type a code")
        self.page.get_by_label(self.say("Common ID"), exact=True).fill(common_id)
        self.page.locator("#typed-code").fill(code)
        self.page.locator("#typed").get_by_role("button").click()

    def has(self, common_id: str) -> None:
        """The account appears (S-33)."""
        expect(self.page.locator(".app-account header h3")).to_contain_text(common_id)

    def see_request(self, common_id: str) -> None:
        request = self.page.locator(".app-request")
        expect(request).to_contain_text(common_id)
        expect(request.get_by_role("heading")).to_have_text(self.say("Approve sign-in request"))

    def yes(self, number: str) -> None:
        self.page.locator(".app-number").fill(number)
        self.press("Yes")

    def told(self, english: str) -> None:
        expect(self.page.locator("#notices")).to_contain_text(self.say(english))

    def code(self) -> str:
        """The six digits that it shows."""
        place = self.page.locator("[data-code]")
        expect(place).to_have_text(CODE)
        return place.inner_text().replace(" ", "")


def scanned(page: Page) -> str:
    """What a camera reads on a page of the site."""
    return read_qr(SimpleNamespace(content=page.locator(".qr-paper").inner_html().encode()))


def number_on(page: Page) -> str:
    return page.locator(".big-number-digits").inner_text()


def say_subscribed(page: Page, subscription: dict[str, Any]) -> None:
    """Headless Chromium has no push service: the browser says that it has subscribed to ours."""
    page.add_init_script(
        f"""PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async () => ({{ options: {{}}, toJSON: () => ({json.dumps(subscription)}) }});"""
    )
