"""Sealed events in the order of their numbers: gap-free, settled, and so each exactly once behind a cursor."""

from collections.abc import Iterator
from typing import NamedTuple

from audit.models import Event, Seal
from audit.seals.sealing import unpacked


class Place(NamedTuple):
    """How far a reader has come: the seal it is in, and the number of the last event it took."""

    seal: int = 0
    number: int = 0


class Numbered(NamedTuple):
    """One event, its number, and the seal that holds it."""

    number: int
    seal: int
    event_id: int


def after(place: Place, most: int) -> list[Numbered]:
    """The next events behind `place`; their ids, since a rule may have deleted the rows."""
    found: list[Numbered] = []
    seals = Seal.objects.filter(number__gte=place.seal).order_by("number").values_list("number", "first", "last", "event_ids")
    for number, first, last, packed in seals.iterator(chunk_size=20):
        if last > place.number:
            ids = enumerate(unpacked(packed), start=first)
            found += [Numbered(one, number, event_id) for one, event_id in ids if one > place.number]
        if len(found) >= most:
            break
    return found[:most]


def events(batch: list[Numbered]) -> Iterator[tuple[Numbered, Event]]:
    """The rows of a batch, as far as they are still there, in its order: one query."""
    rows = Event.objects.in_bulk([one.event_id for one in batch])
    return ((one, rows[one.event_id]) for one in batch if one.event_id in rows)


def newest() -> Place:
    """Where the sealed events end."""
    last = Seal.objects.order_by("-number").values_list("number", "last").first()
    return Place(*last) if last else Place()
