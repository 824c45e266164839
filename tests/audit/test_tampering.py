"""R-182, R-183: whatever is done to a copy of the database, with every trigger lifted, the first bad row is named."""

# ruff: noqa: S608  statements by hand are what this is about

import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from audit.models import Event, Seal
from audit.seals import contents, rows, tree
from audit.seals.sealing import packed, seal, unpacked
from tests.audit.by_hand import BATCHES, COLUMNS, SEED, another_id, by_hand, names, recorded, verified
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db


@pytest.mark.covers("S-146")
def test_what_nobody_touched_is_accepted(ids: list[int], kept: Path) -> None:
    code, said = verified(kept)
    assert (code, "Nothing was altered" in said, "4 seals with 25 events" in said) == (0, True, True)


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_the_same(ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SEALS", 1)
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[20]}")
    assert names(verified(processes=2), "altered", 21)


def test_younger_events_are_said_to_be_vouched_for_by_nothing(ids: list[int]) -> None:
    recorded(3)
    code, said = verified()
    assert (code, "3 events are younger than the newest seal" in said) == (0, True)


def test_a_database_without_seals_is_not_said_to_be_whole() -> None:
    recorded(1)
    code, said = verified()
    assert (code, "There is no seal that could vouch for anything." in said, "Nothing was altered" in said) == (2, True, False)


@pytest.mark.parametrize("column", COLUMNS)
def test_an_altered_column_is_noticed(ids: list[int], column: str) -> None:
    by_hand(f'UPDATE audit_event SET "{column}" = {COLUMNS[column]} WHERE id = {ids[8]}')
    assert names(verified(), "altered", 9)


def test_a_column_that_no_longer_comes_from_the_facts_is_named(ids: list[int]) -> None:
    """SQLite has no way to let go of how a column is made."""
    forged = f"""UPDATE audit_event SET "case" = 'x' WHERE id = {ids[3]}"""
    if connection.vendor == "postgresql":
        by_hand('ALTER TABLE audit_event ALTER COLUMN "case" DROP EXPRESSION', forged)
        code, said = verified()
        assert code == 1
        assert "First bad row: altered: the column case of audit_event is no longer made from what each event says" in said
    else:
        with pytest.raises(DatabaseError, match="generated column"):
            by_hand(forged)


def test_facts_with_a_name_twice_are_noticed(ids: list[int]) -> None:
    """One program reads the first value, another the last; PostgreSQL keeps the last alone, which was sealed."""
    twice = """substr("after", 1, 1) || '"name": "other", ' || substr("after", 2)"""
    if connection.vendor == "sqlite":
        by_hand(f'UPDATE audit_event SET "after" = {twice} WHERE id = {ids[8]}')
        assert names(verified(), "altered", 9)


def test_each_column_is_tried_above() -> None:
    assert {field.name for field in Event._meta.concrete_fields if not field.generated} == {*COLUMNS, "id"} == set(rows.COLUMNS)


def test_the_first_of_several_is_named_and_all_of_them_on_demand(ids: list[int]) -> None:
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id IN ({ids[4]}, {ids[11]}, {ids[22]})")
    assert names(verified(), "altered", 5)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit_verify", "--all", "--processes=1", stdout=out, stderr=StringIO())
    assert out.getvalue().count("Also: ") == 2


def inserted(number: int) -> str:
    moved = [column for column in COLUMNS if column != "uid"]
    quoted = ", ".join(f'"{column}"' for column in moved)
    return f"""INSERT INTO audit_event (id, uid, {quoted}) SELECT {number}, '99999999999999999999999999999999', {quoted}
        FROM audit_event ORDER BY id LIMIT 1"""


def test_a_removed_event_is_named(ids: list[int]) -> None:
    by_hand(f"DELETE FROM audit_event WHERE id = {ids[13]}")
    assert names(verified(), "removed", 14)


@pytest.mark.parametrize("place", [0, 12, 24])
def test_an_event_inserted_in_a_gap_of_the_ids_is_named(place: int) -> None:
    """Ids have gaps where a transaction was rolled back; one that is filled later shows all the same."""
    for count in BATCHES:
        recorded(count)
        seal()
    ids = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    gap = ids[place]
    with triggers_lifted(connection):
        Event.objects.all().delete()
        Seal.objects.all().delete()
    with connection.cursor() as cursor:
        for number in ids:
            if number != gap:
                cursor.execute(inserted_plain(number))
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('audit_event', 'id'), {ids[-1] + 1})")
        cursor.execute(inserted_plain(ids[-1] + 1))
    seal()
    assert verified()[0] == 0
    with connection.cursor() as cursor:
        cursor.execute(inserted_plain(gap))
    assert names_inserted(verified(), gap)


def inserted_plain(number: int) -> str:
    uid = f"{number:032x}"
    return f"""INSERT INTO audit_event (id, uid, at, name, account_label, actor_label, actor_kind, reason, "before", "after", verified_with,
        browser, request_id, attempt, session) VALUES ({number}, '{uid}', '2026-04-30 09:00:00+00', 'account:viewed', '', '', 'system', '',
        '{{}}', '{{}}', '', '', '', '', '')"""


def names_inserted(said: tuple[int, str], number: int) -> bool:
    return said[0] == 1 and f"First bad row: inserted: an event with id {number} was inserted" in said[1]


@pytest.mark.parametrize("number", [0, -5])
def test_an_event_inserted_below_all_others_is_named(ids: list[int], number: int) -> None:
    by_hand(inserted(number))
    assert names_inserted(verified(), number)


def test_events_whose_rows_were_exchanged_are_named_as_such(ids: list[int]) -> None:
    by_hand(another_id(ids[8], 10**6), another_id(ids[10], ids[8]), another_id(10**6, ids[10]))
    said = verified()
    assert names(said, "swapped", 9)
    assert "with event number 11" in said[1]


def test_an_event_hidden_together_with_its_hash_is_named(ids: list[int]) -> None:
    one = Seal.objects.get(number=2)
    left = [number for number in unpacked(one.event_ids) if number != ids[9]]
    by_hand(f"DELETE FROM audit_event WHERE id = {ids[9]}")
    with triggers_lifted(connection):
        Seal.objects.filter(number=2).update(event_ids=packed(left))
    assert names(verified(), "removed", 10)


LISTS: dict[str, Callable[[list[int]], list[int]]] = {
    "one that is nobody's": lambda own: [*own[:2], 10**6, *own[3:]],
    "one twice": lambda own: [*own[:2], own[1], *own[3:]],
    "two swapped": lambda own: [*own[:2], own[3], own[2], *own[4:]],
    "one left out": lambda own: [*own[:2], *own[3:]],
    "one of another seal": lambda own: [*own[:2], own[0] - 3, *own[3:]],
}


@pytest.mark.parametrize("how", LISTS)
def test_a_list_of_ids_that_was_altered_alone_casts_no_doubt_on_events(ids: list[int], how: str) -> None:
    own = unpacked(Seal.objects.get(number=2).event_ids)
    with triggers_lifted(connection):
        Seal.objects.filter(number=2).update(event_ids=packed(LISTS[how](own)))
    said = verified()
    assert names(said, "seal", 10), said
    assert f"(id {own[2]}) of seal 2 is as sealed" in said[1]
    assert "inserted" not in verified(everything=True)[1]


def test_an_event_altered_with_its_hash_is_narrowed_down_to_its_seal(ids: list[int]) -> None:
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[9]}")
    [(_, form)] = rows.chosen([ids[9]])
    leaves = tree.cut(bytes(Seal.objects.get(number=2).leaves))
    leaves[2] = tree.leaf(form)
    with triggers_lifted(connection):
        Seal.objects.filter(number=2).update(leaves=b"".join(leaves))
    code, said = verified()
    assert code == 1
    assert "altered: seal 2 was altered together with its hashes: one or more of events number 8 to 12 are not as sealed" in said


def test_hashes_that_were_altered_alone_do_not_cast_doubt_on_events(ids: list[int]) -> None:
    with triggers_lifted(connection):
        Seal.objects.filter(number=3).update(leaves=b"\0" * 32 * 9)
    assert "the hashes that seal 3 keeps were altered at event number 13; the events themselves are as sealed" in verified()[1]


Tamper = Callable[[random.Random, list[int]], tuple[int, str]]


def alter(dice: random.Random, ids: list[int]) -> tuple[int, str]:
    place, column = dice.randrange(len(ids)), dice.choice(sorted(COLUMNS))
    by_hand(f'UPDATE audit_event SET "{column}" = {COLUMNS[column]} WHERE id = {ids[place]}')
    return place, "altered"


def remove(dice: random.Random, ids: list[int]) -> tuple[int, str]:
    places = dice.sample(range(len(ids)), dice.randint(1, 4))
    by_hand(f"DELETE FROM audit_event WHERE id IN ({', '.join(str(ids[place]) for place in places)})")
    return min(places), "removed"


def swap(dice: random.Random, ids: list[int]) -> tuple[int, str]:
    batch = dice.randrange(4)
    begin = sum(BATCHES[:batch])
    one, other = sorted(dice.sample(range(begin, begin + BATCHES[batch]), 2))
    by_hand(another_id(ids[one], 10**6), another_id(ids[other], ids[one]), another_id(10**6, ids[other]))
    return one, "swapped"


def swap_afar(dice: random.Random, ids: list[int]) -> tuple[int, str]:
    one, other = dice.randrange(BATCHES[0]), dice.randrange(BATCHES[0], len(ids))
    by_hand(another_id(ids[one], 10**6), another_id(ids[other], ids[one]), another_id(10**6, ids[other]))
    return one, "altered"


def cut(dice: random.Random, ids: list[int]) -> tuple[int, str]:
    place = dice.randrange(len(ids))
    by_hand(f"DELETE FROM audit_event WHERE id >= {ids[place]}")
    return place, "removed"


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("tamper", [alter, remove, swap, swap_afar, cut])
def test_whatever_the_dice_do_the_first_bad_row_is_named(ids: list[int], tamper: Tamper, turn: int) -> None:
    print(f"TAMPER_SEED={SEED}")
    place, kind = tamper(random.Random(f"{SEED} {tamper.__name__} {turn}"), ids)
    said = verified()
    assert names(said, kind, place + 1), (SEED, kind, place + 1, said)
