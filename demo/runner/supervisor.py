"""Starts children in order, keeps them running, ends them in reverse order."""

import time
from collections.abc import Callable

from demo.runner.child import GRACE_SECONDS, Child
from demo.runner.refusal import CannotStart
from demo.runner.stopping import Stopping

TICK_SECONDS = 0.2
TRIES_AT_START = 3


class Supervisor:
    """The children of one demo. Call everything from the main thread."""

    def __init__(self, stopping: Stopping, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._stopping, self._say = stopping, say

    def start(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def wait_for(self, child: Child, answers: Callable[[], bool], seconds: float, *, tries: int = TRIES_AT_START) -> None:
        """Until `answers()`; CannotStart when the child has ended `tries` times or the time is over. Returns early to stop."""
        over, failures = time.monotonic() + seconds, 0
        while not self._stopping.is_asked and not answers():
            failures += self._care().count(child)
            if failures >= tries or time.monotonic() > over:
                raise CannotStart(f"The {child.program.title} did not start. Its log says why: {child.log}")
            time.sleep(TICK_SECONDS)

    def watch(self) -> None:
        """Start again whatever ends by itself, until asked to stop."""
        while not self._stopping.is_asked:
            self._care()
            time.sleep(TICK_SECONDS)

    def _care(self) -> list[Child]:
        """Start again what is due; the children that have ended by themselves since the last look."""
        ended = []
        for child in self.children:
            child.trim_log()
            code = child.ended()
            if code is not None:
                ended.append(child)
                self._say(f"The {child.program.title} ended by itself ({_in_words(code)}) and is started again. Its log: {child.log}")
            elif child.is_due():
                child.start()
        return ended

    def end(self) -> None:
        """End all children, the last one first; those that others stand on are asked when the others have gone."""
        for is_ground in (False, True):
            self._end([child for child in reversed(self.children) if child.program.is_ground is is_ground])

    def _end(self, children: list[Child]) -> None:
        """Within GRACE_SECONDS, or at once when asked a second time."""
        for child in children:
            child.stop()
        over = time.monotonic() + GRACE_SECONDS
        while children:
            now = self._stopping.is_insisted or time.monotonic() > over
            children = [child for child in children if not child.is_gone(now=now)]
            time.sleep(TICK_SECONDS / 4)


def _in_words(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
