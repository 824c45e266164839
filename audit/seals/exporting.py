"""Events as they leave the site: with their proofs, a line of JSON each, or as a table for a spreadsheet. docs/audit.md has the format.

An event stands in its line byte for byte as it was hashed, so that whoever checks the file needs to know nothing of its making.
"""

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Q
from django.utils import timezone

from audit.masking import TYPED
from audit.models import Event, Retirement, Seal
from audit.seals import contents, retirements, rows, sealing, tree
from audit.seals.heads import TIME, compact
from audit.seals.keys import public_keys
from audit.seals.retirements import Gone, good
from audit.seals.sealing import unpacked
from audit.spreadsheets import defused

PAGE = 2000
NEAR = 20  # seals whose ids lie around an event's, of which few do not hold it


def whole(first: int = 1, last: int | None = None) -> Iterator[bytes]:
    """Every event of these seals in the order of its number, then those that are younger than the newest seal; lines."""
    newest = sealing.newest()
    end = min(newest.number, last or newest.number) if newest else 0
    yield _beginning(is_whole=True)
    yield from _retirements()
    counted = Counter(seals=max(0, end - first + 1), events=0, unsealed=0)
    for seals in _together(first, end):
        forms = contents.forms_of(seals)
        gone = good(public_keys(), seals[0].first, seals[-1].last)
        for seal in seals:
            yield b'{"head":%b}' % seal.head.line()
            yield from _lines(seal, forms, gone, counted)
    if last is None:
        for form in _young(newest):
            yield b'{"unsealed":%b}' % form
            counted["unsealed"] += 1
    yield compact({"end": dict(counted)})


def _retirements() -> Iterator[bytes]:
    for row in Retirement.objects.order_by("number").iterator(10):
        yield b'{"retirement":%b,"numbers":"%b"}' % (retirements.line(row), base64.b64encode(bytes(row.numbers)))


def _together(first: int, end: int) -> Iterator[list[Seal]]:
    """Seals of one form, as many as are read at once."""
    seals: list[Seal] = []
    for seal in Seal.objects.filter(number__gte=first, number__lte=end).order_by("number").iterator(100):
        if seals and (seal.form != seals[0].form or seal.last - seals[0].first >= contents.EVENTS):
            yield seals
            seals = []
        seals.append(seal)
    if seals:
        yield seals


def _lines(seal: Seal, forms: dict[int, bytes], gone: Gone, counted: Counter[str]) -> Iterator[bytes]:
    kept = bytes(seal.leaves).hex().encode()
    for place, event_id in enumerate(unpacked(seal.event_ids)):
        form, number, leaf = forms.get(event_id), seal.first + place, kept[place * 64 : place * 64 + 64]
        if form is None and gone.explains(number, seal.sealed_at):
            counted["gone"] += 1
            yield b'{"gone":true,"leaf":"%b","number":%d}' % (leaf, number)
        else:
            counted["events"] += 1
            yield b'{"event":%b,"leaf":"%b","number":%d}' % (form or b"null", leaf, number)


def _young(newest: Seal | None) -> Iterator[bytes]:
    """What is sealed while the file is written has no seal in it, and so stands here."""
    settled, number = (newest.settled, newest.number) if newest else (0, 0)
    recent = Seal.objects.filter(highest_id__gt=settled, number__lte=number).values_list("event_ids", flat=True)
    early = [one for packed in recent for one in unpacked(packed) if one > settled]
    while page := rows.after(settled, without=early, limit=1000):
        yield from (form for _, form in page)
        settled = page[-1][0]


def chosen(ids: Iterable[int]) -> Iterator[bytes]:
    """Some events, each with the way from its hash up to a signed root, so that it can be proved alone; lines.

    A seal made meanwhile says that events which were written down as unsealed are sealed: none of those heads is shown.
    """
    newest = sealing.newest()
    yield _beginning(is_whole=False)
    counted, open_seal = Counter(events=0, unsealed=0), None
    for page in batched(ids, PAGE):
        for event_id, form in rows.chosen(page):
            if open_seal is None or event_id not in open_seal.places:
                open_seal = _opened(event_id, newest.number if newest else 0)
                if open_seal:
                    yield b'{"head":%b}' % open_seal.seal.head.line()
            if open_seal is None:
                yield b'{"unsealed":%b}' % form
                counted["unsealed"] += 1
                continue
            yield open_seal.proof(event_id, form if open_seal.seal.form == rows.FORM else _older(event_id, open_seal.seal.form))
            counted["events"] += 1
    yield compact({"end": dict(counted)})


def _older(event_id: int, form: int) -> bytes:
    return dict(rows.chosen([event_id], form))[event_id]


def batched(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    """These ids, so many at a time."""
    following = iter(ids)
    while page := list(islice(following, size)):
        yield page


def seal_of(event_id: int) -> Seal | None:
    """The seal that holds this event; None while it has none. Along the index: among millions of seals the first one or two are looked into."""
    place, around = 0, Seal.objects.filter(highest_id__gte=event_id, lowest_id__lte=event_id).order_by("highest_id")
    while page := list(around[place : place + NEAR]):
        for seal in page:
            if event_id in unpacked(seal.event_ids):
                return seal
        place += NEAR
    return None


class OpenSeal:
    """A seal some of whose events are to be proved: its tree, made once."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal
        self.places = {event_id: place for place, event_id in enumerate(unpacked(seal.event_ids))}
        self.levels = tree.levels(tree.cut(bytes(seal.leaves)))

    def proof(self, event_id: int, form: bytes) -> bytes:
        """The line that proves one of them."""
        place = self.places[event_id]
        path = [one.hex() for one in tree.path(self.levels, place)]
        return b'{"event":%b,"number":%d,"path":%b}' % (form, self.seal.first + place, json.dumps(path).encode())


def _opened(event_id: int, until: int) -> OpenSeal | None:
    seal = seal_of(event_id)
    return OpenSeal(seal) if seal and seal.number <= until else None


def _beginning(*, is_whole: bool) -> bytes:
    keys = {name: base64.b64encode(key).decode() for name, key in public_keys().items()}
    made = timezone.now().strftime(TIME)
    return compact({"export": {"form": rows.FORM, "keys": keys, "made_at": made, "subject": "mfaadmin audit", "whole": is_whole}})


def table(ids: Iterable[int], hide: Callable[[str], str] = str) -> Iterator[str]:
    """Events as CSV for a spreadsheet, in which no cell is run (R-188), many rows at a time. For reading: proofs need the other form.

    `hide` takes out of what people typed what whoever reads it shall not see.
    """
    typed = {rows.COLUMNS.index(column) for column in TYPED}
    yield "\ufeff" + _csv([rows.COLUMNS])  # the mark, so that spreadsheets read it as UTF-8
    for page in batched(ids, PAGE):
        yield _csv([_cell(hide(value) if place in typed else value) for place, value in enumerate(row)] for row in rows.cells(page))


def _csv(lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Only a row ends with both signs of a line's end: so rows can be counted."""
    return defused(value).replace("\r\n", "\n") if isinstance(value, str) else value


def ids_of(accounts: Sequence[str] = (), since: Any = None, until: Any = None) -> Iterator[int]:
    """The ids of the events on or by these accounts, in that period, in order."""
    wanted = Q()
    if accounts:
        wanted &= Q(account_label__in=accounts) | Q(actor_label__in=accounts)
    if since:
        wanted &= Q(at__gte=since)
    if until:
        wanted &= Q(at__lt=until)
    return Event.objects.filter(wanted).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000)
