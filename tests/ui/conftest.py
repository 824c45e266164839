"""Pages in the headless Chromium for the tests of the page frame."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

WIDTHS = {"desktop": 1280, "phone": 390}
Theme = Literal["light", "dark"]
Open = Callable[..., Page]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said as a warning or an error, and scripts that failed."""
    return []


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, complaints: list[str]) -> Iterator[Open]:
    """Opens an address: open_page(path, width=…, theme=…, language=…, **what a browser context takes)."""
    contexts: list[BrowserContext] = []

    def open_(path: str, *, width: str = "desktop", theme: Theme = "light", language: str = "en", **options: Any) -> Page:
        viewport = ViewportSize(width=WIDTHS[width], height=900)
        context = chromium.new_context(base_url=live_server.url, viewport=viewport, color_scheme=theme, **options)
        contexts.append(context)
        context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"warning", "error"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
