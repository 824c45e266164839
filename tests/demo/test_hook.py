"""A sample system checks what it is told as a careful system does."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from pytest_django import Settings
from standardwebhooks import Webhook

from policies.connectors.base import Change, Outdated
from policies.connectors.webhook import WebhookConnector
from policies.models import ConnectedSystem
from tests.demo.running import PATIENCE, RunningDemo
from vault.fields import seal

SYSTEM = "learning"
Tell = Callable[..., requests.Response]


@pytest.fixture
def account() -> str:
    """Somebody this system has not heard of."""
    return str(uuid.uuid4().int)[:10]


@pytest.fixture
def tell(demo: RunningDemo, keys: dict[str, str]) -> Tell:
    """`tell(account, "on", 1)`: send a signed notice; `key`, `at`, `secret` and `headers` as given."""

    def send(account: str, state: str, revision: int, **given: Any) -> requests.Response:
        key, at = given.get("key", str(uuid.uuid4())), given.get("at", datetime.now(UTC))
        data = {"account": account, "state": state, "revision": revision, "key": key}
        body = json.dumps({"type": "mfa_use.changed", "timestamp": at.isoformat(), "data": data})
        headers = {
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(given.get("secret", keys["webhook_secret"])).sign(key, at, body),
        }
        return requests.post(f"{demo.url}/demo/systems/{SYSTEM}/hook", body, headers=headers | given.get("headers", {}), timeout=PATIENCE)

    return send


@pytest.fixture
def page(demo: RunningDemo) -> Callable[[], str]:
    """What the system's page shows now."""
    return lambda: requests.get(f"{demo.url}/demo/systems/{SYSTEM}/", timeout=PATIENCE).text


@pytest.fixture
def learning(demo: RunningDemo, keys: dict[str, str], settings: Settings) -> ConnectedSystem:
    """The sample system as the site knows it."""
    settings.MFA_PRIVATE_HOSTS = [f"127.0.0.1:{demo.port}"]
    system = ConnectedSystem(code=SYSTEM, connector="webhook", address=f"{demo.url}/demo/systems/{SYSTEM}/hook")
    seal(system, "credentials", keys["webhook_secret"].encode())
    return system


def _in_mood(demo: RunningDemo, mood: str) -> None:
    with requests.Session() as browser:
        address = f"{demo.url}/demo/systems/{SYSTEM}/"
        form = browser.get(address, timeout=PATIENCE).text
        token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        browser.post(f"{address}mood/", {"mood": mood, "csrfmiddlewaretoken": token}, timeout=PATIENCE).raise_for_status()


def test_a_signed_notice_is_applied_and_confirmed(tell: Tell, account: str, page: Callable[[], str]) -> None:
    answer = tell(account, "on", 3)
    assert (answer.status_code, answer.json()) == (200, {"account": account, "revision": 3, "state": "on"})
    assert account in page()


def test_the_same_key_again_changes_nothing_and_gets_the_same_answer(tell: Tell, account: str, page: Callable[[], str]) -> None:
    first = tell(account, "on", 1, key=(key := f"key-{account}"))
    tell(account, "off", 2)
    again = tell(account, "on", 1, key=key)
    assert again.json() == first.json()
    assert tell(account, "on", 1).json()["revision"] == 2
    row = page().split(f"key-{account}")[1].split("</tr>")[0]
    assert "2 times" in row


def test_an_older_revision_is_refused_with_the_newer_one(tell: Tell, account: str) -> None:
    tell(account, "off", 5)
    answer = tell(account, "on", 4)
    assert answer.status_code == 409
    assert answer.json() == {"error": "outdated", "account": account, "revision": 5, "state": "off"}


def test_a_wrong_signature_is_refused(tell: Tell, account: str, page: Callable[[], str]) -> None:
    assert tell(account, "on", 1, secret="whsec_" + "b" * 43 + "=").status_code == 401
    assert account not in page()


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_notice_from_another_time_is_refused(tell: Tell, account: str, minutes: int) -> None:
    assert tell(account, "on", 1, at=datetime.now(UTC) + timedelta(minutes=minutes)).status_code == 401


@pytest.mark.parametrize(("state", "revision"), [("maybe", 1), ("on", -1), ("on", "1")])
def test_a_notice_that_makes_no_sense_is_refused(tell: Tell, account: str, state: str, revision: int) -> None:
    assert tell(account, state, revision).status_code == 400


def test_keys_that_differ_are_refused(tell: Tell, account: str) -> None:
    assert tell(account, "on", 1, headers={"Idempotency-Key": "another"}).status_code == 400


@pytest.mark.parametrize(("mood", "status"), [("broken", 500), ("busy", 429)])
def test_in_a_bad_mood_nothing_is_applied(demo: RunningDemo, tell: Tell, account: str, mood: str, status: int) -> None:
    _in_mood(demo, mood)
    refused = tell(account, "on", 1)
    _in_mood(demo, "normal")
    assert refused.status_code == status
    assert tell(account, "off", 0).status_code == 200


def test_a_forgetful_system_has_done_what_it_was_told(demo: RunningDemo, tell: Tell, account: str) -> None:
    _in_mood(demo, "forgetful")
    lost = tell(account, "on", 1, key=(key := f"lost-{account}"))
    _in_mood(demo, "normal")
    assert lost.status_code == 502
    assert tell(account, "on", 1, key=key).json()["state"] == "on"
    assert tell(account, "off", 0).status_code == 409


@pytest.mark.django_db
def test_the_site_s_own_connector_is_understood(learning: ConnectedSystem, account: str) -> None:
    changes = [
        Change(account, "on", 3, f"{account}-3"),
        Change(account, "off", 2, f"{account}-2"),
        Change(account, "off", 4, f"{account}-4"),
    ]
    answers = list(WebhookConnector(learning).apply(changes))
    assert [type(answer.failure) for answer in answers] == [type(None), Outdated, type(None)]
