"""A person at a real browser's end of the line to the site: sees an error page, presses SAVE again, is cut off."""

import http.client
import re
import socket
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

from django.test import Client

from accounts.models import Account
from policies.applications import TEXT_VERSION
from tests.factories import signed_in

PAGE = "/user-menu/mfa/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
SENT_WITHIN, PATIENCE_SECONDS = 0.2, 20


class Browser:
    """Signed in as one account."""

    def __init__(self, port: int, account: Account) -> None:
        self.port, jar = port, SimpleNamespace(cookies={})
        signed_in(cast("Client", jar), account)
        self.cookies: dict[str, str] = dict(jar.cookies)
        self.token = ""

    def has_applied(self) -> bool | None:
        """What the setting page says; None when it cannot be seen."""
        status, text = self._ask("GET")
        if status != http.client.OK:
            return None
        found = TOKEN.search(text)
        self.token = found[1] if found else self.token
        return 'name="use"' not in text

    def save(self) -> bool:
        """Answer Yes and press SAVE; True when the site said that this was done, and sent the browser back to its page."""
        return self._ask("POST", self._yes()) == (http.client.FOUND, PAGE)

    def save_and_leave(self) -> None:
        """Press SAVE and close the lid: the answer reaches nobody."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as line:
            body = self._yes()
            head = "".join(f"{name}: {value}\r\n" for name, value in self._headers(body).items())
            line.sendall(f"POST {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{head}\r\n{body}".encode())
            line.settimeout(SENT_WITHIN)
            line.recv(1)

    def _yes(self) -> str:
        return urlencode({"use": "yes", "text_version": TEXT_VERSION, "csrfmiddlewaretoken": self.token})

    def _headers(self, body: str) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))} if body else {}
        return {"Cookie": cookies, "Connection": "close", "Origin": f"http://127.0.0.1:{self.port}", **form}

    def _ask(self, method: str, body: str = "") -> tuple[int, str]:
        """Status and content, or where it sends the browser; 0 when no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, PAGE, body or None, self._headers(body))
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()
        self._keep(answer)
        return answer.status, answer.headers.get("Location", text)

    def _keep(self, answer: Any) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
