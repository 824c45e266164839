"""A directory that signs everybody in and then never comes to an end: it drips, or sends more than anybody asked for."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.policies.certificates import Authority

MOST_SECONDS, PAUSE = 12, 0.05
MOST_BYTES, PIECE = 8 * 1024 * 1024, 64 * 1024
BIND, ENTRY = 0x61, 0x64  # kinds of answers
Mood = Callable[["Mischief", socket.socket, bytes], None]


def ber(tag: int, *parts: bytes) -> bytes:
    """A value of less than 128 bytes with its tag and length."""
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def number_of(request: bytes) -> bytes:
    """The number of a request, which its answer repeats."""
    start = 2 + max(0, request[1] - 0x80)
    return request[start + 2 : start + 2 + request[start + 1]]


def message(number: bytes, answer: bytes) -> bytes:
    return ber(0x30, ber(0x02, number), answer)


def success(number: bytes, kind: int) -> bytes:
    return message(number, ber(kind, ber(0x0A, b"\0"), ber(0x04), ber(0x04)))


@dataclass
class Mischief:
    """A directory for one connection; at `when` (hello, StartTLS, search) it falls into its `mood`."""

    authority: Authority
    when: str
    mood: Mood
    let_go: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    sent: int = 0

    @property
    def address(self) -> str:
        return f"{'ldap' if self.when == 'StartTLS' else 'ldaps'}://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            line, _whence = listener.accept()
            with line:
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        if self.when == "hello":
            return self.mood(self, line, b"")
        if self.when == "StartTLS":
            return self.mood(self, line, number_of(line.recv(4096)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.authority.issue("mischief"))
        with context.wrap_socket(line, server_side=True) as inner:
            inner.sendall(success(number_of(inner.recv(4096)), BIND))
            return self.mood(self, inner, number_of(inner.recv(4096)))

    def drip(self, line: socket.socket, piece: bytes) -> None:
        over = monotonic() + MOST_SECONDS
        while monotonic() < over and not self.let_go.wait(PAUSE):
            line.sendall(piece)

    def flood(self, line: socket.socket, piece: bytes) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
        while self.sent < MOST_BYTES:
            line.sendall(piece)
            self.sent += len(piece)


def drips_bytes(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """An answer of two gigabytes, byte by byte."""
    line.sendall(b"\x30\x84\x7f\xff\xff\xff")
    mischief.drip(line, b"\0")


def drips_a_handshake(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """A record of TLS, byte by byte."""
    line.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
    mischief.drip(line, b"\3")


def drips_entries(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """One more entry now and then, for ever."""
    mischief.drip(line, message(number, ber(ENTRY, ber(0x04, b"uid=1,dc=example"), ber(0x30))))


def floods_with_bytes(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """An answer of four gigabytes, as fast as it is taken."""
    line.sendall(b"\x30\x84\xff\xff\xff\xff")
    mischief.flood(line, bytes(PIECE))


def floods_with_entries(mischief: Mischief, line: socket.socket, number: bytes) -> None:
    """Everybody in the world."""
    entry = message(number, ber(ENTRY, ber(0x04, b"uid=1,dc=example"), ber(0x30)))
    mischief.flood(line, entry * (PIECE // len(entry)))


@contextmanager
def mischief_running(folder: Path, when: str, mood: Mood) -> Iterator[Mischief]:
    """Such a directory on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        mischief = Mischief(Authority(folder), when, mood, port=listener.getsockname()[1])
        thread = threading.Thread(target=mischief.serve, args=[listener], daemon=True)
        thread.start()
        yield mischief
        mischief.let_go.set()
        thread.join(MOST_SECONDS)
