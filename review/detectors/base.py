"""What a detector tells the site: what it looks for, with which limits, and what it has found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

Limits = Mapping[str, float]


@dataclass(frozen=True)
class Limit:
    """One number that decides; an administrator may set it between `lowest` and `highest`."""

    name: str
    label: Promise
    default: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Found:
    """One finding. `subject` is the same whenever the same is found; `people` are the accounts it is about, by id."""

    subject: str
    facts: dict[str, Any] = field(default_factory=dict)
    account: int | None = None
    people: tuple[int, ...] = ()
    measure: float = 0


@dataclass(frozen=True)
class Detector:
    """`find` reads and changes nothing. `advice` says what to look at first."""

    code: str
    title: Promise
    advice: Promise
    limits: tuple[Limit, ...]
    find: Callable[[Limits, datetime], Iterable[Found]]

    def limit(self, name: str) -> Limit | None:
        """The limit of this name."""
        return next((limit for limit in self.limits if limit.name == name), None)


def detectors() -> dict[str, Detector]:
    """Every installed detector by its code (setting MFA_DETECTORS); ValueError when two have the same."""
    installed: list[Detector] = [import_string(f"{path}.DETECTOR") for path in settings.MFA_DETECTORS]
    by_code = {detector.code: detector for detector in installed}
    if len(by_code) != len(installed):
        raise ValueError("two detectors have the same code")
    return by_code
