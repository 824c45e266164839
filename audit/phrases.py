"""What the words of an event are made of."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Severity(StrEnum):
    """How much an event deserves a look; the value is the tone it is shown in."""

    ROUTINE = "neutral"
    CHANGE = "info"
    WARNING = "warning"
    SERIOUS = "danger"


SEVERITIES: dict[Severity, Promise] = {
    Severity.ROUTINE: _("Routine"),
    Severity.CHANGE: _("A change"),
    Severity.WARNING: _("Failed or refused"),
    Severity.SERIOUS: _("Serious"),
}


@dataclass(frozen=True)
class Wording:
    """Blanks are the keys of before (as old_…) and after, besides %(account)s and %(by)s, which alone the last sentence needs.

    %(known_account)s is left out where an event is on no account.
    """

    title: Promise
    severity: Severity
    sentences: tuple[Promise, ...]


def routine(title: Promise, *sentences: Promise) -> Wording:
    """Every day's work."""
    return Wording(title, Severity.ROUTINE, sentences)


def change(title: Promise, *sentences: Promise) -> Wording:
    """Something is different now."""
    return Wording(title, Severity.CHANGE, sentences)


def warning(title: Promise, *sentences: Promise) -> Wording:
    """Something failed or was refused."""
    return Wording(title, Severity.WARNING, sentences)


def serious(title: Promise, *sentences: Promise) -> Wording:
    """An account became less protected, or somebody became more powerful."""
    return Wording(title, Severity.SERIOUS, sentences)
