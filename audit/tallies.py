"""How often each event has happened, counted as events are sealed: for figures that are read every few seconds.

A cursor moves in the same transaction as the counts, so each event counts exactly once, whoever is killed when.
"""

import time
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import F

from audit.models import Collector, Event, EventTally
from audit.out import stream

CURSOR = "tallies"
BATCH = 2000
BUDGET = 20.0  # seconds of one run
LONGEST = 32
FEW = 200  # different kinds of one event; what comes beyond is counted without its kind


def count() -> int:
    """Count what has been sealed since; how many events that were."""
    Collector.objects.get_or_create(name=CURSOR)
    counted, began = 0, time.monotonic()
    while time.monotonic() - began < BUDGET and (more := _count_batch()):
        counted += more
    return counted


@transaction.atomic
def _count_batch() -> int:
    cursor = Collector.objects.select_for_update().get(name=CURSOR)
    batch = stream.after(stream.Place(cursor.seal, cursor.number), BATCH)
    if not batch:
        return 0
    rows = Event.objects.filter(pk__in=[one.event_id for one in batch]).values_list("name", "after")
    for (name, kind), number in Counter((name, _kind(after)) for name, after in rows).items():
        _add(name, kind, number)
    Collector.objects.filter(pk=cursor.pk).update(seal=batch[-1].seal, number=batch[-1].number)
    return len(batch)


def _kind(after: dict[str, Any]) -> str:
    """The kind of method, or the channel, that an event tells of; never anything that was typed."""
    return str(after.get("verified_with") or after.get("kind") or after.get("channel") or "")[:LONGEST]


def _add(name: str, kind: str, number: int) -> None:
    mine = EventTally.objects.filter(name=name, kind=kind)
    if mine.update(count=F("count") + number):
        return
    if kind and EventTally.objects.filter(name=name).count() >= FEW:
        _add(name, "", number)
        return
    EventTally.objects.create(name=name, kind=kind, count=number)
