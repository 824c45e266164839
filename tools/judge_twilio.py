"""Let independent judges look at what the gateway asks of Twilio, and at the reports that it takes.

`python tools/judge_twilio.py http://127.0.0.1:4010`, with one of these there:

- Prism (npm, @stoplight/prism-cli) serving `twilio_api_v2010.json`, Twilio's own OpenAPI description. Each array in a form needs an
  `encoding` of style "form" in it first; Prism refuses all of them otherwise.
- `emulate start --service twilio --port 4010` (npm, emulate@0.11.2), which knows its own account: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
  and TWILIO_CALLER_ID to what its README names. It also reports what became of a text, signed.
"""

import os
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from types import SimpleNamespace
from urllib.parse import parse_qsl

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "mfaadmin.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from phonenumber_field.phonenumber import PhoneNumber  # noqa: E402
from twilio.request_validator import RequestValidator  # noqa: E402

from methods.gateways.base import MaybeSent, NotSent  # noqa: E402
from methods.gateways.twilio.client import TwilioGateway, _client  # noqa: E402

ACCOUNT = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_CALLER_ID")
PATIENCE = 5
NUMBER = "+819012345678"


class Reports(ThreadingHTTPServer):
    """Takes the reports that a judge sends, and says whether each is signed as Twilio signs."""

    daemon_threads = True

    def __init__(self) -> None:
        self.signed: Queue[bool] = Queue()
        super().__init__(("127.0.0.1", 0), _Reporting)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def verdict(self) -> str:
        """Of the first report, if one comes."""
        try:
            return "signed" if self.signed.get(timeout=PATIENCE) else "not signed as it should be"
        except Empty:
            return "none came"


class _Reporting(BaseHTTPRequestHandler):
    server: Reports

    def do_POST(self) -> None:
        """One report."""
        fields = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
        self.server.signed.put(validator.validate(settings.MFA_PUBLIC_URL + self.path, fields, self.headers["X-Twilio-Signature"] or ""))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Quiet."""


def main(address: str) -> int:
    """Print what the judge says of each request; 1 when it refuses one that is right, or whatever is wrong passes with it."""
    reports = Reports()
    settings.TWILIO_API_BASE, settings.MFA_PUBLIC_URL = address, f"http://127.0.0.1:{reports.server_address[1]}"
    for name in ACCOUNT:
        setattr(settings, name, os.environ.get(name) or getattr(settings, name))
    number = PhoneNumber.from_string(NUMBER)
    extension = PhoneNumber.from_string("tel:+81-3-5842-2000;ext=42")
    device, gateway = SimpleNamespace(number=number), TwilioGateway()
    requests: dict[str, tuple[bool, Callable[[], object]]] = {
        "a text": (True, lambda: gateway.send_sms(device, "012345")),
        "a text with a report": (True, lambda: gateway.send_reported(device, "012345", "token")),
        "a call": (True, lambda: gateway.place_call(number, "token")),
        "a call to an extension": (True, lambda: gateway.place_call(extension, "token")),
        "a call with a wrong type": (False, lambda: _client().calls.create(to=NUMBER, from_=settings.TWILIO_CALLER_ID, timeout="soon")),
        "a text to no number": (False, lambda: _client().messages.create(to="12", from_=settings.TWILIO_CALLER_ID, body="x")),
    }
    taken: dict[bool, list[bool]] = {True: [], False: []}
    for name, (is_right, ask) in requests.items():
        try:
            said = f"accepted: {getattr(made := ask(), 'sid', made)}"
        except (NotSent, MaybeSent) as error:
            said = f"refused: {type(error).__name__} {error}"
        except Exception as error:  # noqa: BLE001  the client's own, for the requests that are wrong
            said = f"refused: {error}".splitlines()[0]
        taken[is_right].append(said.startswith("accepted"))
        print(f"{name:<28}{said}")
    verdict = reports.verdict()
    print(f"{'its report':<28}{verdict}")
    return int(not all(taken[True]) or all(taken[False]) or verdict.startswith("not"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
