"""Headless Chromium: where it is, how it is started."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Error, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "Chromium is missing: install the Debian package chromium, or run .venv/bin/playwright install --with-deps chromium."
PATIENCE_MILLISECONDS = 60_000  # the other parts of a whole run load the machine, too
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium(kind: BrowserType) -> str | None:
    """The program: CHROMIUM if set, else the first on PATH, else Playwright's own."""
    given = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    own = kind.executable_path
    return given or (own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session; tests make contexts of their own in it."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread that also uses the database
        path = find_chromium(playwright.chromium)
        if path is None:
            pytest.fail(MISSING, pytrace=False)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            pytest.fail(f"{path} does not start: {error.message.splitlines()[0]}. {MISSING}", pytrace=False)
        yield browser
        browser.close()
