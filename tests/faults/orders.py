"""What is to happen at a named point of a program of the site: it dies there, or sleeps until it is woken up.

The harness gives the order in a file; each process that reaches the point carries it out until it has happened as often as was
ordered. Every line of `points.log` is one time that it did.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

AFTER_SLEEP = "after-request"  # where a sleeper dies that is to die after what it was about to do
dice = random.Random()


class Doomed:
    """Whether this process is to die at its next chance."""

    now = False


def _folder() -> Path:
    return Path(os.environ["FAULT_FOLDER"])


def order(point: str, *, times: int = 1, share: float = 1.0, what: str = "dies") -> None:
    """From now on, so many times, whoever reaches the point does this, with this probability."""
    for number in range(times):
        (_folder() / f"permit-{number}").touch()
    beside = _folder() / "points.new"
    beside.write_text(json.dumps({"point": point, "times": times, "share": share, "what": what}))
    beside.replace(_folder() / "points.json")


def forget_orders() -> list[str]:
    """Nothing happens any more; what did since the last time, a word each."""
    (_folder() / "points.json").unlink(missing_ok=True)
    for permit in _folder().glob("permit-*"):
        permit.unlink(missing_ok=True)
    log = _folder() / "points.log"
    happened = [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []
    log.unlink(missing_ok=True)
    return happened


def reach(point: str) -> None:
    """What was ordered for this point happens; called in the processes of the site."""
    if Doomed.now and point == AFTER_SLEEP:
        note(point, "dies")
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        given = json.loads((_folder() / "points.json").read_text())
    except (OSError, ValueError):
        return
    if given.get("point") != point or dice.random() > given.get("share", 1) or not _is_left(given):
        return
    note(given["point"], given["what"])
    Doomed.now = given["what"] == "sleeps-and-dies"
    os.kill(os.getpid(), signal.SIGKILL if given["what"] == "dies" else signal.SIGSTOP)


def _is_left(given: dict[str, Any]) -> bool:
    """One of the numbered permits is taken: so many files, each of which only one process can remove."""
    for number in range(given["times"]):
        try:
            (_folder() / f"permit-{number}").unlink()
        except FileNotFoundError:
            continue
        return True
    return False


def note(point: str, what: str) -> None:
    """One line of the log."""
    with (_folder() / "points.log").open("a") as log:
        log.write(f"{os.getpid()} {point} {what}\n")


def around(module: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Pass these points when the function is called."""
    function: Callable[..., Any] = getattr(module, name)

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        reach(before)
        result = function(*args, **kwargs)
        reach(after)
        return result

    setattr(module, name, wrapped)
