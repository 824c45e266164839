"""Hook points, in the workers of the harness alone: at a named point a worker may die, or sleep past its lease.

The file `points.json` in FAULT_FOLDER says what is to happen; each line of `points.log` is one time that it did.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from accounts.models import Account
from policies import confirming, propagation
from policies.connectors import local, scim_service, web

FOLDER = Path(os.environ["FAULT_FOLDER"])
POINTS = ("after-claim", "before-request", "after-request", "before-commit")
dice = random.Random()


def reach(point: str) -> None:
    """What was ordered for this point happens, until it has happened as often as was ordered."""
    try:
        order = json.loads((FOLDER / "points.json").read_text())
    except (OSError, ValueError):
        return
    if order.get("point") != point or dice.random() > order.get("share", 1) or not _is_left(order):
        return
    if order["what"] == "sleep":
        os.kill(os.getpid(), signal.SIGSTOP)  # the harness wakes it up
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def _is_left(order: dict[str, Any]) -> bool:
    """One of the numbered permits is taken: so many files, each of which only one process can remove."""
    for number in range(order["times"]):
        try:
            (FOLDER / f"permit-{number}").unlink()
        except FileNotFoundError:
            continue
        _note(order["point"], order["what"])
        return True
    return False


def _note(point: str, what: str) -> None:
    with (FOLDER / "points.log").open("a") as log:
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


def poison(changes: Any) -> None:
    """The account named in `poison` kills every worker that takes it in hand."""
    try:
        name = (FOLDER / "poison").read_text()
    except OSError:
        return
    if Account.objects.filter(common_id=name).exists() and name in {change.account for change in changes}:
        os.kill(os.getpid(), signal.SIGKILL)


def poisonous(function: Any) -> Any:
    @wraps(function)
    def wrapped(row: Any) -> Any:
        change = function(row)
        poison([change])
        return change

    return wrapped


around(propagation, "claim", after="after-claim")
around(web, "ask", before="before-request", after="after-request")
around(scim_service, "ask", before="before-request", after="after-request")
around(local, "_set", before="before-request", after="after-request")
around(confirming, "settle_all", after="before-commit")
propagation._change = poisonous(propagation._change)
