"""Whether the events are still those that were sealed: each one hashed anew, and none slipped in between."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from audit.models import Seal
from audit.seals import rows, tree
from audit.seals.findings import SMALLEST_ID, Finding, named
from audit.seals.keys import public_keys
from audit.seals.retirements import Gone, good
from audit.seals.sealing import unpacked

EVENTS, SEALS = 20_000, 2_000  # of one piece of work
SEARCHED = 50  # how many altered events are tried for being one another


Unlisted = dict[bytes, tuple[int, bytes]]  # by their hashes, events that no list of ids has: number and form


@dataclass(frozen=True)
class Piece:
    """Seals `first` … `last`, of one form; before them every id up to `settled`, and those in `early`, has been sealed."""

    first: int
    last: int
    settled: int
    early: frozenset[int]
    form: int


@dataclass(frozen=True)
class Result:
    """How many events of a piece were looked for, how many are gone under a rule, and what is wrong, the first thing first."""

    checked: int
    findings: list[Finding]
    gone: int = 0


def pieces(until: int) -> Iterator[Piece]:
    """The seals up to `until`, cut into pieces that can be checked independently of one another."""
    first, settled, early, events, kind = 1, SMALLEST_ID - 1, frozenset[int](), 0, 0
    fields = ("number", "first", "last", "settled", "highest_id", "form")
    waiting: set[int] = set()
    reached = settled
    for number, begin, end, settles, highest, form in (
        Seal.objects.filter(number__lte=until).order_by("number").values_list(*fields).iterator(5000)
    ):
        if events and (form != kind or events >= EVENTS or number - first >= SEALS):
            yield Piece(first, number - 1, settled, early, kind)
            waiting = {one for one in waiting if one > reached}
            first, settled, early, events = number, reached, frozenset(waiting), 0
        if highest > settles:
            waiting.update(unpacked(Seal.objects.values_list("event_ids", flat=True).get(number=number)))
        events, kind, reached = events + end - begin + 1, form, settles
    if events:
        yield Piece(first, until, settled, early, kind)


def check(piece: Piece) -> Result:
    """Hash every event of the piece and compare."""
    seals = list(Seal.objects.filter(number__gte=piece.first, number__lte=piece.last).order_by("number"))
    wanted = {number for seal in seals for number in unpacked(seal.event_ids)}
    forms, unlisted, findings = _read(piece, seals, wanted)
    gone = _gone(seals) if len(forms) < len(wanted) else Gone([])
    for seal in seals:
        findings += compare(seal, forms, gone, unlisted)
    findings += [_inserted(seals, *row) for row in unlisted.values()]
    return Result(sum(seal.last - seal.first + 1 for seal in seals), sorted(findings), len(wanted) - len(forms))


def _read(piece: Piece, seals: Sequence[Seal], wanted: set[int]) -> tuple[dict[int, bytes], Unlisted, list[Finding]]:
    forms, unlisted, twice = dict[int, bytes](), Unlisted(), dict[int, list[bytes]]()
    end = seals[-1].settled
    elsewhere = rows.chosen([number for number in wanted if not piece.settled < number <= end], piece.form)
    for number, form in chain(rows.between(piece.settled, end, piece.form), elsewhere):
        if number in forms:
            twice.setdefault(number, [forms[number]]).append(form)
        elif number in wanted:
            forms[number] = form
        elif number not in piece.early:
            unlisted[tree.leaf(form)] = number, form
    return forms, unlisted, [_told_apart(seals, number, those, forms) for number, those in twice.items()]


def _told_apart(seals: Sequence[Seal], number: int, those: list[bytes], forms: dict[int, bytes]) -> Finding:
    """Of several events with one id, the one whose hash the seal has is the one that was sealed; another one is named."""
    seal = next(seal for seal in seals if number in unpacked(seal.event_ids))
    place = unpacked(seal.event_ids).index(number)
    kept = tree.cut(bytes(seal.leaves))[place : place + 1]
    own = next((form for form in those if [tree.leaf(form)] == kept), those[0])
    forms[number] = own
    other = next((form for form in those if form != own), own)
    text = f"there are {len(those)} events with the id {number}, and one of them was inserted: {named(0, other).removeprefix('event number 0 ')}"
    return Finding(seal.number, seal.first + place, "inserted", text)


def _gone(seals: Sequence[Seal]) -> Gone:
    return good(public_keys(), seals[0].first, seals[-1].last)


def forms_of(seals: Sequence[Seal]) -> dict[int, bytes]:
    """The events of these seals, which are of one form."""
    wanted = [number for seal in seals for number in unpacked(seal.event_ids)]
    low, high = min(wanted), max(wanted)
    if high - low < 2 * len(wanted):
        known = set(wanted)
        return {number: form for number, form in rows.between(low - 1, high, seals[0].form) if number in known}
    return dict(rows.chosen(wanted, seals[0].form))


def _inserted(seals: Sequence[Seal], number: int, form: bytes) -> Finding:
    seal = next(seal for seal in seals if seal.settled >= number)
    behind = sum(one < number for one in unpacked(seal.event_ids))
    text = f"an event with id {number} was inserted after seal {seal.number}, which says that every id up to {seal.settled} is sealed"
    return Finding(seal.number, seal.first + behind, "inserted", f"{text}: {named(0, form).removeprefix('event number 0 ')}")


def compare(seal: Seal, forms: dict[int, bytes], gone: Gone, unlisted: Unlisted) -> list[Finding]:
    """The signed root is the truth. While the kept hashes fit it, they say which event does not; they stand for what is gone under a rule.

    What no list of ids names, and this seal holds all the same, is taken out of `unlisted`.
    """
    ids, kept = unpacked(seal.event_ids), tree.cut(bytes(seal.leaves))
    found = [tree.leaf(forms[number]) if number in forms else b"" for number in ids]
    if not all(found) and len(kept) == len(found):
        found = [one or (kept[place] if gone.explains(seal.first + place, seal.sealed_at) else b"") for place, one in enumerate(found)]
    whole = len(found) == seal.last - seal.first + 1
    if whole and all(found) and tree.root(found).hex() == seal.root:
        return _beside_the_root(seal, ids, kept, found)
    if not kept or tree.root(kept).hex() != seal.root or len(kept) != seal.last - seal.first + 1:
        return [_somewhere(seal, ids, found)]
    places = [place for place, (one, other) in enumerate(zip_longest(found, kept)) if one != other and place < len(kept)]
    seen = _Seen(ids, kept, forms, dict(zip(found, ids, strict=True)), unlisted, rows.FORMS[seal.form].renumbered)
    return [_wrong(seal, place, places, seen) for place in places]


@dataclass(frozen=True)
class _Seen:
    ids: list[int]
    kept: list[bytes]
    forms: dict[int, bytes]
    own: dict[bytes, int]
    unlisted: Unlisted
    renumbered: Callable[[bytes, int], bytes]

    def form(self, place: int) -> bytes | None:
        return self.forms.get(self.ids[place]) if place < len(self.ids) else None

    def elsewhere(self, place: int) -> int | None:
        """The id under which the event of this place is as it was sealed, while the list of ids says another one."""
        leaf = self.kept[place]
        return self.unlisted.pop(leaf)[0] if leaf in self.unlisted else self.own.get(leaf)


def _wrong(seal: Seal, place: int, places: list[int], seen: _Seen) -> Finding:
    number, form = seal.first + place, seen.form(place)
    event_id = seen.ids[place] if place < len(seen.ids) else None
    if (own := seen.elsewhere(place)) is not None:
        text = f"event number {number} (id {own}) of seal {seal.number} is as sealed; the ids that the seal keeps were altered there"
        return Finding(seal.number, number, "seal", text)
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
    return tree.leaf(seen.renumbered(form, seen.ids[other])) == seen.kept[other]


def _beside_the_root(seal: Seal, ids: list[int], kept: list[bytes], found: list[bytes]) -> list[Finding]:
    """The events are as sealed. What is kept beside the signed root only helps to find them, and has to fit as well."""
    if kept != found:
        return [_hashes_altered(seal, kept, found)]
    if (min(ids), max(ids)) != (seal.lowest_id, seal.highest_id):
        text = f"the range of ids that seal {seal.number} keeps was altered; the events themselves are as sealed"
        return [Finding(seal.number, 0, "seal", text)]
    return []


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
