"""Whether the events are still those that were sealed: each one hashed anew, and none slipped in between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from audit.models import Seal
from audit.seals import rows, tree
from audit.seals.findings import SMALLEST_ID, Finding, named
from audit.seals.heads import compact
from audit.seals.sealing import unpacked

EVENTS, SEALS = 20_000, 2_000  # of one piece of work
SEARCHED = 50  # how many altered events are tried for being one another


@dataclass(frozen=True)
class Piece:
    """Seals `first` … `last`; before them every id up to `settled`, and those in `early`, has been sealed."""

    first: int
    last: int
    settled: int
    early: frozenset[int]


@dataclass(frozen=True)
class Result:
    """How many events of a piece were hashed, and what is wrong with them, the first thing first."""

    checked: int
    findings: list[Finding]


def pieces(until: int) -> Iterator[Piece]:
    """The seals up to `until`, cut into pieces that can be checked independently of one another."""
    first, settled, early, events = 1, SMALLEST_ID - 1, frozenset[int](), 0
    seals = Seal.objects.filter(number__lte=until).order_by("number").values_list("number", "first", "last", "settled", "highest_id")
    waiting: set[int] = set()
    for number, begin, end, reached, highest in seals.iterator(chunk_size=5000):
        if highest > reached:
            waiting.update(unpacked(Seal.objects.values_list("event_ids", flat=True).get(number=number)))
        events += end - begin + 1
        if events >= EVENTS or number - first + 1 >= SEALS or number == until:
            yield Piece(first, number, settled, early)
            waiting = {one for one in waiting if one > reached}
            first, settled, early, events = number + 1, reached, frozenset(waiting), 0


def check(piece: Piece) -> Result:
    """Hash every event of the piece and compare."""
    seals = list(Seal.objects.filter(number__gte=piece.first, number__lte=piece.last).order_by("number"))
    wanted = {number for seal in seals for number in unpacked(seal.event_ids)}
    forms, findings = {}, []
    for number, form in rows.between(piece.settled, seals[-1].settled):
        if number in wanted:
            forms[number] = form
        elif number not in piece.early:
            findings.append(_inserted(seals, number, form))
    forms.update(rows.chosen([number for number in wanted if number not in forms]))
    for seal in seals:
        findings += compare(seal, forms)
    return Result(sum(seal.last - seal.first + 1 for seal in seals), sorted(findings))


def _inserted(seals: Sequence[Seal], number: int, form: bytes) -> Finding:
    seal = next(seal for seal in seals if seal.settled >= number)
    behind = sum(one < number for one in unpacked(seal.event_ids))
    text = f"an event with id {number} was inserted after seal {seal.number}, which says that every id up to {seal.settled} is sealed"
    return Finding(seal.number, seal.first + behind, "inserted", f"{text}: {named(0, form).removeprefix('event number 0 ')}")


def compare(seal: Seal, forms: dict[int, bytes]) -> list[Finding]:
    """The signed root is the truth. While the kept hashes fit it, they say which event does not."""
    ids, kept = unpacked(seal.event_ids), tree.cut(bytes(seal.leaves))
    found = [tree.leaf(forms[number]) if number in forms else b"" for number in ids]
    whole = len(found) == seal.last - seal.first + 1
    if whole and all(found) and tree.root(found).hex() == seal.root:
        return [] if kept == found else [_hashes_altered(seal, kept, found)]
    if not kept or tree.root(kept).hex() != seal.root or len(kept) != seal.last - seal.first + 1:
        return [_somewhere(seal, ids, found)]
    places = [place for place, (one, other) in enumerate(zip_longest(found, kept)) if one != other and place < len(kept)]
    return [_wrong(seal, place, places, _Seen(ids, kept, forms)) for place in places]


@dataclass(frozen=True)
class _Seen:
    ids: list[int]
    kept: list[bytes]
    forms: dict[int, bytes]

    def form(self, place: int) -> bytes | None:
        return self.forms.get(self.ids[place]) if place < len(self.ids) else None


def _wrong(seal: Seal, place: int, places: list[int], seen: _Seen) -> Finding:
    number, form = seal.first + place, seen.form(place)
    event_id = seen.ids[place] if place < len(seen.ids) else None
    if len(seen.ids) < len(seen.kept):
        text = f"event number {number} of seal {seal.number} is not there any more; its place in the seal was closed up"
        return Finding(seal.number, number, "removed", text)
    if form is None:
        return Finding(seal.number, number, "removed", f"{named(number, None, event_id)} of seal {seal.number} is not there any more")
    for other in islice(places, SEARCHED):
        if other != place and _are_each_other(seen, place, other):
            text = f"{named(number, form)} of seal {seal.number} was swapped with event number {seal.first + other}"
            return Finding(seal.number, number, "swapped", text)
    text = f"{named(number, form)} of seal {seal.number} is not what was sealed; this is what it says now"
    return Finding(seal.number, number, "altered", text)


def _are_each_other(seen: _Seen, place: int, other: int) -> bool:
    """Whether the row at `place` holds what was sealed at `other`, under whichever id."""
    form = seen.form(place)
    if form is None or other >= len(seen.ids):
        return False
    if tree.leaf(form) == seen.kept[other]:
        return True
    return tree.leaf(_with_id(form, seen.ids[other])) == seen.kept[other]


def _with_id(form: bytes, event_id: int) -> bytes:
    return compact(rows.facts(form) | {"id": event_id})


def _hashes_altered(seal: Seal, kept: list[bytes], found: list[bytes]) -> Finding:
    place = next(place for place, (one, other) in enumerate(zip_longest(found, kept)) if one != other)
    text = (
        f"the hashes that seal {seal.number} keeps were altered at event number {seal.first + place}; the events themselves are as sealed"
    )
    return Finding(seal.number, seal.first + place, "seal", text)


def _somewhere(seal: Seal, ids: list[int], found: list[bytes]) -> Finding:
    text = f"seal {seal.number} was altered together with its hashes: one or more of events number {seal.first} to {seal.last} are not as sealed"
    missing = [seal.first + place for place, one in enumerate(found) if not one]
    gone = f"; number {missing[0]} (id {ids[missing[0] - seal.first]}) is not there any more" if missing else ""
    return Finding(seal.number, missing[0] if missing else seal.first, "removed" if missing else "altered", text + gone)
