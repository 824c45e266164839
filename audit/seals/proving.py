"""Whether one event can be proved: its record is what was sealed, and its seal is as this site signed it."""

from enum import StrEnum
from typing import NamedTuple

from audit.models import Event, Seal
from audit.seals import exporting, rows, sealing, tree
from audit.seals.keys import public_keys


class Fault(StrEnum):
    """Why an event cannot be proved, and never will be."""

    RECORD = "record"  # the record is not what was sealed
    SEAL = "seal"  # the seal itself is not what was signed
    UNSEALED = "unsealed"  # no seal holds it, although everything of its time is sealed


class Standing(NamedTuple):
    """How an event stands to the seals: the one that holds it, and what is wrong; with neither it is younger than the newest seal."""

    seal: Seal | None
    fault: Fault | None


def standing(event: Event) -> Standing:
    """Looked up anew: what the database says of itself counts for nothing, what was signed does."""
    newest = sealing.newest()  # first, as the sealer may run between the two
    seal = exporting.seal_of(event.pk)
    if seal is None:
        return Standing(None, Fault.UNSEALED if newest and event.pk <= newest.settled else None)
    opened = exporting.OpenSeal(seal)
    if not _is_as_signed(opened):
        return Standing(seal, Fault.SEAL)
    return Standing(seal, None if _is_as_sealed(event, opened) else Fault.RECORD)


def _is_as_signed(opened: exporting.OpenSeal) -> bool:
    """Whether the hashes kept beside the head lead to its root, and the head bears a signature of this site."""
    seal, leaves, top = opened.seal, opened.levels[0], opened.levels[-1]
    whole = len(opened.places) == len(leaves) == seal.last - seal.first + 1
    return whole and [one.hex() for one in top] == [seal.root] and seal.head.is_signed_by(public_keys())


def _is_as_sealed(event: Event, opened: exporting.OpenSeal) -> bool:
    """Whether there is one record under its id, with the hash that was sealed, and that record has its uid."""
    forms = [form for _, form in rows.chosen([event.pk], opened.seal.form)]
    leaf = opened.levels[0][opened.places[event.pk]]
    return [tree.leaf(form) for form in forms] == [leaf] and rows.facts(forms[0])["uid"] == str(event.uid)
