"""A careful look at each page: by day in English on a computer, by night in Japanese on a phone."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.sync_api import Page

from tests.journeys.browser import DEVICES, Language, Visitor, axe

LOOKS: list[tuple[Language, Literal["light", "dark"], str]] = [("ja", "dark", "phone"), ("en", "light", "desktop")]


@dataclass
class Tour:
    """One visitor who looks at pages; `seen` are the routes of the site map he has been to."""

    visitor: Visitor
    url: str
    seen: set[str] = field(default_factory=set)

    @property
    def page(self) -> Page:
        return self.visitor.page

    def look(self, path: str = "") -> None:
        """Open `path`, else the page that is open, anew in each language, and judge it; in English in the end."""
        address = path or self.page.url
        for language, scheme, device in LOOKS:
            self.visitor.context.add_cookies([{"name": "language", "value": language, "url": self.url}])
            self.page.goto(address)
            self._judge(language, scheme, device)

    def glance(self) -> None:
        """Judge what the page answered to a form, as it stands."""
        for _, scheme, device in LOOKS:
            self._judge("en", scheme, device)

    def _judge(self, language: str, scheme: Literal["light", "dark"], device: str) -> None:
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.set_viewport_size(DEVICES[device]["viewport"])
        self.page.locator("main details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        assert self.page.locator("html").get_attribute("lang") == language, self.page.url
        axe(self.page)
        self.page.set_viewport_size(DEVICES["phone"]["viewport"])
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= DEVICES["phone"]["viewport"]["width"], f"{self.page.url} is {width} pixels wide in {language}"
        self._note()

    def _note(self) -> None:
        path = urlsplit(self.page.url).path
        if not path.startswith("/demo/"):
            self.seen.add(resolve(path).route)
