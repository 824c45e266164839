"""R-182: what is recorded is sealed in batches that are numbered without gaps, linked and signed; recording never waits for it."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event, Seal
from audit.record import record
from audit.seals import rows, sealing, tree
from audit.seals.forms import first, second
from audit.seals.heads import parsed
from audit.seals.keys import public_keys
from audit.seals.sealing import seal, unpacked
from tests.harness.append_only import triggers_lifted
from tests.harness.parallel import Outcome

Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]


def some_events(count: int) -> list[int]:
    return [record(EventName.ACCOUNT_VIEWED, after={"number": number}).pk for number in range(count)]


def chain() -> list[Seal]:
    return list(Seal.objects.order_by("number"))


def sealed_ids() -> list[int]:
    return [number for one in chain() for number in unpacked(one.event_ids)]


def assert_whole() -> None:
    """The chain holds together and each event is in it once."""
    last, previous = 0, "0" * 64
    for number, one in enumerate(chain(), 1):
        assert (one.number, one.first, one.previous) == (number, last + 1, previous)
        assert one.head.is_signed_by(public_keys())
        assert tree.root(tree.cut(bytes(one.leaves))).hex() == one.root
        last, previous = one.last, one.head.digest()
    ids = sealed_ids()
    assert (len(ids), len(set(ids))) == (last, last)
    assert set(ids) == set(Event.objects.values_list("pk", flat=True))


def test_nothing_recorded_is_nothing_sealed(db: None) -> None:
    assert (seal(), chain()) == (0, [])


@pytest.mark.covers("S-146")
def test_what_is_recorded_is_sealed_once(db: None) -> None:
    first = some_events(5)
    assert seal() == 5
    second = some_events(3)
    assert (seal(), seal()) == (3, 0)
    assert [(one.first, one.last) for one in chain()] == [(1, 5), (6, 8)]
    assert sealed_ids() == first + second
    assert_whole()


def test_many_events_are_sealed_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LARGEST", 10)
    some_events(25)
    assert seal() == 25
    assert [one.last - one.first + 1 for one in chain()] == [10, 10, 5]
    assert [one.settled for one in chain()][:2] == [max(unpacked(one.event_ids)) for one in chain()[:2]]
    assert_whole()


def test_the_root_is_that_of_the_rfc(db: None) -> None:
    """RFC 6962 by its own words: split at the largest power of two."""

    def by_the_book(entries: list[bytes]) -> bytes:
        if len(entries) == 1:
            return hashlib.sha256(b"\x00" + entries[0]).digest()
        half = 1 << (len(entries) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + by_the_book(entries[:half]) + by_the_book(entries[half:])).digest()

    for size in range(1, 40):
        entries = [f"entry {number}".encode() for number in range(size)]
        assert tree.root([tree.leaf(entry) for entry in entries]) == by_the_book(entries)


def test_a_head_can_be_read_back_from_its_line(db: None) -> None:
    some_events(2)
    seal()
    head = chain()[0].head
    assert parsed(head.line()) == head
    assert hashlib.sha256(head.line()).hexdigest() == head.digest()


@pytest.mark.parametrize("line", ["{}", "[]", "null", '{"number": 1}', "x", '{"a":1,"sealed_at":"2026-04-30T00:00:00.000000Z"}'])
def test_what_is_no_head_is_said_to_be_none(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  a line of anything
        parsed(line)


def test_the_canonical_form_is_the_same_on_every_database(hana: Account) -> None:
    """The bytes that docs/audit.md promises, letter for letter."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_event (id, uid, at, name, account_id, account_label, actor_label, actor_kind, reason, "before", "after",
               verified_with, address, browser, request_id, attempt, session) VALUES (7, '12345678-1234-5678-1234-567812345678',
               '2026-04-30 09:00:00+00', 'method:renamed', 3, 'a"b\\c', '', 'system', '佐藤 😀', '{}',
               '{"z": [1, 2.50, null], "a": "\\u00e9"}', '', '192.0.2.7', '', '', '', '')"""
            if connection.vendor == "postgresql"
            else """INSERT INTO audit_event (id, uid, at, name, account_id, account_label, actor_label, actor_kind, reason, "before", "after",
               verified_with, address, browser, request_id, attempt, session) VALUES (7, '12345678123456781234567812345678',
               '2026-04-30 09:00:00', 'method:renamed', 3, 'a"b\\c', '', 'system', '佐藤 😀', '{}',
               '{"z": [1, 2.50, null], "a": "\\u00e9"}', '', '192.0.2.7', '', '', '', '')"""
        )
    assert {form: dict(rows.chosen([7], form))[7].decode() for form in rows.FORMS} == {
        1: (
            '{"account_id":3,"account_label":"a\\"b\\\\c","actor_id":null,"actor_kind":"system","actor_label":"","address":"192.0.2.7",'
            '"after":{"a":"\\u00e9","z":[1,2.5,null]},"at":"2026-04-30T09:00:00.000000Z","attempt":"","before":{},"browser":"","id":7,'
            '"name":"method:renamed","reason":"\\u4f50\\u85e4 \\ud83d\\ude00","request_id":"","session":"",'
            '"uid":"12345678-1234-5678-1234-567812345678","verified_with":""}'
        ),
        2: (
            '{"account_id":3,"account_label":"a\\"b\\\\c","actor_id":null,"actor_kind":"system","actor_label":"","address":"192.0.2.7",'
            '"after":{"a": "é", "z": [1, 2.50, null]},"at":"2026-04-30T09:00:00+00:00","attempt":"","before":{},"browser":"",'
            '"id":7,"name":"method:renamed","reason":"佐藤 😀","request_id":"","session":"",'
            '"uid":"12345678-1234-5678-1234-567812345678","verified_with":""}'
        ),
    }


def test_the_canonical_form_is_json_with_every_column(hana: Account) -> None:
    reason = "".join(map(chr, range(1, 300))) + "佐藤 😀 \u2028 % %s"
    facts = {"b": 1, "a": {"d": "é\x7f", "c": None}, "bb": [2.5, 10**20, -1e-07, True], "": {}, "%s": "'"}
    event = record(EventName.ACCOUNT_VIEWED, account=hana, reason=reason, before=facts, after=facts)
    [(_, form)] = rows.chosen([event.pk])
    said = json.loads(form)
    assert list(said) == sorted(field.name for field in Event._meta.concrete_fields if not field.generated)
    assert datetime.fromisoformat(said["at"]) == event.at
    assert (said["uid"], said["reason"], said["after"], said["account_id"]) == (str(event.uid), event.reason, event.after, hana.pk)
    assert form == as_this_site_writes_it(event)


def as_this_site_writes_it(event: Event) -> bytes:
    """What is made for SQLite; PostgreSQL makes the form by itself."""
    special = {
        "uid": event.uid.hex,
        "at": event.at.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000"),
        "before": json.dumps(event.before),
        "after": json.dumps(event.after),
    }
    return second.canonical([special.get(column, getattr(event, column)) for column in first.COLUMNS])


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
FACTS = st.dictionaries(
    TEXT, st.recursive(TEXT | NUMBERS | st.booleans() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))
)


@pytest.mark.django_db
@given(facts=FACTS, text=TEXT, microsecond=st.integers(0, 999_999))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_event_holds_both_databases_give_the_same_bytes(facts: dict[str, Any], text: str, microsecond: int) -> None:
    at = datetime(2026, 4, 30, 9, 0, 1, microsecond, tzinfo=UTC)
    event = Event.objects.create(at=at, name="account:viewed", actor_kind="system", reason=text, after=facts, address="2001:db8::7")
    assert dict(rows.chosen([event.pk]))[event.pk] == as_this_site_writes_it(event)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE audit_seal SET root = ''", "DELETE FROM audit_seal", "UPDATE audit_event SET name = ''"])
def test_sealing_leaves_no_way_to_change_anything(statement: str) -> None:
    some_events(2)
    seal()
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        cursor.execute(statement)


def test_writers_and_sealers_at_once_make_one_whole_chain(parallel: Parallel) -> None:
    """Four write, in transactions that overlap and partly fail; two seal all the while."""
    done, seals = threading.Event(), threading.Semaphore(0)
    left = [4]

    def write(number: int) -> None:
        for turn in range(15):
            if number == 0 and turn in {5, 10}:  # however busy the machine is, they meet
                assert seals.acquire(timeout=30)
            with transaction.atomic():
                some_events(1 + turn % 3)
                transaction.set_rollback(turn % 5 == number)
        left[0] -= 1
        if not left[0]:
            done.set()

    def work(number: int) -> None:
        if number < 4:
            return write(number)
        while not done.is_set():
            if seal():
                seals.release()
        return None

    outcomes = parallel(6, work)
    assert [outcome.error for outcome in outcomes] == [None] * 6
    seal()
    assert_whole()
    assert len(chain()) > 2


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Somebody with a connection of his own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result()


def in_two_steps(steps: list[threading.Event]) -> None:
    with transaction.atomic():
        some_events(1)
        steps[0].set()
        steps[1].wait(30)


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_transaction_is_still_open_is_sealed_later_and_holds_nothing_up(elsewhere: ThreadPoolExecutor) -> None:
    if connection.vendor != "postgresql":  # SQLite has one writer at a time: nobody can commit in between
        some_events(2)
        assert (seal(), sealing.newest().settled) == (2, Event.objects.latest("pk").pk)  # type: ignore[union-attr]
        return
    steps = [threading.Event(), threading.Event()]
    slow = elsewhere.submit(partial(in_two_steps, steps))
    steps[0].wait(30)
    quick = some_events(2)
    assert seal() == 2
    assert sealed_ids() == quick
    assert chain()[0].settled < min(quick)
    steps[1].set()
    slow.result(30)
    assert seal() == 1
    assert sealed_ids()[-1] < min(quick)
    assert chain()[1].settled >= max(quick)
    assert_whole()


def test_a_sealer_that_was_overtaken_drops_its_work(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    some_events(3)
    made = sealing._made

    def overtaken(*args: Any) -> Seal:
        monkeypatch.setattr(sealing, "_made", made)
        assert seal() == 3
        return made(*args)

    monkeypatch.setattr(sealing, "_made", overtaken)
    assert seal() == 0
    assert_whole()


@pytest.mark.parametrize("step", ["_made", "signed", "_one_at_a_time"])
def test_a_sealer_that_dies_at_any_step_leaves_the_chain_whole(step: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    some_events(2)
    seal()
    some_events(2)
    with monkeypatch.context() as patch:

        def dies(*args: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(sealing, step, dies)
        with pytest.raises(KeyboardInterrupt):
            seal()
    assert len(chain()) == 1
    assert seal() == 2
    assert_whole()


def test_a_sealer_that_dies_after_writing_leaves_no_half_seal(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    some_events(2)
    save = Seal.save

    def saves_and_dies(self: Seal, **options: Any) -> None:
        save(self, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Seal, "save", saves_and_dies)
    with pytest.raises(KeyboardInterrupt):
        seal()
    monkeypatch.undo()
    assert chain() == []
    assert seal() == 2
    assert_whole()


def test_what_was_put_there_by_hand_and_is_no_event_is_sealed_all_the_same(transactional_db: None) -> None:
    some_events(2)
    if connection.vendor == "sqlite":
        with triggers_lifted(connection), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_event SET at = 'yesterday'")
    assert seal() == 2
