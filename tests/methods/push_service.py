"""A push service on this machine: takes what the site sends, answers as told, and reads it as a browser would."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class PushService:
    """What came, and how to answer; `hang` seconds first. `answers` says both for single paths."""

    port: int = 0
    status: int = 201
    hang: float = 0.0
    location: str = ""
    answers: dict[str, tuple[int, float]] = field(default_factory=dict)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = b"sixteen bytes ok"

    def subscription(self, path: str = "/push/1") -> dict[str, Any]:
        """What a browser tells the site."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": f"http://127.0.0.1:{self.port}{path}", "keys": {"p256dh": _text(point), "auth": _text(self.auth)}}

    def read(self) -> bytes:
        """The newest message, decrypted with the browser's keys."""
        decrypted: bytes = http_ece.decrypt(self.received[-1][1], private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        return decrypted

    def claims(self, site: bytes) -> dict[str, Any]:
        """Who sent the newest message: the token's claims, once the signature is right under the site's key."""
        token, key = (part.partition("=")[2] for part in self.received[-1][0]["authorization"].removeprefix("vapid ").split(","))
        assert base64.urlsafe_b64decode(key + "=") == site
        audience = f"http://127.0.0.1:{self.port}"
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), site)
        claims: dict[str, Any] = jwt.decode(token, public, algorithms=["ES256"], audience=audience)
        return claims


@contextmanager
def push_service() -> Iterator[PushService]:
    """A service for the time of the block."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, seconds = service.answers.get(self.path, (service.status, service.hang))
            time.sleep(seconds)
            self.send_response(status)
            if service.location:
                self.send_header("Location", service.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
