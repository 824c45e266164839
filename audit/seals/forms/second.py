"""Form 2: a JSON object in UTF-8 with sorted keys, as PostgreSQL's row_to_json writes it, so that millions are read in seconds.

PostgreSQL makes it itself; for SQLite the same bytes are made here.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any

from django.db import connection

from audit.seals.forms.first import COLUMNS, hyphened, moment, unique

NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
# Nowhere else: within strings quotes are escaped, and within before and after a space follows the colon.
ID = re.compile(rb'"id":-?\d+,')


def query(condition: str) -> str:
    """Reads ids and what the form is made of."""
    if connection.vendor == "postgresql":
        wanted = f"SELECT {NAMES} FROM audit_event WHERE {condition}"  # noqa: S608  nothing from outside
        return f"SELECT id, pg_catalog.row_to_json(r)::pg_catalog.text FROM ({wanted}) r"  # noqa: S608
    names = NAMES.replace('"at"', "CAST(at AS TEXT)")
    return f"SELECT id, {names} FROM audit_event WHERE {condition}"  # noqa: S608  nothing from outside


def canonical(raw: Sequence[Any]) -> bytes:
    """The canonical form of one row. A value that no event can have, put there by hand, gives a form that no event has."""
    if len(raw) == 1:
        return raw[0].encode()  # type: ignore[no-any-return]  # text
    try:
        return ("{" + ",".join([f'"{column}":{_value(column, value)}' for column, value in zip(COLUMNS, raw, strict=True)]) + "}").encode()
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return json.dumps({"unreadable": repr(raw)}).encode()


def renumbered(form: bytes, event_id: int) -> bytes:
    """The same event with another id."""
    return ID.sub(b'"id":%d,' % event_id, form, count=1)


def _value(column: str, value: Any) -> str:
    if column in {"before", "after"}:
        return _facts(value)
    if column.endswith("id") and column not in {"uid", "request_id"}:
        return "null" if value is None else f"{value:d}"
    if column == "at":
        value = moment(value).rstrip("Z").rstrip("0").rstrip(".") + "+00:00"
    if column == "uid":
        value = hyphened(value)
    return "null" if value is None and column == "address" else quoted(value)


def _facts(text: str) -> str:
    return "{}" if text == "{}" else _json(json.loads(text, parse_float=Decimal, object_pairs_hook=unique))


def _json(value: Any) -> str:
    """As jsonb is written: shorter keys first, and numbers in full."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{quoted(key)}: {_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value or value.copy_abs(), "f")
    return quoted(value) if isinstance(value, str) else json.dumps(value)
