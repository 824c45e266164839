"""Form 1, in which events were sealed at first: a JSON object with sorted keys, without spaces, in ASCII. Still verified, not made any more."""

import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from django.db import connection

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


def query(condition: str) -> str:
    """Reads ids and what the form is made of."""
    special = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    columns = ", ".join(special.get(column, connection.ops.quote_name(column)) for column in COLUMNS)
    return f"SELECT id, {columns} FROM audit_event WHERE {condition}"  # noqa: S608  no part of it comes from outside


def canonical(raw: Raw) -> bytes:
    """The canonical form of one row. A value that no event can have, put there by hand, gives a form that no event has."""
    try:
        return _form(raw).encode()
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return json.dumps({"unreadable": repr(raw)}).encode()


def plain(raw: Raw) -> Raw:
    """The columns of one row as people read them, the same on both databases."""
    if connection.vendor == "postgresql":
        return raw
    texts = {"at": moment, "uid": hyphened, "before": _readable, "after": _readable}
    return [texts[column](value) if column in texts else value for column, value in zip(COLUMNS, raw, strict=True)]


def _readable(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False)


def renumbered(form: bytes, event_id: int) -> bytes:
    """The same event with another id."""
    return COMPACT(json.loads(form) | {"id": event_id}).encode()


def _form(raw: Raw) -> str:
    (account_id, account_label, actor_id, actor_kind, actor_label, address, after, at, attempt, before,
     browser, number, name, reason, request_id, session, uid, verified_with) = raw  # fmt: skip
    return (
        f'{{"account_id":{_number(account_id)},"account_label":{quoted(account_label)},"actor_id":{_number(actor_id)},'
        f'"actor_kind":{quoted(actor_kind)},"actor_label":{quoted(actor_label)},"address":{"null" if address is None else quoted(address)},'
        f'"after":{_facts(after)},"at":{quoted(moment(at))},"attempt":{quoted(attempt)},"before":{_facts(before)},"browser":{quoted(browser)},'
        f'"id":{number:d},"name":{quoted(name)},"reason":{quoted(reason)},"request_id":{quoted(request_id)},"session":{quoted(session)},'
        f'"uid":{quoted(hyphened(uid))},"verified_with":{quoted(verified_with)}}}'
    )


def _number(value: int | None) -> str:
    return "null" if value is None else f"{value:d}"


def moment(text: str) -> str:
    """SQLite keeps `2026-04-30 09:00:00` and a fraction only when there is one."""
    if text[10] == "T":
        return text
    day, _, clock = text.partition(" ")
    second, _, fraction = clock.partition(".")
    if len(day) != len("2026-04-30") or len(second) != len("09:00:00") or len(fraction) not in {0, 6}:
        raise ValueError
    return f"{day}T{second}.{fraction or '000000'}Z"


def hyphened(uid: str) -> str:
    """SQLite keeps the digits alone."""
    if len(uid) != HEX_DIGITS:
        return uid
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


def _facts(text: str) -> str:
    return "{}" if text == "{}" else COMPACT(json.loads(text, object_pairs_hook=unique))


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The facts of an object; SQLite keeps whatever text it is given, and reads the first of two values where Python reads the last."""
    facts = dict(pairs)
    if len(facts) < len(pairs):
        raise ValueError
    return facts
