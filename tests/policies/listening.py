"""A small web server for tests: in a thread of its own, until the test is over."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


@contextmanager
def listening(server: ThreadingHTTPServer | WSGIServer) -> Iterator[None]:
    """Answer requests."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Silent."""


class JsonHandler(BaseHTTPRequestHandler):
    """Reads a body, answers JSON or whatever bytes it is given."""

    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, said: Any = None, **headers: str) -> None:
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        known = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in (known | {name.replace("_", "-"): value for name, value in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Silent."""
