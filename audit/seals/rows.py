"""The canonical form of an event: the bytes that are hashed, exported and proved. docs/audit.md tells it to outsiders.

A JSON object with sorted keys, without spaces, in ASCII. Times are UTC with microseconds. It is made of what the database holds and
never of what Python would make of it, by sealing and verifying alike; the same event gives the same bytes on both databases.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from django.db import connection

FORM = 1
COLUMNS = (
    "account_id", "account_label", "actor_id", "actor_kind", "actor_label", "address", "after", "at", "attempt", "before",
    "browser", "id", "name", "reason", "request_id", "session", "uid", "verified_with",
)  # fmt: skip
POSTGRESQL = {
    "after": "after::text",
    "address": "host(address)",
    "at": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "before": "before::text",
    "uid": "uid::text",
}
SQLITE = {"at": "CAST(at AS TEXT)"}  # otherwise the driver makes a moment of it
HEX_DIGITS = 32
COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode  # json.dumps would make an encoder each time

Raw = Sequence[Any]
Row = tuple[int, bytes]


def canonical(raw: Raw) -> bytes:
    """The canonical form of one row. A value that no event can have, put there by hand, gives a form that no event has."""
    try:
        return _form(raw).encode()
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return json.dumps({"unreadable": repr(raw)}).encode()


def _form(raw: Raw) -> str:
    (account_id, account_label, actor_id, actor_kind, actor_label, address, after, at, attempt, before,
     browser, number, name, reason, request_id, session, uid, verified_with) = raw  # fmt: skip
    return (
        f'{{"account_id":{_number(account_id)},"account_label":{quoted(account_label)},"actor_id":{_number(actor_id)},'
        f'"actor_kind":{quoted(actor_kind)},"actor_label":{quoted(actor_label)},"address":{"null" if address is None else quoted(address)},'
        f'"after":{_facts(after)},"at":{_moment(at)},"attempt":{quoted(attempt)},"before":{_facts(before)},"browser":{quoted(browser)},'
        f'"id":{number:d},"name":{quoted(name)},"reason":{quoted(reason)},"request_id":{quoted(request_id)},"session":{quoted(session)},'
        f'"uid":{_uid(uid)},"verified_with":{quoted(verified_with)}}}'
    )


def _number(value: int | None) -> str:
    return "null" if value is None else f"{value:d}"


def _moment(text: str) -> str:
    """SQLite keeps `2026-04-30 09:00:00` and a fraction only when there is one."""
    if text[10] == "T":
        return quoted(text)
    day, _, clock = text.partition(" ")
    second, _, fraction = clock.partition(".")
    if len(day) != len("2026-04-30") or len(second) != len("09:00:00") or len(fraction) not in {0, 6}:
        raise ValueError
    return quoted(f"{day}T{second}.{fraction or '000000'}Z")


def _uid(text: str) -> str:
    if len(text) != HEX_DIGITS:
        return quoted(text)
    return quoted(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def _facts(text: str) -> str:
    return "{}" if text == "{}" else COMPACT(json.loads(text))


def _columns() -> str:
    special = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    return ", ".join(special.get(column, connection.ops.quote_name(column)) for column in COLUMNS)


def _read(condition: str, params: Sequence[Any]) -> list[Row]:
    query = f"SELECT id, {_columns()} FROM audit_event WHERE {condition}"  # noqa: S608  no part of it comes from outside
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [(row[0], canonical(row[1:])) for row in cursor.fetchall()]


def after(start: int, *, without: Iterable[int], limit: int) -> list[Row]:
    """The first events behind the id `start` that are not among `without`, in the order of their ids."""
    known = list(without)
    clause, params = _is_in(known)
    return _read(f"id > %s AND NOT ({clause}) ORDER BY id LIMIT %s", [start, *params, limit])


def between(start: int, end: int) -> Iterator[Row]:
    """All events with ids above `start` up to and with `end`, in the order of their ids, a page at a time."""
    page = 5000
    while start < end and (rows := _read("id >= %s AND id <= %s ORDER BY id LIMIT %s", [start + 1, end, page])):
        yield from rows
        start = rows[-1][0]


def chosen(ids: Sequence[int]) -> Iterator[Row]:
    """The events with these ids, as far as there are such."""
    for begin in range(0, len(ids), 1000):
        clause, params = _is_in(ids[begin : begin + 1000])
        yield from _read(f"{clause} ORDER BY id", params)


def _is_in(ids: Sequence[int]) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return "id = ANY(%s)", [list(ids)]
    # A long list as one value: SQLite takes only so many.
    return "id IN (SELECT value FROM json_each(%s))", [json.dumps(list(ids))]


def facts(form: bytes) -> dict[str, Any]:
    """What a canonical form says."""
    return dict(json.loads(form))
