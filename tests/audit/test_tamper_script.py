"""A tamper script with dice: in a copy of the database with every trigger lifted, and in an export; years old, with months retired.

`TAMPER_SEED=…` repeats a run. Whatever is done, the first bad row is named; what nobody touched is accepted.
"""

# ruff: noqa: S608  statements by hand, and dice that decide nothing

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from audit.catalogue import EventName
from audit.models import Event, Retirement, Seal
from audit.retention import months
from audit.seals import sealing
from audit.seals.sealing import unpacked
from tests.audit import test_exports
from tests.audit.test_exports import SEED, Lines, judged, place_of
from tests.audit.test_retention import exported, retired, sealed
from tests.audit.test_tampering import COLUMNS, another_id, by_hand, recorded, sealed_anew, verified
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db
TURNS = range(3)
OLD = [EventName.SIGNIN_SUCCEEDED, EventName.METHOD_REMOVED, EventName.SIGNIN_REFUSED, EventName.METHOD_RENAMED]
Seen = tuple[str, str]  # what the first bad row begins with, and what stands in it


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """Three months of which a rule has taken half, five seals since; the head that left the host."""
    for days in (700, 650, 600):
        sealed(monkeypatch, days, OLD)
    settings.MFA_AUDIT_KEEP = ["signin=400"]
    retired()
    for count in (0, 5, 7, 4, 6):
        recorded(count)
        sealing.seal()
    head = tmp_path / "head.json"
    head.write_bytes(sealing.newest().head.line())  # type: ignore[union-attr]
    recorded(2)
    return head


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


# The database.


def edit(dice: random.Random) -> Seen:
    number, pk = dice.choice(sorted(numbered().items()))
    column = dice.choice(sorted(COLUMNS))
    by_hand(f'UPDATE audit_event SET "{column}" = {COLUMNS[column]} WHERE id = {pk}')
    return "altered", f" number {number} "


def delete(dice: random.Random) -> Seen:
    number, pk = dice.choice(sorted(numbered().items()))
    by_hand(f"DELETE FROM audit_event WHERE id = {pk}")
    return "removed", f" number {number} "


def copied(number: str, uid: str, at: str) -> str:
    moved = ", ".join(f'"{column}"' for column in COLUMNS if column not in {"uid", "at"})
    return f"INSERT INTO audit_event (id, uid, at, {moved}) SELECT {number}, {uid}, {at}, {moved} FROM audit_event WHERE id = "


def insert(dice: random.Random) -> Seen:
    """With an id that was never given."""
    by_hand(copied(str(-dice.randint(1, 999)), "'99999999999999999999999999999999'", "at") + str(dice.choice(sorted(numbered().values()))))
    return "inserted", "an event with id -"


def insert_twice(dice: random.Random) -> Seen:
    """A copy under the same uid, as the newest event; where the table allows it, under the same id in another month as well."""
    pk = dice.choice(sorted(numbered().values()))
    uid = Event.objects.get(pk=pk).uid
    if connection.vendor == "postgresql" and dice.random() < 0.5:
        by_hand(copied("id", "'99999999999999999999999999999999'", "'2020-02-02 00:00:00+00'") + str(pk))
        return "inserted", f"2 events with the id {pk}"
    by_hand(copied("(SELECT max(id) + 1 FROM audit_event)", "uid", "'2020-02-02 00:00:00+00'") + str(pk))
    return "inserted", f"has the uid {uid} of the event with id {pk}"


def swap(dice: random.Random) -> Seen:
    seal, there = dice.choice(since_retired()[1:]), numbered()
    one, other = sorted(dice.sample(range(seal.first, seal.last + 1), 2))
    by_hand(another_id(there[one], 10**6), another_id(there[other], there[one]), another_id(10**6, there[other]))
    return "swapped", f" number {one} "


def truncate(dice: random.Random) -> Seen:
    first = min(numbered())
    by_hand("DELETE FROM audit_event")
    return "removed", f" number {first} "


def cut(dice: random.Random) -> Seen:
    number, pk = dice.choice(sorted(numbered().items()))
    by_hand(f"DELETE FROM audit_event WHERE id >= {pk}")
    return "removed", f" number {number} "


def cut_with_seals(dice: random.Random) -> Seen:
    seal = dice.choice(since_retired())
    by_hand(f"DELETE FROM audit_event WHERE id >= {seal.lowest_id}", f"DELETE FROM audit_seal WHERE number >= {seal.number}")
    return "cut off", f"events number {seal.first} to "


def sign_anew(dice: random.Random) -> Seen:
    seal = dice.choice(since_retired())
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {dice.choice(unpacked(seal.event_ids))}")
    sealed_anew(seal.number, Ed25519PrivateKey.generate())
    return "signature", f"seal {seal.number} "


def drop_statement(dice: random.Random) -> Seen:
    """Behind the last one no other shows that it is missing; what it spoke of does."""
    row = Retirement.objects.get(number=dice.randint(1, 3))
    by_hand(f"DELETE FROM audit_retirement WHERE number = {row.number}")
    return "removed", f"retirement {row.number} is missing" if row.number < 3 else f" number {row.first} "


def reorder_statements(dice: random.Random) -> Seen:
    one, other = sorted(dice.sample([1, 2, 3], 2))
    by_hand(*(f"UPDATE audit_retirement SET number = {new} WHERE number = {old}" for old, new in ((one, 9), (other, one), (9, other))))
    return "signature", f"retirement {one} "


STATED = {
    "rule": "'everything'",
    "days": "days - 1",
    "first": "first + 1",
    "last": "last + 1",
    "count": "count + 1",
    "digest": f"'{'0' * 64}'",
}
STATED |= {"older_than": "'2026-01-01 00:00:00+00'", "retired_at": "'2026-01-01 00:00:00+00'", "previous": f"'{'1' * 64}'", "key": "'0123'"}


def edit_statement(dice: random.Random) -> Seen:
    """What was removed, under which rule, and how old it had to be."""
    number, column = dice.randint(1, 3), dice.choice(sorted(STATED))
    by_hand(f'UPDATE audit_retirement SET "{column}" = {STATED[column]} WHERE number = {number}')
    return "signature", f"retirement {number} "


def edit_range(dice: random.Random) -> Seen:
    """Where a seal looks for its events: not signed, and yet what finds the proof of one."""
    seal, column = dice.choice(since_retired()), dice.choice(["lowest_id", "highest_id"])
    by_hand(f"UPDATE audit_seal SET {column} = {column} + 1 WHERE number = {seal.number}")
    return "seal", f"seal {seal.number} "


def replace_head(dice: random.Random) -> Seen:
    """One seal says of its time, root and signature what another says."""
    one, other = dice.sample(since_retired(), 2)
    columns = ", ".join(
        f"{name} = (SELECT {name} FROM audit_seal WHERE number = {other.number})" for name in ("root", "sealed_at", "signature")
    )
    by_hand(f"UPDATE audit_seal SET {columns} WHERE number = {one.number}")
    return "signature", f"seal {one.number} "


def other_approver(dice: random.Random) -> Seen:
    """The second person, where there was one, and where there was none."""
    number, pk = dice.choice(sorted(numbered().items()))
    said = json.dumps(Event.objects.get(pk=pk).after | {"approved_by": "9999999999"})
    by_hand(f"UPDATE audit_event SET \"after\" = '{said}' WHERE id = {pk}")
    return "altered", f" number {number} "


def drop_month(dice: random.Random) -> Seen:
    """A whole month; where it has a table of its own, by taking that away."""
    moment = dice.choice(list(Event.objects.filter(pk__in=numbered().values()).values_list("at", flat=True)))
    month = months.month_of(moment)
    gone = set(Event.objects.filter(at__gte=month.begins, at__lt=month.ends).values_list("pk", flat=True))
    first = min(number for number, pk in numbered().items() if pk in gone)
    statement = f"DELETE FROM audit_event WHERE id IN ({', '.join(map(str, gone))})"
    by_hand(f"ALTER TABLE audit_event DETACH PARTITION {month.table}" if month.table in partitions() else statement)
    return "removed", f" number {first} "


def partitions() -> list[str]:
    """Months that have a table of their own; SQLite has none."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_event'::regclass")
        return [row[0] for row in cursor.fetchall()]


def another_month(dice: random.Random) -> Seen:
    """By its time an event belongs to a month, and lies in the table of it."""
    number, pk = dice.choice(sorted(numbered().items()))
    earlier = "at - interval '31 days'" if connection.vendor == "postgresql" else "datetime(at, '-31 days')"
    by_hand(f"UPDATE audit_event SET at = {earlier} WHERE id = {pk}")
    return "altered", f" number {number} "


def set_back(dice: random.Random) -> Seen:
    """An older head stands again as the newest, and the site goes on from there."""
    cut_with_seals(dice)
    for count in (3, 3, 3, 3, 3, 3):
        recorded(count)
        sealing.seal()
    return "rewritten", "is not the one that was published"


def edit_proof(dice: random.Random) -> Seen:
    """The hash that stands for an event that is gone."""
    seal, place = Seal.objects.get(number=dice.randint(1, 3)), dice.choice([0, 2])
    leaves = bytearray(seal.leaves)
    leaves[place * 32 + dice.randrange(32)] ^= 1 << dice.randrange(8)
    with triggers_lifted(connection):
        Seal.objects.filter(pk=seal.pk).update(leaves=bytes(leaves))
    return "altered", f"seal {seal.number} was altered together with its hashes"


IN_THE_DATABASE = [
    edit, delete, insert, insert_twice, swap, truncate, cut, cut_with_seals, sign_anew, drop_statement, reorder_statements, set_back, edit_proof,
    edit_statement, edit_range, replace_head, other_approver, drop_month, another_month,
]  # fmt: skip


def first_bad(said: str) -> str:
    return next((line.removeprefix("First bad row: ") for line in said.splitlines() if line.startswith("First bad row: ")), "")


def test_what_nobody_touched_is_accepted(past: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verified(past)
    assert code == 0, said
    code, said = judged(exported(tmp_path), "--head", str(past), capsys=capsys)
    assert code == 0, said
    assert said.count("2 events are gone under the rule") == 3


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("tamper", IN_THE_DATABASE)
def test_in_the_database_the_first_bad_row_is_named(past: Path, tamper: Callable[[random.Random], Seen], turn: int) -> None:
    kind, text = tamper(dice_of(tamper, turn))
    code, said = verified(past)
    found = first_bad(said) + " "
    assert (code, found.startswith(f"{kind}: "), text in found) == (1, True, True), (SEED, kind, text, said)


# The export.


def lines_with(lines: Lines, start: bytes) -> list[int]:
    return [place for place, line in enumerate(lines) if line.startswith(start)]


def events_of(lines: Lines) -> dict[int, int]:
    """The places of events that a seal holds, by number."""
    return {int(lines[place].rpartition(b":")[2][:-1]): place for place in lines_with(lines, b'{"event"')}


def edit_line(dice: random.Random, lines: Lines) -> Seen:
    number, place = dice.choice(sorted(events_of(lines).items()))
    lines[place] = lines[place].replace(b'"reason":"', b'"reason":"x', 1)
    return "altered", f" number {number} "


def delete_line(dice: random.Random, lines: Lines) -> Seen:
    number, place = dice.choice(sorted(events_of(lines).items()))
    del lines[place]
    return "removed", f" number {number} "


def insert_line(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(sorted(events_of(lines).values()))
    lines.insert(place, lines[place].replace(b'"reason":"', b'"reason":"x', 1))
    return "inserted", ""


def insert_unsealed(dice: random.Random, lines: Lines) -> Seen:
    """A copy of an old event among those that are too young for a seal."""
    form = lines[dice.choice(sorted(events_of(lines).values()))].removeprefix(b'{"event":').rpartition(b',"leaf":"')[0]
    lines.insert(lines_with(lines, b'{"unsealed"')[dice.randrange(2)], b'{"unsealed":%b}' % form)
    return "inserted", f"id {json.loads(form)['id']}, "


def swap_lines(dice: random.Random, lines: Lines) -> Seen:
    seal = dice.choice([json.loads(lines[place])["head"] for place in lines_with(lines, b'{"head"')][4:])
    one, other = sorted(dice.sample(range(seal["first"], seal["last"] + 1), 2))
    a, b = place_of(lines, one), place_of(lines, other)
    lines[a], lines[b] = lines[b], lines[a]
    return "swapped", f"in the place of event number {one}"


def truncate_file(dice: random.Random, lines: Lines) -> Seen:
    del lines[dice.randrange(lines_with(lines, b'{"head"')[0], len(lines)) :]
    return "", ""


def cut_file_with_care(dice: random.Random, lines: Lines) -> Seen:
    heads = lines_with(lines, b'{"head"')
    place = dice.choice(heads[4:])
    said = json.loads(lines[place])["head"]
    del lines[place:]
    gone, events = len(lines_with(lines, b'{"gone"')), len(lines_with(lines, b'{"event"'))
    lines.append(json.dumps({"end": {"events": events, "gone": gone, "seals": said["number"] - 1, "unsealed": 0}}).encode())
    return "cut off", f"events number {said['first']} to "


def sign_file_anew(dice: random.Random, lines: Lines) -> Seen:
    """From a seal on, with another key under the name of the site's."""
    place = dice.choice(lines_with(lines, b'{"head"')[4:])
    head = json.loads(lines[place])["head"]
    made = test_exports.sealed_anew([lines[0], *lines[place:-3]], Ed25519PrivateKey.generate(), head["key"], previous=head["previous"])
    lines[place:-3] = made[1:]
    return "signature", f"seal {head['number']} "


def drop_statement_line(dice: random.Random, lines: Lines) -> Seen:
    places = lines_with(lines, b'{"retirement"')
    which = dice.randrange(3)
    first = json.loads(lines[places[which]])["retirement"]["first"]
    del lines[places[which]]
    return "removed", f"retirement {which + 1} is missing" if which < 2 else f" number {first} "


def reorder_statement_lines(dice: random.Random, lines: Lines) -> Seen:
    one, other = sorted(dice.sample(lines_with(lines, b'{"retirement"'), 2))
    lines[one], lines[other] = lines[other], lines[one]
    return "removed", f"retirement {one} is missing"  # they stand in the lines behind the first


def replay_head(dice: random.Random, lines: Lines) -> Seen:
    older, newer = sorted(dice.sample(lines_with(lines, b'{"head"'), 2))
    number = json.loads(lines[newer])["head"]["number"]
    lines[newer] = lines[older]
    return "removed", f"seal {number} is missing"


def drop_head(dice: random.Random, lines: Lines) -> Seen:
    """The events of two seals then stand together, also where some are gone."""
    places = lines_with(lines, b'{"head"')
    place = dice.choice(places[1:])
    first = json.loads(lines[place])["head"]["first"]
    del lines[place]
    return "inserted", f"behind number {first - 1}, the last"


def edit_gone(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"gone"'))
    at = lines[place].index(b'"leaf":"') + 8 + dice.randrange(64)
    number = int(lines[place].rpartition(b":")[2][:-1])
    digit = b"%x" % ((int(lines[place][at : at + 1], 16) + 1) % 16)
    lines[place] = lines[place][:at] + digit + lines[place][at + 1 :]
    first = next(json.loads(lines[one])["head"]["first"] for one in reversed(lines_with(lines[:place], b'{"head"')))
    assert first <= number
    return "altered", f"events number {first} to "


def edit_bits(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"retirement"'))
    lines[place] = lines[place].replace(b'"days":400', b'"days":40', 1)
    return "altered", f"the retirement in line {place + 1} "


def delete_gone(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"gone"'))
    number = int(lines[place].rpartition(b":")[2][:-1])
    del lines[place]
    return "removed", f" number {number} "


IN_AN_EXPORT = [
    edit_line, delete_line, insert_line, insert_unsealed, swap_lines, truncate_file, cut_file_with_care, sign_file_anew, drop_statement_line,
    reorder_statement_lines, replay_head, drop_head, edit_gone, edit_bits, delete_gone,
]  # fmt: skip


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("tamper", IN_AN_EXPORT)
def test_in_an_export_the_first_bad_row_is_named(
    past: Path, tamper: Callable[[random.Random, Lines], Seen], turn: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path)
    lines = path.read_bytes().splitlines()
    kind, text = tamper(dice_of(tamper, turn), lines)
    path.write_bytes(b"\n".join(lines) + b"\n")
    code, said = judged(path, "--head", str(past), capsys=capsys)
    found = first_bad(said) + " "
    assert (code, found.startswith(f"{kind}: " if kind else ""), text in found) == (1, True, True), (SEED, kind, text, said)


def test_a_statement_left_out_with_everything_it_explains_is_missed_by_the_event_of_it(
    past: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last statement alone: nothing behind it shows that the link is missing."""
    path = exported(tmp_path)
    lines = path.read_bytes().splitlines()
    first = lines_with(lines, b'{"head"')[0]
    last = json.loads(lines[first - 1])["retirement"]
    gone = [place for place in lines_with(lines, b'{"gone"') if last["first"] <= int(lines[place].rpartition(b":")[2][:-1]) <= last["last"]]
    del lines[first - 1]
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert gone
    assert judged(path, capsys=capsys)[0] == 1
