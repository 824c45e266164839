"""No event is listed for nothing: each is written by a verb of the site, and a test looks for it."""

import re
from functools import cache

import pytest

from audit.catalogue import EventName
from tools.messages import ROOT

APPS = ("accounts", "audit", "helpdesk", "methods", "policies", "review", "selfservice", "signin", "vault")
WORDS = {"catalogue.py", "sentences.py", "sentences_of_use.py", "sentences_of_desk.py", "own.py", "ecs.py"}
UNSAID = {"test_wording.py", "test_catalogue.py"}


@cache
def source() -> str:
    """What the site itself says, but for the words of events."""
    files = (file for app in APPS for file in (ROOT / app).rglob("*.py") if file.name not in WORDS and "migrations" not in file.parts)
    return "\n".join(file.read_text() for file in files)


@cache
def said_by_tests() -> str:
    """What the tests say, but for those that go through the whole catalogue."""
    return "\n".join(file.read_text() for file in (ROOT / "tests").rglob("*.py") if file.name not in UNSAID)


@pytest.mark.parametrize("name", EventName)
def test_every_event_is_written_by_the_site(name: EventName) -> None:
    assert re.search(rf"\bEventName\.{name.name}\b", source()), f"{name} is in the catalogue, and no verb writes it"


@pytest.mark.parametrize("name", EventName)
def test_every_event_is_looked_for_by_a_test(name: EventName) -> None:
    assert re.search(rf"\bEventName\.{name.name}\b|[\"']{re.escape(name)}[\"']", said_by_tests()), f"no test looks for {name}"
