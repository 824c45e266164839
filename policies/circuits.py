"""A circuit for each connected system: after some failures in a row it is left in peace, then tried with one change alone (R-229).

Closed: everything passes. Open: nothing until the pause is over. Half-open: the pause is over and one change tells whether
the system is back; if it is, the circuit closes, otherwise it stays open for another, longer pause.
"""

import random
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from audit.catalogue import EventName
from audit.record import record
from policies.connectors.base import Transient
from policies.models import ConnectedSystem

PATIENCE = 3  # failures in a row that open a circuit
LONGEST_PAUSE = timedelta(minutes=5)


class Circuit(StrEnum):
    """Whether changes pass to a system."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


def circuit_of(system: ConnectedSystem, now: datetime) -> Circuit:
    """How the system's circuit stands at this moment."""
    if system.opened_at is None:
        return Circuit.CLOSED
    return Circuit.OPEN if system.paused_until and system.paused_until > now else Circuit.HALF_OPEN


@transaction.atomic
def note_failure(system: ConnectedSystem, failure: Transient, now: datetime) -> None:
    """Count a failure; pause for as long as the system asks, or when it has failed several times in a row."""
    row = ConnectedSystem.objects.filter(pk=system.pk)
    row.update(failures=F("failures") + 1, last_failure=failure.why)
    in_a_row = row.values_list("failures", flat=True).get()
    pause = failure.retry_after
    if in_a_row >= PATIENCE:
        pause = pause or backoff(in_a_row - PATIENCE + 1, LONGEST_PAUSE)
        if row.filter(opened_at=None).update(opened_at=now):
            record(EventName.CIRCUIT_OPENED, after={"system": system.name_en, "failures": in_a_row, "problem": failure.why})
    if pause:
        row.update(paused_until=now + pause)


def note_trial(system: ConnectedSystem) -> None:
    """One change is sent to see whether the system is back."""
    record(EventName.CIRCUIT_TRIED, after={"system": system.name_en, "since": _since(system)})


@transaction.atomic
def note_success(system: ConnectedSystem) -> None:
    """The system has confirmed or taken something; `system` as it was when the change was taken in hand."""
    troubled = ConnectedSystem.objects.filter(pk=system.pk, failures__gt=0)
    closed = troubled.update(failures=0, last_failure="", paused_until=None, opened_at=None)
    if closed and system.opened_at:
        record(EventName.CIRCUIT_CLOSED, after={"system": system.name_en, "since": _since(system)})


def backoff(failures: int, longest: timedelta) -> timedelta:
    """Twice as long after each failure, up to `longest`; the jitter keeps many from coming back at once (R-229)."""
    return min(timedelta(seconds=2 ** min(failures, 20)), longest) * random.uniform(0.5, 1)  # noqa: S311  no secret


def _since(system: ConnectedSystem) -> str:
    return system.opened_at.isoformat() if system.opened_at else ""
