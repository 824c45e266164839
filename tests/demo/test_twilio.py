"""The fake Twilio as its real client and a careful receiver of callbacks see it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
import requests
from pytest_django.fixtures import Settings
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from methods.gateways.base import NeverSent, NotSent
from methods.gateways.twilio.client import TwilioGateway, _client
from tests.demo.running import PATIENCE, RunningDemo, wait_until

HANA, BAD, OURS = "+819012345678", "+8112", "+81300000000"


def _device(number: str) -> SimpleNamespace:
    return SimpleNamespace(number=SimpleNamespace(as_e164=number))


class _Callbacks(BaseHTTPRequestHandler):
    """Keeps what was posted to it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((dict(parse_qsl(body)), self.headers["X-Twilio-Signature"]))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def callbacks() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Callbacks)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_text_sent_by_the_site_shows_on_the_demo_phone(demo: RunningDemo, at_the_demo: Settings) -> None:
    sid = TwilioGateway().send_sms(_device(HANA), "314159")
    assert sid.startswith("SM")
    assert "314159" in requests.get(f"{demo.url}/demo/phone/{HANA}/", timeout=PATIENCE).text
    assert "+81 90-1234-5678" in requests.get(f"{demo.url}/demo/phone/", timeout=PATIENCE).text


def test_a_bad_number_is_refused_with_code_21211(at_the_demo: Settings) -> None:
    with pytest.raises(NeverSent, match="21211"):
        TwilioGateway().send_sms(_device(BAD), "314159")


def test_a_wrong_token_is_refused(at_the_demo: Settings) -> None:
    at_the_demo.TWILIO_AUTH_TOKEN = "wrong"
    with pytest.raises(NotSent, match="20003"):
        TwilioGateway().send_sms(_device(HANA), "314159")


def test_a_text_without_a_body_is_refused(at_the_demo: Settings) -> None:
    with pytest.raises(TwilioRestException, match="body is required"):
        _client().messages.create(to=HANA, from_=OURS)


def test_the_client_reads_back_what_it_sent(at_the_demo: Settings) -> None:
    message = _client().messages.create(to=HANA, from_=OURS, body="Hello")
    assert (message.to, message.from_, message.body, message.status) == (HANA, OURS, "Hello", "queued")
    assert message.date_created.tzinfo is not None


def test_status_callbacks_come_after_the_answer_and_carry_a_valid_signature(at_the_demo: Settings, callbacks: HTTPServer) -> None:
    address = f"http://127.0.0.1:{callbacks.server_port}/hooks/status?message=1"
    message = _client().messages.create(to=HANA, from_=OURS, body="Hello", status_callback=address)
    wait_until(lambda: len(callbacks.got) == 2, "two callbacks", 20)  # type: ignore[attr-defined]
    validator = RequestValidator(at_the_demo.TWILIO_AUTH_TOKEN)
    for facts, signature in callbacks.got:  # type: ignore[attr-defined]
        assert facts["MessageSid"] == message.sid
        assert validator.validate(address, facts, signature)
    assert [facts["MessageStatus"] for facts, _ in callbacks.got] == ["sent", "delivered"]  # type: ignore[attr-defined]
