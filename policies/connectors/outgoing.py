"""Requests to other machines that stay where they were meant to go (R-205).

The name is looked up once, the addresses are judged, and the connection goes to a judged address: a name that changes
its mind in between leads nowhere. No redirects, a bounded time for the whole exchange, a bounded answer.
"""

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

CONNECT_SECONDS = 5.0
EXCHANGE_SECONDS = 25.0
LONGEST_ANSWER = 64 * 1024
GLOBAL_UNICAST, NAT64 = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class NotAllowed(Exception):
    """The address is not one that this site may speak to."""


class Unreachable(Exception):
    """No connection came about: nothing was sent."""


class NoAnswer(Exception):
    """The request was sent, and no whole answer came back in time."""


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
    private: bool

    @property
    def name(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """NotAllowed unless it is https, or a host of MFA_WEBHOOK_PRIVATE_HOSTS; a user name in it is never allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotAllowed("the address cannot be read") from None
    host = parts.hostname or ""
    if not host or not port or parts.username is not None or parts.fragment:
        raise NotAllowed("the address cannot be read")
    private = not {host, f"{host}:{port}"}.isdisjoint(settings.MFA_WEBHOOK_PRIVATE_HOSTS)
    if parts.scheme != "https" and not private:
        raise NotAllowed("the address is not https")
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, private)


def is_public(text: str) -> bool:
    """Whether an address belongs to the internet at large, also when an IPv4 one is wrapped in IPv6."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return _is_public_v6(address)
    return address.is_global and not address.is_multicast


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    wrapped = address.ipv4_mapped or address.sixtofour
    if address in NAT64:
        wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return is_public(str(wrapped)) if wrapped else address.is_global and address in GLOBAL_UNICAST


def _address(target: Target) -> str:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("the name was not found") from None
    addresses = [str(info[4][0]) for info in found]
    if not target.private and not all(is_public(address.split("%")[0]) for address in addresses):
        raise NotAllowed("the address is not a public one")
    return addresses[0]


def _connect(target: Target, address: str) -> socket.socket:
    try:
        line = socket.create_connection((address, target.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Unreachable(type(error).__name__) from None
    if target.scheme == "http":
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=target.host, do_handshake_on_connect=False)


def longest_exchange() -> float:
    """Seconds that a request may take; well below the lease under which it is made."""
    return min(EXCHANGE_SECONDS, settings.MFA_DELIVERY_LEASE_SECONDS / 2)


def post(url: str, body: bytes, headers: dict[str, str]) -> Reply:
    """Send one POST and read its answer; NotAllowed, Unreachable, NoAnswer."""
    target = target_of(url)
    line = _connect(target, _address(target))
    deadline = Timer(longest_exchange(), _hang_up, [line])
    deadline.daemon = True
    deadline.start()
    try:
        _shake_hands(line)
        return _exchange(target, line, body, headers)
    except (OSError, HTTPException) as error:
        raise NoAnswer(type(error).__name__) from None
    finally:
        deadline.cancel()
        line.close()


def _hang_up(line: socket.socket) -> None:
    """End an exchange that takes too long, also one that drips byte by byte."""
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        line.close()


def _shake_hands(line: socket.socket) -> None:
    if isinstance(line, ssl.SSLSocket):
        try:
            line.do_handshake()
        except (OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None


def _exchange(target: Target, line: socket.socket, body: bytes, headers: dict[str, str]) -> Reply:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    line.settimeout(longest_exchange())
    connection.request("POST", target.path, body, headers | {"Host": target.name, "Connection": "close"})
    return _read(connection.getresponse())


def _read(response: HTTPResponse) -> Reply:
    content = response.read(LONGEST_ANSWER + 1)
    if len(content) > LONGEST_ANSWER:
        raise HTTPException("the answer is too long")
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
