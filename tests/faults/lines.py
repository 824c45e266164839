"""The lines between the site and each connected system: a bad one loses, cuts or drips what passes, whatever is spoken over it."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.books import Moods

PIECE = 65536
LONGER_THAN_THE_LEASE = 5.0
DRIP_SECONDS = 0.15
MOMENT_SECONDS = 0.4
FEW_BYTES = 60
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of FIN


class Line:
    """Passes connections on to a port of this machine; each of them in the mood of its moment."""

    def __init__(self, system: str, port: int, moods: Moods) -> None:
        self.system, self.to, self.moods = system, port, moods
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            caller, _address = self.listener.accept()
            threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        mood = self.moods.now(self.system).replace("-", "_")
        try:
            getattr(self, f"mood_{mood}")(caller)
        finally:
            caller.close()

    def mood_fine(self, caller: socket.socket) -> None:
        self._both_ways(caller, caller.sendall)

    def mood_refused(self, caller: socket.socket) -> None:
        """Reset before anything was said."""
        _reset(caller)

    def mood_swallowed(self, caller: socket.socket) -> None:
        """What is asked reaches nobody, and nothing comes back."""
        caller.settimeout(LONGER_THAN_THE_LEASE)
        with suppress(OSError):
            while caller.recv(PIECE):
                pass

    def mood_answer_lost(self, caller: socket.socket) -> None:
        """What is asked arrives, nothing comes back, and the line stays open."""
        self._both_ways(caller, lambda piece: None)
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_half_closed(self, caller: socket.socket) -> None:
        """The other side says at once that it will not answer, and still listens."""
        with suppress(OSError):
            caller.shutdown(socket.SHUT_WR)
        self._both_ways(caller, lambda piece: None)

    def mood_cut(self, caller: socket.socket) -> None:
        """The line is closed after some bytes of the answer."""
        self._both_ways(caller, self._a_part_to(caller))

    def mood_reset(self, caller: socket.socket) -> None:
        """The line breaks after some bytes of the answer."""
        self._both_ways(caller, self._a_part_to(caller))
        _reset(caller)

    def mood_slow(self, caller: socket.socket) -> None:
        """The right answer, each piece of it a moment late."""

        def later(piece: bytes) -> None:
            time.sleep(MOMENT_SECONDS)
            caller.sendall(piece)

        self._both_ways(caller, later)

    def mood_trickles(self, caller: socket.socket) -> None:
        """The right answer, byte by byte, for longer than anybody waits."""

        def drip(piece: bytes) -> None:
            for number in range(len(piece)):
                caller.sendall(piece[number : number + 1])
                time.sleep(DRIP_SECONDS)

        self._both_ways(caller, drip)

    def _a_part_to(self, caller: socket.socket) -> Callable[[bytes], None]:
        left = self.moods.chance(0, FEW_BYTES)

        def pass_on(piece: bytes) -> None:
            nonlocal left
            caller.sendall(piece[:left])
            left -= len(piece)
            if left <= 0:
                raise ConnectionAbortedError

        return pass_on

    def _both_ways(self, caller: socket.socket, back: Callable[[bytes], None]) -> None:
        """What is asked is passed on; what is answered goes through `back` until it ends or that fails."""
        try:
            system = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            _reset(caller)
            return
        with system:
            threading.Thread(target=_forward, args=(caller, system), daemon=True).start()
            with suppress(OSError):
                while piece := system.recv(PIECE):
                    back(piece)


def _forward(caller: socket.socket, system: socket.socket) -> None:
    with suppress(OSError):
        while piece := caller.recv(PIECE):
            system.sendall(piece)
        system.shutdown(socket.SHUT_WR)


def _reset(caller: socket.socket) -> None:
    with suppress(OSError):
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        caller.close()
