"""What is prepared for an outage: which ways of verifying are then asked last, and of whom. It changes an order and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from methods.registry import governed_kinds
from policies.rulebook.scope import Scoped

MOST_HOURS = 72
BETWEEN = "."


@dataclass(frozen=True, kw_only=True)
class Contingency(Scoped):
    """`out` names ways that do not work, as kind and way (`push.approve`); `hours` is how long it may last at most."""

    out: tuple[str, ...] = ()
    hours: int = 12


@dataclass(frozen=True)
class Declared:
    """What was agreed to, and until when."""

    uid: str
    what: Contingency
    until: datetime


def ways_known() -> dict[str, str]:
    """Every way that depends on something outside the person's hand: what is sent, called, or answered by a device."""
    return {
        f"{kind.code}{BETWEEN}{way.code}": kind.code
        for kind in governed_kinds()
        for way in kind.ways
        if kind.for_sign_in and (way.sends or way.waits) and way.code != "try"
    }


def contingency_from_json(stored: Mapping[str, Any]) -> Contingency:
    """One that was stored; TypeError or ValueError when it is none."""
    read = dict(stored)
    read |= {name: frozenset(stored[name]) for name in ("affiliations", "kinds", "roles", "groups", "accounts") if name in stored}
    made = Contingency(**read | {"out": tuple(stored["out"])})
    if not made.out or not 1 <= made.hours <= MOST_HOURS:
        raise ValueError("a contingency names what is out, and lasts at most three days")
    return made
