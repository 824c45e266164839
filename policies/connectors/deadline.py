"""An exchange with another machine ends in time, whatever that machine does: says nothing, or drips byte by byte."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

PAUSE = 0.1  # seconds; a line that was being opened may be there by then


class Deadline:
    """A block whose line is hung up after so many seconds; `is_over` says that it was. `line` is asked only then: it may be another one."""

    def __init__(self, seconds: float, line: Callable[[], socket.socket | None]) -> None:
        self.seconds, self.line = seconds, line
        self.is_over = False
        self._left = Event()

    def __enter__(self) -> Self:
        Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._left.set()

    def _watch(self) -> None:
        pause = self.seconds
        while not self._left.wait(pause):
            self.is_over = True
            if line := self.line():
                hang_up(line)
            pause = PAUSE


def hang_up(line: socket.socket) -> None:
    """End whatever is sent or awaited on a line, from another thread.

    An SSLSocket's own `shutdown` lets go of TLS first, and what is sent at that moment would go out in plain text.
    """
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
