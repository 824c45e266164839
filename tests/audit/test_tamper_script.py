"""A tamper script with dice: in a copy of the database with every trigger lifted, years old, with months retired.

`TAMPER_SEED=…` repeats a run. Whatever is done, the first bad row is named; what nobody touched is accepted.
"""

# ruff: noqa: S608  statements by hand, and dice that decide nothing

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from audit.models import Event, Retirement, Seal
from audit.retention import months
from audit.seals import sealing
from audit.seals.sealing import unpacked
from tests.audit.by_hand import COLUMNS, SEED, another_id, by_hand, recorded, sealed_anew, verified
from tests.audit.dice import TURNS, Seen, dice_of, first_bad, numbered, since_retired
from tests.audit.judging import exported, judged
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db


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
