"""Which browser and system a session was opened with, in words a person knows; a guess from what the browser said of itself."""

import re
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?(iOS)?/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Opera", re.compile(r"\bOPR/|\bOPT/")),
    ("Firefox", re.compile(r"\bFirefox/|\bFxiOS/")),
    ("Chrome", re.compile(r"\bChrome/|\bCriOS/|\bHeadlessChrome/")),
    ("Safari", re.compile(r"\bVersion/[\d.]+.*\bSafari/")),
)
SYSTEMS = (
    ("Android", "phone", re.compile(r"\bAndroid\b")),
    ("iPhone", "phone", re.compile(r"\biPhone\b")),
    ("iPad", "phone", re.compile(r"\biPad\b")),
    ("Windows", "computer", re.compile(r"\bWindows\b")),
    ("ChromeOS", "computer", re.compile(r"\bCrOS\b")),
    ("macOS", "computer", re.compile(r"\bMacintosh\b")),
    ("Linux", "computer", re.compile(r"\bLinux\b")),
)


class Browser(NamedTuple):
    """How a browser is called, and the icon of the device it runs on."""

    name: str | Promise
    icon: str


def recognised(text: str) -> Browser:
    """The browser that calls itself `text`."""
    program = next((name for name, pattern in BROWSERS if pattern.search(text)), "")
    system, icon = next(((name, icon) for name, icon, pattern in SYSTEMS if pattern.search(text)), ("", "computer"))
    named = " · ".join(filter(None, (program, system)))
    return Browser(named or _("Unknown browser"), icon)
