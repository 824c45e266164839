"""Pages for the journeys: a computer or a phone, in either language, listening for every complaint of the browser."""

from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.harness.chromium import PATIENCE_MILLISECONDS

Language = Literal["en", "ja"]
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DEVICES: dict[str, dict[str, Any]] = {"desktop": DESKTOP, "phone": PHONE}
SERVER_ERROR = 500


@dataclass
class Visitor:
    """One person's browser: its page, and what went wrong in it."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note console errors, violations of the content policy, script failures and server errors."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        expected = "status of 4" in message.text or "ERR_INTERNET_DISCONNECTED" in message.text  # refused, or taken offline, on purpose
        if message.type == "error" and not expected:
            self.complaints.append(f"console at {self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= SERVER_ERROR:
            self.complaints.append(f"{response.status} at {response.url}")

    def no_complaints(self) -> None:
        """Fail with everything the browser complained about."""
        assert not self.complaints, "\n".join(self.complaints)


def visitor(chromium: Browser, url: str, *, device: str = "desktop", language: Language = "en", **options: Any) -> Visitor:
    """A browser of its own, without cookies but the language's."""
    locale = {"en": "en-GB", "ja": "ja-JP"}[language]
    context = chromium.new_context(base_url=url, locale=locale, **(DEVICES[device] | options))
    context.add_cookies([{"name": "language", "value": language, "url": url}])
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    one = Visitor(context, context.new_page())
    one.listen()
    return one


def axe(page: Page) -> None:
    """Fail with what axe finds wrong on the page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
