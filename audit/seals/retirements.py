"""What is signed when events are removed under a rule: which numbers, under which rule, and how old they had to be (R-189).

The hashes of removed events stay in their seals, so the root can still be made; a retirement says why a row is not there. It can only
speak of seals that were closed before `older_than`, and that lies at least `days` before the retirement: whoever has the signing key
cannot remove what is young under the name of a rule.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from audit.catalogue import EventName
from audit.models import Event, Retirement
from audit.seals.findings import Finding
from audit.seals.heads import TIME, compact, unhexed
from audit.seals.keys import is_signed, signing_key

SUBJECT = b"mfaadmin audit retirement 1\n"
BEFORE_THE_FIRST = "0" * 64
AFTER = " after "  # in the words of a rule; an erasure has none
AFTER_ALL = 2**62  # in the order of findings: behind all events


@dataclass(frozen=True)
class Statement:
    """What a retirement says: `count` events among the numbers `first` … `last`, told one by one by bits of this digest, are gone."""

    number: int
    rule: str
    days: int
    older_than: datetime
    first: int
    last: int
    count: int
    digest: str
    previous: str
    retired_at: datetime
    key: str

    def facts(self) -> dict[str, Any]:
        """The statement as it is written; without the signature."""
        moments = {name: getattr(self, name).astimezone(UTC).strftime(TIME) for name in ("older_than", "retired_at")}
        return vars(self) | moments

    def signed_bytes(self) -> bytes:
        """What the signature is made of."""
        return SUBJECT + compact(self.facts())

    def signed(self) -> str:
        """A signature of this site."""
        return signing_key().sign(self.signed_bytes()).hex()


def statement_of(row: Retirement) -> Statement:
    """What a kept row says."""
    return Statement(**{name: getattr(row, name) for name in Statement.__dataclass_fields__})


def line(row: Retirement) -> bytes:
    """The signed statement: one line of canonical JSON."""
    return compact(statement_of(row).facts() | {"signature": row.signature})


def line_digest(row: Retirement | None) -> str:
    """What the next retirement names as `previous`, and what the event of it keeps."""
    return hashlib.sha256(line(row)).hexdigest() if row else BEFORE_THE_FIRST


def bits_of(numbers: Iterable[int], first: int, last: int) -> bytes:
    """A bit for each number, the first one being the highest of the first byte."""
    bits = bytearray((last - first) // 8 + 1)
    for number in numbers:
        bits[(number - first) >> 3] |= 0x80 >> ((number - first) & 7)
    return bytes(bits)


def packed_bits(bits: bytes) -> bytes:
    """As the row keeps them."""
    return zlib.compress(bits, 9)


class Gone:
    """Which numbers of some seals may be missing, as far as signed retirements tell."""

    def __init__(self, rows: Iterable[Retirement]) -> None:
        self._told = [(row, _bits(row)) for row in rows]

    def explains(self, number: int, sealed_at: datetime) -> bool:
        """Whether the event of this number was old enough and is said to have been removed."""
        for row, bits in self._told:
            place = number - row.first
            if 0 <= place >> 3 < len(bits) and number <= row.last and bits[place >> 3] & (0x80 >> (place & 7)):
                return sealed_at < row.older_than
        return False


def _bits(row: Retirement) -> bytes:
    """As many as the statement speaks of; nothing where others are kept beside it."""
    most, stream = (row.last - row.first) // 8 + 1, zlib.decompressobj()
    try:
        bits = stream.decompress(bytes(row.numbers), most + 1) if most > 0 else b""
    except zlib.error:
        return b""
    return bits if len(bits) <= most and stream.eof and not stream.unused_data else b""


def good(keys: dict[str, bytes], first: int = 1, last: int | None = None) -> Gone:
    """What the retirements that touch these numbers explain; those that are not in order explain nothing."""
    rows = Retirement.objects.filter(last__gte=first).order_by("number")
    return Gone(row for row in (rows.filter(first__lte=last) if last is not None else rows) if _problem(row, keys) is None)


def walk(keys: dict[str, bytes]) -> Iterator[tuple[Retirement, Finding | None]]:
    """Every retirement, and what is wrong with it. Each has to be told of by an event, which seals vouch for."""
    told = {facts.get("digest") for facts in _told()}
    previous: Retirement | None = None
    for row in Retirement.objects.order_by("number"):
        yield row, _misfit(row, previous, keys) or (_untrue(row) if line_digest(row) not in told else None)
        previous = row


def _misfit(row: Retirement, previous: Retirement | None, keys: dict[str, bytes]) -> Finding | None:
    """A statement that is not as it was signed comes before every event: what it speaks of is missing for want of it."""
    expected = (previous.number if previous else 0) + 1
    if problem := _problem(row, keys):
        kind = "signature" if "signature" in problem else "altered"
        return Finding(0, row.number, kind, f"{_named(row)} {problem}; what it says of {_range(row)} counts for nothing")
    if row.number > expected:
        return Finding(0, expected, "removed", f"retirement {expected} is missing; the next one there is {_named(row)}")
    if row.previous != line_digest(previous):
        return Finding(0, row.number, "altered", f"{_named(row)} is not linked to the one before")
    return None


def _untrue(row: Retirement) -> Finding:
    return Finding(AFTER_ALL, row.number, "altered", f"{_named(row)} is told of by no event; it speaks of {_range(row)}")


def _named(row: Retirement) -> str:
    return f"retirement {row.number} (“{row.rule}”)"


def _range(row: Retirement) -> str:
    return f"event number {row.first} to {row.last}"


def _told() -> list[dict[str, Any]]:
    """What events say of statements; somebody may have written something else there."""
    told = Event.objects.filter(name=EventName.EVENTS_RETIRED).order_by("pk").values_list("after", flat=True)
    return [facts for facts in told if isinstance(facts, dict) and isinstance(facts.get("digest"), str)]


def untold() -> Iterator[Finding]:
    """Statements that an event speaks of, and that are not there any more."""
    there = {line_digest(row) for row in Retirement.objects.order_by("number")}
    for facts in _told():
        if facts.get("digest") not in there:
            number = facts.get("retirement")
            text = f"statement {number} of what was removed under the rule “{facts.get('rule')}” is not there any more, and an event speaks of it"
            yield Finding(AFTER_ALL, number if isinstance(number, int) else 0, "removed", text)


def _problem(row: Retirement, keys: dict[str, bytes]) -> str | None:
    said, key = statement_of(row), keys.get(row.key)
    if key is None or not is_signed(said.signed_bytes(), unhexed(row.signature), key):
        return f"does not bear a signature of the key {row.key}"
    if hashlib.sha256(_bits(row)).hexdigest() != row.digest:
        return "does not go with the numbers kept beside it"
    if row.days < 0 or (AFTER in row.rule and not row.rule.endswith(f"{AFTER}{row.days} days")):
        return "speaks of other days than its rule"
    if row.older_than > row.retired_at - timedelta(days=row.days):
        return f"removed what was younger than {row.days} days"
    return None
