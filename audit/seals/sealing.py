"""The sealer: closes what has been recorded into signed batches, every few seconds, one batch after another.

It only reads events. Hashing happens outside any transaction; the new row goes in under a lock, if the chain is still where it was.
So recording never waits for sealing, two sealers at once make one chain, and a sealer that dies leaves nothing half done.
"""

import struct
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from audit.models import Seal
from audit.seals import horizon, rows, tree
from audit.seals.heads import BEFORE_THE_FIRST, Statement, current_key, signed

LARGEST = 1000  # events of one seal: among so many has to search who finds its leaves altered, too
BATCHES = 60  # of one run, so that a run ends before the next few are due
LOCK = 7_306_001  # any number that no other advisory lock of this site has
ID_BYTES = 8


@dataclass(frozen=True)
class End:
    """Where the chain ends: its newest seal, and the ids above `settled` that have been sealed early."""

    number: int
    last: int
    settled: int
    digest: str
    early: frozenset[int]


def newest() -> Seal | None:
    """The newest seal."""
    return Seal.objects.order_by("-number").first()


def seal() -> int:
    """Seal what has been recorded; how many events that were. What is recorded meanwhile may wait for the next run."""
    settled, count = horizon.settled(), 0
    for _ in range(BATCHES):
        end = _end()
        batch = rows.after(end.settled, without=end.early, limit=LARGEST)
        if not batch or not _append(end, batch, settled):
            break
        count += len(batch)
        if len(batch) < LARGEST:
            break
    return count


def _end() -> End:
    last = newest()
    if last is None:
        return End(0, 0, 0, BEFORE_THE_FIRST, frozenset())
    recent = Seal.objects.filter(highest_id__gt=last.settled).values_list("event_ids", flat=True)
    early = frozenset(one for packed in recent for one in unpacked(packed) if one > last.settled)
    return End(last.number, last.last, last.settled, last.head.digest(), early)


def _append(end: End, batch: list[rows.Row], settled: int | None) -> bool:
    made = _made(end, batch, settled)
    with transaction.atomic():
        _one_at_a_time()
        last = newest()
        if (last.number if last else 0) != end.number:
            return False
        made.save(force_insert=True)
    return True


def _one_at_a_time() -> None:
    """On SQLite the transaction itself is IMMEDIATE: it has the one write lock already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _made(end: End, batch: list[rows.Row], settled: int | None) -> Seal:
    ids = [number for number, _ in batch]
    leaves = [tree.leaf(form) for _, form in batch]
    statement = Statement(
        number=end.number + 1,
        first=end.last + 1,
        last=end.last + len(batch),
        settled=max(end.settled, _settled(ids, settled)),
        root=tree.root(leaves).hex(),
        previous=end.digest,
        sealed_at=timezone.now(),
        key=current_key(),
    )
    return Seal(
        **statement._asdict(),
        signature=signed(statement).signature,
        lowest_id=min(ids),
        highest_id=max(ids),
        event_ids=packed(ids),
        leaves=b"".join(leaves),
    )


def _settled(ids: list[int], settled: int | None) -> int:
    """A full batch may not have reached all that is settled."""
    if settled is None:
        return 0
    return min(settled, max(ids)) if len(ids) == LARGEST else settled


def packed(ids: list[int]) -> bytes:
    """Ids one after another, eight bytes each, the highest first."""
    return struct.pack(f">{len(ids)}q", *ids)


def unpacked(stored: bytes | memoryview) -> list[int]:
    """The ids again."""
    return list(struct.unpack(f">{len(stored) // ID_BYTES}q", bytes(stored)[: len(stored) // ID_BYTES * ID_BYTES]))
