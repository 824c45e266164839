"""No event is listed for nothing: each is written by a verb of the site. What is done to write it is in `stages/`."""

import re
from functools import cache

import pytest

import tests.audit.stages  # noqa: F401  each stage enters itself
from audit.catalogue import EventName
from tests.audit.stages.staging import STAGES
from tools.messages import ROOT

APPS = ("accounts", "audit", "campaigns", "helpdesk", "methods", "policies", "review", "selfservice", "signin", "vault")
WORDS = {"catalogue.py", "sentences.py", "sentences_of_use.py", "sentences_of_desk.py", "own.py", "ecs.py"}


@cache
def source() -> str:
    """What the site itself says, but for the words of events."""
    files = (file for app in APPS for file in (ROOT / app).rglob("*.py") if file.name not in WORDS and "migrations" not in file.parts)
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("name", EventName)
def test_every_event_is_written_by_the_site(name: EventName) -> None:
    assert re.search(rf"\bEventName\.{name.name}\b", source()), f"{name} is in the catalogue, and no verb writes it"


def test_every_event_has_a_stage_and_no_stage_is_left_over() -> None:
    assert set(STAGES) == set(EventName)
