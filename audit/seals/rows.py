"""Reads the canonical forms of events: the bytes that are hashed, exported and proved. docs/audit.md tells them to outsiders.

A form is made of what the database holds and never of what Python would make of it, by sealing and verifying alike; the same event
gives the same bytes on both databases. There is a form for each number that seals name, and new seals have the last one.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from audit.seals.forms import first, second

Row = tuple[int, bytes]
PAGE = 5000


class Form(NamedTuple):
    """How events are read and written in one form."""

    query: Callable[[str], str]
    canonical: Callable[[Sequence[Any]], bytes]
    renumbered: Callable[[bytes, int], bytes]


FORMS = {1: Form(first.query, first.canonical, first.renumbered), 2: Form(second.query, second.canonical, second.renumbered)}
FORM = 2
COLUMNS = first.COLUMNS


def _read(form: int, condition: str, params: Sequence[Any]) -> list[Row]:
    query, canonical, _ = FORMS[form]
    with connection.cursor() as cursor:
        cursor.execute(query(condition), params)
        return [(row[0], canonical(row[1:])) for row in cursor.fetchall()]


def after(start: int, *, without: Iterable[int], limit: int) -> list[Row]:
    """The first events behind the id `start` that are not among `without`, in the order of their ids."""
    known = list(without)
    clause, params = _is_in(known) if known else ("false", [])
    return _read(FORM, f"id > %s AND NOT ({clause}) ORDER BY id LIMIT %s", [start, *params, limit])


def between(start: int, end: int, form: int = FORM) -> Iterator[Row]:
    """All events with ids above `start` up to and with `end`, in the order of their ids, a page at a time.

    Nothing but a sequence keeps ids apart in a partitioned table: a page ends between two ids, so that one that is there twice is seen twice.
    """
    limit = PAGE
    while start < end and (rows := _read(form, "id >= %s AND id <= %s ORDER BY id LIMIT %s", [start + 1, end, limit])):
        whole = rows if len(rows) < limit else [row for row in rows if row[0] != rows[-1][0]]
        yield from whole
        if len(rows) < limit:
            return
        start, limit = (whole[-1][0], PAGE) if whole else (start, 2 * limit)


def chosen(ids: Sequence[int], form: int = FORM) -> Iterator[Row]:
    """The events with these ids, as far as there are such."""
    for begin in range(0, len(ids), PAGE):
        clause, params = _is_in(ids[begin : begin + PAGE])
        yield from _read(form, f"{clause} ORDER BY id", params)


def _is_in(ids: Sequence[int]) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return "id = ANY(%s)", [list(ids)]
    # A long list as one value: SQLite takes only so many.
    return "id IN (SELECT value FROM json_each(%s))", [json.dumps(list(ids))]


def cells(ids: Sequence[int]) -> Iterator[Sequence[Any]]:
    """The columns of the events with these ids, ready to be read by people; ids that lie close together are read in one stretch."""
    low, high = min(ids), max(ids)
    close = high - low < 2 * len(ids)
    clause, params = ("id >= %s AND id <= %s", [low, high]) if close else _is_in(ids)
    wanted = set(ids)
    with connection.cursor() as cursor:
        cursor.execute(f"{first.query(clause)} ORDER BY id", params)
        for number, *columns in cursor:
            if number in wanted:
                yield first.plain(columns)


def facts(form: bytes) -> dict[str, Any]:
    """What a canonical form says."""
    return dict(json.loads(form))
