"""Verification of the whole database: the heads first, then every event, on all processors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import connection
from django.db.models import Max, Min

from audit.models import Event, Seal
from audit.seals import chain, contents
from audit.seals.findings import Finding
from audit.seals.heads import Head, parsed
from audit.seals.keys import public_keys
from audit.seals.sealing import newest, unpacked
from audit.seals.workers import workers

AHEAD = 16  # pieces of work given out before the first of them is done
DERIVED = {
    "case": "COALESCE((after ->> 'case'::text), ''::text)",
    "kind": "COALESCE((after ->> 'kind'::text), (before ->> 'kind'::text), ''::text)",
}
EXPRESSIONS = """SELECT c.oid::regclass::text, w.name, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c CROSS JOIN (VALUES ('case'), ('kind')) w (name)
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.name AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.oid = 'audit_event'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_event'::regclass)
    ORDER BY 1, 2"""
LET_GO = "is no longer made from what each event says; what is found by it counts for nothing, while the events themselves are as sealed"


@dataclass(frozen=True)
class Young:
    """Events that no seal holds yet: they may still be altered unseen."""

    count: int
    since: datetime | None
    first_id: int | None


def published(paths: Iterable[Path]) -> list[Head]:
    """The heads in these files, or in the *.json of these folders; ValueError names one that is none."""
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    return [_head(file) for file in files]


def _head(file: Path) -> Head:
    try:
        return parsed(file.read_text())
    except (ValueError, TypeError, RecursionError):
        raise ValueError(f"{file} holds no head of an audit.") from None


def check_heads(kept: Iterable[Head] = ()) -> chain.Chain:
    """The chain as far as it holds, and what is wrong behind that."""
    return chain.walk(chain.heads(), public_keys(), kept)


def check_events(until: int, *, processes: int = 1) -> Iterator[contents.Result]:
    """Every event of the seals up to `until`, piece by piece, in order."""
    work = contents.pieces(until)
    if processes < 2:
        yield from map(contents.check, work)
        return
    with workers(processes) as pool:
        try:
            waiting = [pool.submit(contents.check, piece) for piece in islice(work, AHEAD)]
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(contents.check, piece) for piece in islice(work, 1)]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def duplicates(most: int = 100) -> list[Finding]:
    """Events with the uid of another one; uids are random, so that none is given twice by chance. The later one is named."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL work_mem = '256MB'" if connection.in_atomic_block else "SET work_mem = '256MB'")
        cursor.execute(f"SELECT uid FROM {Event._meta.db_table} GROUP BY uid HAVING count(*) > 1 LIMIT %s", [most])  # noqa: S608  our own name
        twice = [row[0] for row in cursor.fetchall()]
    return [_duplicate(list(Event.objects.filter(uid=uid).order_by("pk"))) for uid in twice]


def _duplicate(those: list[Event]) -> Finding:
    first, later = those[0], those[-1]
    said = f"id {later.pk}, {later.name}, {later.at.isoformat()}"
    text = f"the event ({said}) has the uid {later.uid} of the event with id {first.pk}: it was inserted as a copy"
    return Finding(2**61, later.pk, "inserted", text)


def underived() -> list[Finding]:
    """Columns that are no longer made from what an event says: then the explorer could be shown another case or kind than was sealed."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(EXPRESSIONS)
        wrong = [(table, column) for table, column, stored, made in cursor.fetchall() if stored != "s" or made != DERIVED[column]]
    return [Finding(2**61, 0, "altered", f"the column {column} of {table} {LET_GO}") for table, column in wrong]


def young() -> Young:
    """What has been recorded since the newest seal, or was still being written then."""
    last = newest()
    events = Event.objects.filter(pk__gt=last.settled if last else 0)
    if last:
        recent = Seal.objects.filter(highest_id__gt=last.settled).values_list("event_ids", flat=True)
        early = [one for packed in recent for one in unpacked(packed) if one > last.settled]
        events = events.exclude(pk__in=early[:10_000])
    told = events.aggregate(Min("at"), Min("pk"), Max("pk"))
    return Young(events.count(), told["at__min"], told["pk__min"])
