"""An exchange that takes too long is ended from outside, and nothing leaves in plain text meanwhile."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import pytest

from policies.connectors.deadline import Deadline, hang_up


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_line_is_hung_up_when_its_time_is_over(ends: tuple[socket.socket, socket.socket]) -> None:
    with Deadline(0.1, lambda: ends[0]) as deadline:
        assert ends[0].recv(1) == b""
        assert deadline.is_over


def test_a_line_that_comes_about_only_when_the_time_is_over_is_hung_up_all_the_same(ends: tuple[socket.socket, socket.socket]) -> None:
    lines: list[socket.socket | None] = [None]
    with Deadline(0, lambda: lines[0]) as deadline:
        began = monotonic()
        while not deadline.is_over and monotonic() - began < 20:
            pass
        lines[0] = ends[0]
        assert ends[0].recv(1) == b""


def test_a_line_is_left_alone_once_the_block_is(ends: tuple[socket.socket, socket.socket]) -> None:
    asked: list[str] = []
    with Deadline(0.05, lambda: asked.append("")) as deadline:
        pass
    ends[0].settimeout(0.2)
    with pytest.raises(TimeoutError):
        ends[0].recv(1)
    assert not deadline.is_over
    assert asked == []


def test_hanging_up_twice_or_a_line_that_is_closed_does_no_harm() -> None:
    line = socket.socket()
    hang_up(line)
    hang_up(line)
    line.close()
    hang_up(line)


def test_what_is_sent_while_a_line_is_hung_up_is_never_plain_text(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context()
    line = context.wrap_socket(ends[0], server_hostname="mail.example.ac.jp", do_handshake_on_connect=False)
    line.settimeout(0.2)

    def sending(itself: socket.socket, how: int) -> None:
        with suppress(OSError):
            itself.sendall(b"the secret")

    with line, monkeypatch.context() as patch:
        patch.setattr(socket.socket, "shutdown", sending)
        hang_up(line)
    assert b"the secret" not in ends[1].recv(4096)
