"""Requests to other machines that stay where they were meant to go (R-205).

The connection goes to an address that was judged, over TLS whose certificate was checked. No redirects, a bounded time for
the whole exchange, a bounded answer.
"""

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, InvalidURL
from urllib.parse import urlsplit

from django.conf import settings

from policies.connectors.deadline import Deadline
from policies.connectors.hosts import TOO_LATE, NotAllowed, Unreachable, check_host, connect, is_named_private
from policies.leases import may_speak

CONNECT_SECONDS = 5.0
EXCHANGE_SECONDS = 25.0
LONGEST_ANSWER = 64 * 1024
TOO_LONG = "the answer is too long"
PORTS = {"http": 80, "https": 443}


class NoAnswer(Exception):
    """The request was sent, and no whole answer came back."""


@dataclass(frozen=True)
class Reply:
    """An answer: status, its headers by lower-case name, and its content."""

    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Target:
    """Where a request goes, taken apart and allowed."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """NotAllowed unless it is https to a host that may be spoken to, or a private one that is listed by name."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotAllowed("the address cannot be read") from None
    host = parts.hostname or ""
    if not host or not port or parts.username is not None or parts.fragment:
        raise NotAllowed("the address cannot be read")
    if parts.scheme != "https" and not is_named_private(host, port):
        raise NotAllowed("the address is not https")
    check_host(host, port)
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path)


@lru_cache(maxsize=32)  # reading the authorities of the system takes longer than most requests
def trusting(certificates: str = "") -> ssl.SSLContext:
    """TLS that checks name and certificate; with `certificates` (PEM) only these authorities are believed."""
    try:
        return ssl.create_default_context(cadata=certificates or None)
    except (ssl.SSLError, ValueError):
        raise NotAllowed("the certificates of the authority cannot be read") from None


def _connect(target: Target, certificates: str) -> socket.socket:
    context = trusting(certificates) if target.scheme == "https" else None
    line = connect(target.host, target.port, CONNECT_SECONDS)
    if context is None:
        return line
    return context.wrap_socket(line, server_hostname=target.host, do_handshake_on_connect=False)


def longest_exchange() -> float:
    """Seconds that a request may take; well below the lease under which it is made."""
    return min(EXCHANGE_SECONDS, settings.MFA_DELIVERY_LEASE_SECONDS / 2)


@dataclass(frozen=True)
class Request:
    """What is sent; `longest` bounds the answer, `seconds` the time; `certificates` are the only authorities that are believed, if given."""

    method: str
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    certificates: str = ""
    longest: int = LONGEST_ANSWER
    seconds: float = EXCHANGE_SECONDS


def send(request: Request) -> Reply:
    """Send one request and read its answer; NotAllowed, Unreachable, NoAnswer."""
    target = target_of(request.url)
    line = _connect(target, request.certificates)
    with closing(line), Deadline(min(request.seconds, longest_exchange()), lambda: line) as deadline:
        try:
            _shake_hands(line)
            return _exchange(target, line, request)
        except (OSError, HTTPException) as error:
            raise NoAnswer("TimeoutError" if deadline.is_over else type(error).__name__) from None


def _shake_hands(line: socket.socket) -> None:
    if isinstance(line, ssl.SSLSocket):
        try:
            line.do_handshake()
        except ssl.SSLCertVerificationError:
            raise NotAllowed("the certificate is not valid for this address") from None
        except (OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None


def _exchange(target: Target, line: socket.socket, request: Request) -> Reply:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    line.settimeout(longest_exchange())
    if not may_speak():
        raise Unreachable(TOO_LATE)
    headers = request.headers | {"Host": target.name, "Connection": "close", "User-Agent": "mfaadmin"}
    try:
        connection.request(request.method, target.path, request.body or None, headers)
    except (ValueError, InvalidURL):  # its text quotes the header, which may bear credentials
        raise NotAllowed("the request cannot be written") from None
    return _read(connection.getresponse(), request.longest)


def _read(response: HTTPResponse, longest: int) -> Reply:
    content = response.read(longest + 1)
    if len(content) > longest:
        raise NoAnswer(TOO_LONG)
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
