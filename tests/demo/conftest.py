"""One running demo for the tests that only look at it."""

import json
import signal
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.demo.running import PATIENCE, RunningDemo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path_factory.mktemp("demo"))
    yield running
    running.end(signal.SIGTERM)


@pytest.fixture(scope="session")
def keys(demo: RunningDemo) -> dict[str, str]:
    """The secrets that the running demo made for itself."""
    return dict(json.loads((demo.folder / "keys.json").read_text()))


@pytest.fixture
def at_the_demo(demo: RunningDemo, keys: dict[str, str], settings: Settings) -> Settings:
    """This process's Twilio settings are those of the running demo."""
    settings.TWILIO_API_BASE = f"{demo.url}/demo/twilio"
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    settings.TWILIO_AUTH_TOKEN = keys["twilio_token"]
    settings.TWILIO_TIMEOUT_SECONDS = PATIENCE  # how soon the demo answers is not what these tests ask
    return settings
