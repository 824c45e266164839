"""The webhook connector against a system that misbehaves in every way we know of."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors import hosts, outgoing
from policies.connectors.base import Answer, Change, Configuration, Outdated, Permanent, Transient
from policies.connectors.webhook import WebhookConnector
from policies.models import ConnectedSystem
from tests.policies.downstream import Downstream, Mood, does_it_and, drips, drops, hangs, refuses, says, twists

CHANGE = Change(account="1000000001", state="on", revision=3, key="mfa-key")


def tell(system: ConnectedSystem, change: Change = CHANGE) -> Answer:
    answers = list(WebhookConnector(system).apply([change]))
    assert [answer.change for answer in answers] == [change]
    return answers[0]


def test_it_says_what_standard_webhooks_ask_for(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    assert tell(mail_system).failure is None
    told, headers = downstream.requests[0], downstream.headers[0]
    assert told["type"] == "mfa_use.changed"
    assert told["data"] == {"account": "1000000001", "state": "on", "revision": 3, "key": "mfa-key"}
    assert abs(datetime.fromisoformat(told["timestamp"]) - datetime.now(UTC)) < timedelta(seconds=10)
    assert headers["webhook-id"] == headers["idempotency-key"] == "mfa-key"
    assert headers["host"] == f"127.0.0.1:{downstream.port}"


NOT_A_CONFIRMATION: dict[str, Mood] = {
    "500": says(500),
    "503": says(503),
    "429": says(429),
    "408": says(408),
    "no answer": drops,
    "applied, no answer": does_it_and(drops),
    "applied, 502": does_it_and(says(502)),
    "a page": says(200, b"<html>Sign in to the network</html>", Content_Type="text/html"),
    "broken JSON": says(200, b"{broken"),
    "a list": says(200, ["1000000001", "on", 3]),
    "nothing": says(204),
    "too long": says(200, b"x" * 70_000),
    "another account": twists(account="1000000002"),
    "an older revision": twists(revision=2),
    "revision as text": twists(revision="3"),
    "revision as yes": twists(revision=True),
    "the other state": twists(state="off"),
    "no state": twists(state=None),
}


@pytest.mark.parametrize("mood", NOT_A_CONFIRMATION.values(), ids=NOT_A_CONFIRMATION)
def test_what_is_not_a_confirmation_of_this_change_is_tried_again(mail_system: ConnectedSystem, downstream: Downstream, mood: Mood) -> None:
    downstream.mood = mood
    assert isinstance(tell(mail_system).failure, Transient)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_refusal_that_names_the_account_is_for_a_person(mail_system: ConnectedSystem, downstream: Downstream, status: int) -> None:
    downstream.mood = refuses(status)
    failure = tell(mail_system).failure
    assert isinstance(failure, Permanent)
    assert failure.why == f"HTTP {status}"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize("content", [b"default backend - 404", b"[]", {}, {"account": "9999999999"}])
def test_a_refusal_that_names_nobody_is_tried_again(
    mail_system: ConnectedSystem, downstream: Downstream, status: int, content: object
) -> None:
    downstream.mood = says(status, content)
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert failure.why == f"HTTP {status}"


@pytest.mark.parametrize("status", [401, 403, 405, 410, 301, 307])
def test_wrong_settings_stop_the_system_and_redirects_are_not_followed(
    mail_system: ConnectedSystem, downstream: Downstream, status: int
) -> None:
    downstream.mood = says(status, Location=f"http://127.0.0.1:{downstream.port}/elsewhere")
    with pytest.raises(Configuration):
        tell(mail_system)
    assert len(downstream.requests) == 1


def test_a_newer_revision_at_the_system_is_no_failure_of_the_system(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    downstream.states["1000000001"] = ("off", 4)
    assert isinstance(tell(mail_system).failure, Outdated)


def asked_to_wait(mail_system: ConnectedSystem, downstream: Downstream, header: str) -> float:
    downstream.mood = says(429, Retry_After=header)
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert failure.retry_after is not None
    return failure.retry_after.total_seconds()


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("99999999999", 3600)])
def test_retry_after_is_honoured_as_seconds(mail_system: ConnectedSystem, downstream: Downstream, header: str, seconds: int) -> None:
    assert asked_to_wait(mail_system, downstream, header) == seconds


@pytest.mark.parametrize(("minutes", "seconds"), [(10, 600), (-10, 0)])
def test_retry_after_is_honoured_as_a_date(mail_system: ConnectedSystem, downstream: Downstream, minutes: int, seconds: int) -> None:
    header = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes))
    assert abs(asked_to_wait(mail_system, downstream, header) - seconds) < 60


FAR = [
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Mon, 01 Jan 2024 99999999999999999999:00:00 GMT",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999",
]


@pytest.mark.parametrize("header", ["soon", "-5", "", *FAR])
def test_a_retry_after_that_says_nothing_is_ignored(mail_system: ConnectedSystem, downstream: Downstream, header: str) -> None:
    downstream.mood = says(503, Retry_After=header)
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert (failure.why, failure.retry_after) == ("HTTP 503", None)


@pytest.mark.parametrize("mood", [hangs, drips])
def test_a_system_that_hangs_or_drips_is_given_up_in_bounded_time(
    mail_system: ConnectedSystem, downstream: Downstream, monkeypatch: pytest.MonkeyPatch, mood: Mood
) -> None:
    monkeypatch.setattr(outgoing, "EXCHANGE_SECONDS", 0.4)
    downstream.mood, began = mood, monotonic()
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert failure.maybe_applied
    assert monotonic() - began < 3


def test_an_exchange_ends_well_before_the_lease(settings: Settings) -> None:
    settings.MFA_DELIVERY_LEASE_SECONDS = 10
    assert outgoing.longest_exchange() == 5


def test_a_closed_port_means_that_nothing_was_sent(mail_system: ConnectedSystem, settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1"]
    mail_system.address = f"http://127.0.0.1:{port}/"
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert not failure.maybe_applied


def test_a_wrong_secret_is_the_systems_401_and_stops_it(mail_system: ConnectedSystem) -> None:
    mail_system.credentials = ""
    with pytest.raises(Configuration, match="secret"):
        tell(mail_system)


@pytest.mark.parametrize(
    "address",
    [
        "http://mail.example.ac.jp/hook",
        "https://user:word@mail.example.ac.jp/",
        "https://mail.example.ac.jp:99999/",
        "https:///hook",
        "ftp://mail.example.ac.jp/",
        "https://mail.example.ac.jp/#part",
        "https://127.0.0.1/",
        "https://localhost:8443/",
        "",
    ],
)
def test_addresses_that_are_not_https_and_public_are_never_called(
    mail_system: ConnectedSystem, downstream: Downstream, address: str
) -> None:
    mail_system.address = address
    with pytest.raises(Configuration):
        tell(mail_system)
    assert downstream.requests == []


@pytest.mark.parametrize("path", ["my hook", "hook\x7f", "フック"])
def test_an_address_with_a_character_that_cannot_be_sent_stops_the_system(
    mail_system: ConnectedSystem, downstream: Downstream, path: str
) -> None:
    mail_system.address = downstream.url.replace("hook", path)
    with pytest.raises(Configuration, match="the request cannot be written"):
        tell(mail_system)
    assert downstream.requests == []


def test_an_answer_that_is_too_long_is_known_from_one_that_is_late(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    downstream.mood = says(200, b"x" * 70_000)
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert (failure.why, failure.maybe_applied) == ("no answer: the answer is too long", True)


def test_a_name_that_also_leads_inside_is_not_called(
    mail_system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch, downstream: Downstream
) -> None:
    def two_faced(*args: Any, **kwargs: Any) -> list[Any]:
        return [(2, 1, 6, "", ("203.0.114.5", 443)), (2, 1, 6, "", ("127.0.0.1", downstream.port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", two_faced)
    mail_system.address = "https://mail.example.ac.jp/hook"
    with pytest.raises(Configuration, match="public"):
        tell(mail_system)


def test_a_name_that_is_not_found_is_tried_again(mail_system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(hosts.socket, "getaddrinfo", unknown)
    mail_system.address = "https://mail.example.ac.jp/hook"
    assert isinstance(tell(mail_system).failure, Transient)


def test_only_the_very_port_that_was_allowed_may_be_private(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    mail_system.address = f"http://127.0.0.1:{downstream.port + 1}/hook"
    with pytest.raises(Configuration, match="https"):
        tell(mail_system)


def test_plain_text_where_tls_is_spoken_is_no_connection(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    mail_system.address = downstream.url.replace("http:", "https:")
    failure = tell(mail_system).failure
    assert isinstance(failure, Transient)
    assert not failure.maybe_applied
