"""Registering methods as a browser does, and reading what is sent to whom."""

import re
from contextlib import suppress
from typing import Any

from django.core import mail
from django.test import Client

from accounts.models import Account
from methods import delivery
from methods.models import Message, MessageState
from tests.factories import app_code, signed_in


class Handset:
    """A gateway that keeps the texts; what it should answer next can be told."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self.trouble: Exception | None = None

    def send_sms(self, device: Any, token: str) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.texts.append((device.number.as_e164, token))
        return f"SM{len(self.texts)}"

    def place_call(self, number: Any, token: str) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.calls.append((number.as_e164, token))
        return f"CA{len(self.calls)}"

    @property
    def code(self) -> str:
        """The code of the newest text."""
        return self.texts[-1][1]


def send_all() -> None:
    """What the worker does when it finds messages to send."""
    for channel in delivery.CHANNELS:
        for message_id in delivery.due(channel):
            with suppress(Message.DoesNotExist):
                delivery.deliver(message_id)


def mailed_code() -> str:
    """The code in the mail that is on its way."""
    send_all()
    return re.search(r"\b(\d{6})\b", mail.outbox[-1].body)[1]


def states() -> list[str]:
    """How the messages stand, oldest first."""
    return [MessageState(state).value for state in Message.objects.order_by("due_at").values_list("state", flat=True)]


def fresh_browser(account: Account) -> Client:
    """A browser signed in and verified just now."""
    client = Client()
    signed_in(client, account)
    return client


def key_on(page: Any) -> str:
    """The key that the page shows as text."""
    return re.search(r'id="qr-key">([A-Z2-7 ]+)<', page.content.decode())[1]


def add_app(client: Client, name: str = "", *, steps_ahead: int = 0) -> str:
    """Register an authenticator app through the pages; returns its key."""
    client.post("/security-info/totp/")
    key = key_on(client.get("/security-info/totp/scan/"))
    answer = client.post("/security-info/totp/scan/", {"code": app_code(key, steps_ahead=steps_ahead), "name": name})
    assert answer.status_code == 302, answer.content.decode()
    return key


def enter_number(client: Client, number: str = "090-1234-5678", country: str = "JP", **fields: str) -> Any:
    return client.post("/security-info/phone/", {"country": country, "number": number, "way": "text"} | fields)
