"""A provider on this machine that speaks Twilio's language and has every trouble a provider can have."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCEPTED = json.dumps({"sid": "SM" + "a" * 32, "status": "queued"})


def refusal(status: int, code: int) -> tuple[int, str]:
    return status, json.dumps({"code": code, "message": "refused", "status": status})


def problem(status: int, code: int) -> tuple[int, str]:
    """The newer form of an error, as RFC 9457 has it."""
    return status, json.dumps({"type": "about:blank", "title": "refused", "status": status, "code": code})


class Provider(ThreadingHTTPServer):
    """Answers as `script` says: a status and a body, "hang", "hang up" or "reset"; keeps what it was sent.

    `scripts` say it for single numbers.
    """

    daemon_threads = True
    request_queue_size = 64
    script: Any = (201, ACCEPTED)
    hangs_seconds: float = 3

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.scripts: dict[str, Any] = {}
        super().__init__(("127.0.0.1", 0), _Answering)
        self._listen()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def _listen(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        """From here on connections are refused."""
        self.shutdown()
        self.server_close()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Nobody listens for the time of the block; then the provider does again, on the port it had."""
        self.close()
        try:
            yield
        finally:
            self.socket = socket.socket(self.address_family, self.socket_type)
            self.server_bind()
            self.server_activate()
            self._listen()


class _Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        facts = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.requests.append((self.path, facts))
        script = self.server.scripts.get(facts.get("To", ""), self.server.script)
        if script == "hang":
            time.sleep(self.server.hangs_seconds)
        elif script == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif script == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.send_response(script[0])
            self.send_header("Content-Length", str(len(script[1].encode())))
            self.end_headers()
            self.wfile.write(script[1].encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Quiet."""


@contextmanager
def provider() -> Iterator[Provider]:
    server = Provider()
    yield server
    server.close()


def a_closed_port() -> str:
    """Where nobody listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{nobody.getsockname()[1]}"
