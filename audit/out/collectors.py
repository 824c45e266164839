"""Where lines of events may go: this process's standard output, a syslog server, an https collector.

Each takes a batch, and returns once the other side has it; `NotTaken` says in a few words why it has not.
"""

import os
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from django.conf import settings

TIMEOUT = 10
ACCEPTED = range(200, 300)
AUDIT_FACILITY = 13  # log audit, RFC 5424 6.2.1
STANDARD_OUTPUT = 1
PORTS = {"tcp": 601, "tls": 6514}


class NotTaken(Exception):
    """The collector does not have the batch, or may not have it; in a few words, why."""


class Line(NamedTuple):
    """One event, ready to go: its name, how serious it is, when it happened, and the JSON."""

    name: str
    level: int
    at: str
    text: bytes


def to_stdout(lines: Sequence[Line]) -> None:
    """Written to the descriptor itself: Celery makes a log of what is printed."""
    data = memoryview(b"".join(line.text + b"\n" for line in lines))
    try:
        while data:
            data = data[os.write(STANDARD_OUTPUT, data) :]
    except OSError as error:
        raise NotTaken(error.strerror or "standard output is closed") from None


def to_syslog(address: str, lines: Sequence[Line]) -> None:
    """RFC 5424 over TCP or TLS (RFC 5425), framed by length.

    Syslog answers nothing. So we say that we have finished, and wait until the server has read everything and says so, too.
    """
    try:
        with _connected(address) as channel:
            channel.sendall(b"".join(map(_framed, lines)))
            _finish(channel)
    except (OSError, ssl.SSLError) as error:
        raise NotTaken(_why(error)) from None


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    plain = socket.create_connection((parts.hostname, parts.port or PORTS[parts.scheme]), timeout=TIMEOUT)
    if parts.scheme != "tls":
        return plain
    try:
        context = ssl.create_default_context(cafile=settings.MFA_EVENTS_CA or None)
        return context.wrap_socket(plain, server_hostname=parts.hostname)
    except (OSError, ssl.SSLError):
        plain.close()
        raise


def _finish(channel: socket.socket) -> None:
    if isinstance(channel, ssl.SSLSocket):
        with suppress(ssl.SSLEOFError):  # a server that closes without a word has read everything all the same, else it would reset
            channel.unwrap().close()
        return
    channel.shutdown(socket.SHUT_WR)
    while channel.recv(4096):
        pass


def _framed(line: Line) -> bytes:
    priority, host = AUDIT_FACILITY * 8 + line.level, urlsplit(settings.MFA_PUBLIC_URL).hostname or "-"
    message = f"<{priority}>1 {line.at} {host} mfaadmin - {line.name[:32]} - ".encode("ascii") + line.text
    return b"%d %b" % (len(message), message)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return str(getattr(error, "strerror", None) or type(error).__name__)


def to_url(address: str, lines: Sequence[Line]) -> None:
    """Lines of JSON, posted. The setting names the address; no redirect leads to another (R-205)."""
    headers = {"Content-Type": "application/x-ndjson"}
    if settings.MFA_EVENTS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.MFA_EVENTS_TOKEN}"
    data = b"".join(line.text + b"\n" for line in lines)
    verify = settings.MFA_EVENTS_CA or True
    try:
        with requests.post(address, data, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True, verify=verify) as answer:
            if answer.status_code not in ACCEPTED:
                raise NotTaken(f"HTTP {answer.status_code}")
    except requests.RequestException as error:
        raise NotTaken(type(error).__name__) from None
