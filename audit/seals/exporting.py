"""Events as they leave the site: with their proofs, a line of JSON each, or as a table for a spreadsheet. docs/audit.md has the format.

An event stands in its line byte for byte as it was hashed, so that whoever checks the file needs to know nothing of its making.
"""

import base64
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from audit.models import Event, Seal
from audit.seals import contents, rows, sealing, tree
from audit.seals.heads import TIME, compact
from audit.seals.keys import public_keys
from audit.seals.sealing import unpacked
from audit.spreadsheets import defused


def whole(first: int = 1, last: int | None = None) -> Iterator[bytes]:
    """Every event of these seals in the order of its number, then those that are younger than the newest seal; lines."""
    newest = sealing.newest()
    end = min(newest.number, last or newest.number) if newest else 0
    yield _beginning(is_whole=True)
    events, unsealed = 0, 0
    for piece in contents.pieces(end):
        for seal, forms in _sealed(piece, first):
            yield b'{"head":%b}' % seal.head.line()
            yield from _lines(seal, forms)
            events += seal.last - seal.first + 1
    if last is None:
        for form in _young(newest):
            yield b'{"unsealed":%b}' % form
            unsealed += 1
    yield compact({"end": {"events": events, "seals": max(0, end - first + 1), "unsealed": unsealed}})


def _sealed(piece: contents.Piece, first: int) -> Iterator[tuple[Seal, dict[int, bytes]]]:
    for seal in Seal.objects.filter(number__gte=max(piece.first, first), number__lte=piece.last).order_by("number").iterator(100):
        yield seal, dict(rows.chosen(unpacked(seal.event_ids)))


def _lines(seal: Seal, forms: dict[int, bytes]) -> Iterator[bytes]:
    kept = tree.cut(bytes(seal.leaves))
    for place, event_id in enumerate(unpacked(seal.event_ids)):
        form, leaf = forms.get(event_id, b"null"), kept[place].hex().encode() if place < len(kept) else b""
        yield b'{"event":%b,"leaf":"%b","number":%d}' % (form, leaf, seal.first + place)


def _young(newest: Seal | None) -> Iterator[bytes]:
    settled = newest.settled if newest else 0
    recent = Seal.objects.filter(highest_id__gt=settled).values_list("event_ids", flat=True)
    early = [one for packed in recent for one in unpacked(packed) if one > settled]
    while page := rows.after(settled, without=early, limit=1000):
        yield from (form for _, form in page)
        settled = page[-1][0]


def chosen(ids: Iterable[int]) -> Iterator[bytes]:
    """Some events, each with the way from its hash up to a signed root, so that it can be proved alone; lines."""
    yield _beginning(is_whole=False)
    events, unsealed, head = 0, 0, 0
    for event_id in ids:
        seal, form = seal_of(event_id), dict(rows.chosen([event_id])).get(event_id)
        if form is None:
            continue
        if seal is None:
            yield b'{"unsealed":%b}' % form
            unsealed += 1
            continue
        if seal.number != head:
            yield b'{"head":%b}' % seal.head.line()
            head = seal.number
        yield _proof(seal, event_id, form)
        events += 1
    yield compact({"end": {"events": events, "unsealed": unsealed}})


def seal_of(event_id: int) -> Seal | None:
    """The seal that holds this event; None while it has none."""
    for seal in Seal.objects.filter(highest_id__gte=event_id, lowest_id__lte=event_id).order_by("number"):
        if event_id in unpacked(seal.event_ids):
            return seal
    return None


def _proof(seal: Seal, event_id: int, form: bytes) -> bytes:
    place = unpacked(seal.event_ids).index(event_id)
    path = [one.hex() for one in tree.path(tree.cut(bytes(seal.leaves)), place)]
    return b'{"event":%b,"number":%d,"path":%b}' % (form, seal.first + place, json.dumps(path).encode())


def _beginning(*, is_whole: bool) -> bytes:
    keys = {name: base64.b64encode(key).decode() for name, key in public_keys().items()}
    made = timezone.now().strftime(TIME)
    return compact({"export": {"form": rows.FORM, "keys": keys, "made_at": made, "subject": "mfaadmin audit", "whole": is_whole}})


class _Echo:
    """What the csv module writes to; it hands back the line."""

    def write(self, line: str) -> str:
        return line


def table(ids: Iterable[int]) -> Iterator[str]:
    """Events as CSV for a spreadsheet, in which no cell is run (R-188). For reading: proofs need the other form."""
    writer = csv.writer(_Echo())
    yield "\ufeff"  # so that spreadsheets read it as UTF-8
    yield writer.writerow(rows.COLUMNS)
    for form in _forms(ids):
        facts = rows.facts(form)
        yield writer.writerow([_cell(facts.get(column)) for column in rows.COLUMNS])


def _forms(ids: Iterable[int]) -> Iterator[bytes]:
    page: list[int] = []
    for event_id in ids:
        page.append(event_id)
        if len(page) == 1000:
            yield from (form for _, form in rows.chosen(page))
            page = []
    yield from (form for _, form in rows.chosen(page))


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    return defused(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True))


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
