"""Dice for whoever tampers: what they do is repeated with `TAMPER_SEED=…`."""

import random
from collections.abc import Callable
from typing import Any

from audit.models import Event, Seal
from audit.seals.sealing import unpacked
from tests.audit.by_hand import SEED

TURNS = range(3)
Seen = tuple[str, str]  # what the first bad row begins with, and what stands in it


def numbered() -> dict[int, int]:
    """The ids of the events that are there, by their number."""
    there = set(Event.objects.values_list("pk", flat=True))
    pairs = ((first + place, pk) for first, ids in Seal.objects.values_list("first", "event_ids") for place, pk in enumerate(unpacked(ids)))
    return {number: pk for number, pk in pairs if pk in there}


def since_retired() -> list[Seal]:
    return list(Seal.objects.filter(number__gt=4).order_by("number"))


def dice_of(tamper: Callable[..., Any], turn: int) -> random.Random:
    print(f"TAMPER_SEED={SEED}")
    return random.Random(f"{SEED} {tamper.__name__} {turn}")


def first_bad(said: str) -> str:
    return next((line.removeprefix("First bad row: ") for line in said.splitlines() if line.startswith("First bad row: ")), "")
