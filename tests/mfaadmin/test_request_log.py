"""R-028, R-193: the log of requests repeats no search words and believes no address that was only claimed."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.models import Event

pytestmark = pytest.mark.django_db


def lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    records = [record.msg for record in caplog.records if record.name.startswith("django_structlog")]
    assert records
    return records


def test_what_was_searched_for_is_in_the_record_of_events_and_not_in_the_log(browser_of: Any, hiro: Account, caplog: Any) -> None:
    with caplog.at_level("INFO"):
        browser_of(hiro).get("/helpdesk/", {"q": "Hanako Yamada"})
    assert [line["request"] for line in lines(caplog)] == ["GET /helpdesk/"] * 2
    assert "Hanako" not in caplog.text
    assert Event.objects.get(name="account:searched").after["text"] == "Hanako Yamada"


@pytest.mark.parametrize(("proxies", "logged"), [([], "127.0.0.1"), (["127.0.0.1/32"], "203.0.113.9")])
def test_the_address_in_the_log_is_the_one_that_counts(client: Client, settings: Any, caplog: Any, proxies: list[str], logged: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    with caplog.at_level("INFO"):
        client.get("/", headers={"X-Forwarded-For": "10.9.9.9, 203.0.113.9", "X-Real-IP": "10.9.9.9"})
    assert {line["ip"] for line in lines(caplog)} == {logged}


def test_an_event_and_the_lines_of_its_request_have_one_id(browser_of: Any, hiro: Account, caplog: Any) -> None:
    with caplog.at_level("INFO"):
        browser_of(hiro).get("/helpdesk/", {"q": "Hanako Yamada"})
    assert {line["request_id"] for line in lines(caplog)} == {Event.objects.get(name="account:searched").request_id}


@pytest.mark.parametrize("path", ["/stop/0f8d:secret/", "/hooks/twilio/calls/secret/keys/", "/hooks/twilio/texts/secret/"])
def test_an_address_that_is_a_secret_stands_in_the_log_without_it(client: Client, caplog: Any, path: str) -> None:
    with caplog.at_level("INFO"):
        client.get(path)
    assert {line["request"] for line in lines(caplog)} == {f"GET {path.replace('0f8d:secret', '…').replace('secret', '…')}"}
