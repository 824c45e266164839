#!/usr/bin/env python3
"""Check an export of the audit without the site that made it: one file, Python 3.9 or newer, nothing else.

    python3 verify_audit.py export.jsonl --key KEY --head head.json

KEY is the site's public key in base64, or a file with one on each line; --head is a head that left the site earlier, or a folder of
them. Both must have reached you by another way than the export. Exit code 0: everything is as it was sealed; 1: something is not, and
the first bad row is named; 2: that could not be found out. Written apart from the site's own code, from the format in docs/audit.md.

To be read from top to bottom:

    1  Signatures       Ed25519, by the cryptography package or by arithmetic alone
    2  Hashes           leaves, roots, and the way from one leaf up to a root
    3  Heads and keys   what vouches for the events of a seal
    4  Removals         statements that events were removed under a rule
    5  Reading          the lines of an export, of either kind
    6  Whole exports    every event of every seal, in order
    7  Chosen events    some events, each with the way up to its seal
    8  The first bad row
    9  The command
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    FAST = False  # by arithmetic then; some milliseconds for each signature
else:
    FAST = True

SUBJECT = b"mfaadmin audit head 1\n"
RETIREMENT = b"mfaadmin audit retirement 1\n"
FORMS = (1, 2)
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
BEFORE_THE_FIRST = "0" * 64
HEAD = {"first": int, "form": int, "key": str, "last": int, "number": int, "previous": str, "root": str, "sealed_at": str, "settled": int}
# How lines begin, and what stands within those of events.
SEAL, EVENT, GONE = b'{"head":', b'{"event":', b'{"gone":true,"leaf":"'
RETIRED, UNSEALED, END = b'{"retirement":', b'{"unsealed":', b'{"end":'
LEAF, NUMBER = b',"leaf":"', b'","number":'
TELLS = b'"events:retired"'
AT_ONCE = 100_000  # lines of one seal that are held in memory
LARGEST = 10_000  # events of a seal: a site makes far smaller ones, and a larger one is read only when it is signed
LONGEST = 32 * 2**20  # bytes of a line
SEARCHED = 2_000  # events of a seal among which an inserted one is looked for
CANNOT = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)  # what altered lines can bring about
AFTER = " after "  # in the words of a rule; an erasure has none
PROGRESS = 20_000  # lines from one word of progress to the next


class Bad(Exception):
    """The first thing that is not as it was sealed."""


class Unsigned(Exception):
    """The last head of a key is not signed with it; the first such head is still to be found."""


class Unreadable(Exception):
    """What was given cannot be checked."""


def unhexed(text: str) -> bytes:
    """The bytes of hexadecimal digits as the site writes them, in lower case; ValueError where they were written otherwise."""
    found = bytes.fromhex(text)
    if found.hex() != text:
        raise ValueError("not the digits of the site")
    return found


# 1  Signatures: Ed25519 (RFC 8032, section 5.1); the arithmetic is for machines without the cryptography package.

Point = tuple[int, int, int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def _x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = _x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def _add(one: Point, other: Point) -> Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


BASE: Any = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_in_python(message: bytes, signature: bytes, key: bytes) -> bool:
    """Whether the signature is that of the key, by arithmetic alone."""
    if len(signature) != 64 or len(key) != 32:
        return False
    owner, commitment, scalar = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if owner is None or commitment is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = _times(scalar, BASE), _add(commitment, _times(challenge, owner))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Whether the owner of this public key signed the message."""
    if not FAST:
        return signed_in_python(message, signature, key)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# 2  Hashes (RFC 6962, section 2.1).


def leaf_of(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def leaves_of(lines: list[bytes], number: int) -> list[bytes]:
    """The hashes of lines with events of these numbers; nothing when any line is not as an untouched export has it."""
    leaves = []
    length = 0
    for line in lines:
        if len(str(number)) != length:
            length = len(str(number))
            end = len(LEAF) + 64 + len(NUMBER) + length + 2
        leaf = hashlib.sha256(b"\x00" + line[9:-end])
        if not (line.startswith(EVENT) and line.endswith(b',"leaf":"%b","number":%d}\n' % (leaf.hexdigest().encode(), number))):
            return []
        leaves.append(leaf.digest())
        number += 1
    return leaves


def root_of(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes: neighbours in pairs, a last one without a neighbour rises as it is."""
    while len(leaves) > 1:
        pairs = [hashlib.sha256(b"\x01" + leaves[i] + leaves[i + 1]).digest() for i in range(0, len(leaves) - 1, 2)]
        leaves = [*pairs, leaves[-1]] if len(leaves) % 2 else pairs
    return leaves[0] if leaves else b""


def root_by(path: list[bytes], leaf: bytes, place: int, size: int) -> bytes:
    """The root that the way `path` leads to from the leaf at `place` among `size`."""
    beside = list(path)
    while size > 1:
        if place ^ 1 < size:
            if not beside:
                return b""
            other = beside.pop(0)
            leaf = hashlib.sha256(b"\x01" + (other + leaf if place & 1 else leaf + other)).digest()
        place, size = place // 2, (size + 1) // 2
    return b"" if beside else leaf


# 3  Heads and keys: what vouches for the events of a seal.

COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def compact(facts: dict[str, Any]) -> bytes:
    """Canonical JSON."""
    return COMPACT(facts).encode()


def is_head(facts: Any) -> bool:
    return isinstance(facts, dict) and set(facts) == {*HEAD, "signature"} and all(type(facts[name]) is HEAD[name] for name in HEAD)


class Head:
    """A signed head: what it says, and the digest by which the next one names it."""

    def __init__(self, facts: Any, written: bytes = b"") -> None:
        if not is_head(facts):
            raise ValueError("this is not a head")
        self.digest = hashlib.sha256(written or compact(facts)).hexdigest()
        self.signature = str(facts.pop("signature"))
        self.said, self.number, self.first, self.last = facts, facts["number"], facts["first"], facts["last"]
        self.key, self.size, self.sealed_at = facts["key"], facts["last"] - facts["first"] + 1, moment(facts["sealed_at"])

    @property
    def range(self) -> str:
        return f"(events {self.first} to {self.last})"

    def is_signed_by(self, keys: dict[str, bytes]) -> bool:
        try:
            signature = unhexed(self.signature)
        except ValueError:
            return False
        return self.key in keys and is_signed(SUBJECT + compact(self.said), signature, keys[self.key])


class Given:
    """What came by another way than the export: public keys by id, and heads that were published, by number."""

    def __init__(self, keys: dict[str, bytes], published: dict[int, list[Head]]) -> None:
        self.keys, self.published, self.compared = keys, published, False
        if published:
            for head in published[max(published)]:
                self.believe(head)

    def of(self, number: int) -> list[Head]:
        """The heads of this number, for comparison with what the export has there."""
        self.compared |= number in self.published
        return self.published.get(number, [])

    def believe(self, head: Head) -> None:
        """The newest one, and every one that the export does not hold; the others bear the signature of the one there."""
        if self.keys and not head.is_signed_by(self.keys):
            raise Unreadable(f"the head {head.number} that was given is not signed with a key that was given")


def read_head(path: Path) -> Head:
    try:
        return Head(json.loads(path.read_text()))
    except (*CANNOT, OSError) as error:
        raise Unreadable(f"{path}: {error}") from None


def read_heads(paths: list[Path]) -> dict[int, list[Head]]:
    """Published heads by number."""
    heads: dict[int, list[Head]] = {}
    for path in paths:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            head = read_head(file)
            heads.setdefault(head.number, []).append(head)
    if paths and not heads:
        raise Unreadable("There is no head in what was given as --head.")
    return heads


def read_keys(texts: list[str]) -> dict[str, bytes]:
    """Public keys by id, from base64 or from files with one on each line."""
    try:
        found = [line for text in texts for line in (Path(text).read_text().split() if Path(text).is_file() else [text])]
    except ValueError as error:
        raise Unreadable(f"--key: {error}") from None
    if texts and not found:
        raise Unreadable("There is no key in what was given as --key.")
    return keys_in(found)


def keys_in(texts: list[str]) -> dict[str, bytes]:
    keys = {}
    for text in texts:
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise Unreadable(f"{text!r} is neither base64 of 32 bytes nor a file of such lines")
        keys[hashlib.sha256(key).hexdigest()[:16]] = key
    return keys


# 4  Removals: statements that events were removed under a rule.


def moment(text: str) -> datetime:
    """A moment as the site writes it; ValueError where it was written otherwise."""
    found = datetime.strptime(text, TIME).replace(tzinfo=timezone.utc)  # noqa: UP017  Python 3.9 has no UTC
    if found.strftime(TIME) != text:
        raise ValueError("this is no moment")
    return found


def unpacked(packed: bytes, most: int) -> bytes:
    """At most so many bytes, and nothing behind them; ValueError otherwise."""
    stream = zlib.decompressobj()
    bits = stream.decompress(packed, most + 1)
    if len(bits) > most or not stream.eof or stream.unused_data:
        raise ValueError("the numbers beside it are not its own")
    return bits


def days_of(said: dict[str, Any]) -> timedelta:
    """How old an event had to be, which the rule itself says as well."""
    rule, days = said["rule"], said["days"]
    if type(days) is not int or not 0 <= days < 10**6 or (AFTER in rule and not rule.endswith(f"{AFTER}{days} days")):
        raise ValueError("its days are not those of its rule")
    return timedelta(days=days)


class Retired:
    """A signed statement that events of these numbers were removed once they were old enough."""

    def __init__(self, facts: Any, numbers: str, keys: dict[str, bytes]) -> None:
        said = dict(facts)
        self.digest = hashlib.sha256(compact(said)).hexdigest()
        signature = unhexed(said.pop("signature"))
        packed = base64.b64decode(numbers, validate=True)
        if base64.b64encode(packed).decode() != numbers:
            raise ValueError("the numbers beside it were written by somebody else")
        if said["key"] not in keys or not is_signed(RETIREMENT + compact(said), signature, keys[said["key"]]):
            raise ValueError("it is not signed with a key that was given")
        self.older_than, self.retired_at = moment(said["older_than"]), moment(said["retired_at"])
        self.bits = unpacked(packed, (said["last"] - said["first"]) // 8 + 1)
        if hashlib.sha256(self.bits).hexdigest() != said["digest"]:
            raise ValueError("the numbers beside it are not its own")
        if self.older_than > self.retired_at - days_of(said):
            raise ValueError("what it removed was too young for its rule")
        self.said, self.count, self.told = said, 0, False

    def follows(self, before: Retired | None) -> bool:
        """Whether it is the next statement behind this one; the first one follows none."""
        number, digest = (before.said["number"], before.digest) if before else (0, BEFORE_THE_FIRST)
        return bool(self.said["number"] == number + 1 and self.said["previous"] == digest)

    def touches(self, head: Head) -> bool:
        """Whether it may speak of events of this seal."""
        return bool(self.said["first"] <= head.last and self.said["last"] >= head.first and head.sealed_at < self.older_than)

    def explains(self, number: int) -> bool:
        """Whether the event of this number, in a seal that it touches, is one of those."""
        place = number - self.said["first"]
        if not 0 <= place < len(self.bits) * 8 or number > self.said["last"]:
            return False
        return bool(self.bits[place >> 3] & (0x80 >> (place & 7)))


def told_in(form: bytes) -> dict[str, Any] | None:
    """What an event says of a statement; nothing when it is another event that only has its name somewhere."""
    said = json.loads(form)
    return said["after"] if said.get("name") == "events:retired" and isinstance(said.get("after"), dict) else None


# 5  Reading: the lines of an export, of either kind.


def reading_of(stream: BinaryIO, given: Given) -> Reading:
    """What reads the rest of the export, by what its first line says."""
    try:
        said = json.loads(stream.readline(LONGEST))["export"]
        known = said["subject"] == "mfaadmin audit" and said["form"] in FORMS
        keys = given.keys or keys_in([str(key) for key in dict(said.get("keys") or {}).values()])
    except CANNOT:
        known = False
    if not known:
        raise Unreadable("This is no export of an audit in a form that is known here.")
    return (Whole if said.get("whole") is True else Chosen)(keys, given)


class Reading:
    """Reads an export line by line, and stops at the first thing that is wrong."""

    def __init__(self, keys: dict[str, bytes], given: Given) -> None:
        self.keys, self.given = keys, given
        self.head: Any = None
        self.line, self.events, self.unsealed = 1, 0, 0
        self.first_unsealed, self.ended = "", False
        self.youngest: int | None = None  # the lowest id without a seal
        self.settled = self.settling = 0  # up to which id everything is sealed, and which seal says so
        self.takes: dict[bytes, Callable[[bytes], None]] = {EVENT: self.event, SEAL: self.begin, UNSEALED: self.young, END: self.end}

    def read(self, stream: BinaryIO, progress: Callable[[Reading], None] = lambda reading: None) -> None:
        """All of it; `progress` is told now and then."""
        shown, lines = 0, self.lines_of(stream)
        for line in lines:
            self.step(line)
            self.many(lines)
            if self.line - shown >= PROGRESS:
                shown = self.line
                progress(self)
        if not self.ended:
            self.close()
            raise Bad(f"cut off: the export ends without its last line, after event number {self.head.last if self.head else 0}")
        progress(self)

    def lines_of(self, stream: BinaryIO) -> Iterator[bytes]:
        """The lines, none of which may fill the memory."""
        while line := stream.readline(LONGEST):
            if len(line) == LONGEST:  # cut off it is none that can be read, wherever it stands
                yield line[:100]
                return
            yield line

    def step(self, line: bytes) -> None:
        """One line."""
        self.line += 1
        if self.ended:
            raise Bad(f"inserted: line {self.line} stands behind the end of the export")
        line = line.rstrip(b"\r\n")
        take = next((take for start, take in self.takes.items() if line.startswith(start)), None)
        if take is None:
            raise Bad(f"altered: line {self.line} is none that an export has, after event number {self.last_number()}")
        take(line)

    def many(self, further: Iterable[bytes]) -> None:
        """More lines at once, where that is faster."""

    def event(self, line: bytes) -> None:
        """An event that a seal holds."""
        raise NotImplementedError

    def close(self) -> None:
        """No further line belongs to the newest head."""

    def begin(self, line: bytes) -> None:
        """A head."""
        self.close()
        head = self.head_in(line)
        if head.size > LARGEST:
            self.must_be_signed(head)
        self.accept(head)
        for one in self.given.of(head.number):
            if one.digest != head.digest:
                self.given.believe(one)
                self.must_be_signed(head)  # else somebody with another key did it, and the first that is his can be named
                raise Bad(f"rewritten: seal {head.number} is not the one that was published; {self.since_matched()}")
        self.head = head
        if head.said["settled"] > self.settled:
            self.settled, self.settling = head.said["settled"], head.number
        if self.youngest is not None and self.youngest <= self.settled:
            raise Bad(f"inserted: {self.first_unsealed} stands before line {self.line}, and seal {head.number} says that it is sealed")

    def head_in(self, line: bytes) -> Head:
        facts, written = self.json(line)["head"], line[len(SEAL) : -1]
        if is_head(facts) and compact(facts) == written:
            try:
                return Head(facts, written)
            except ValueError:
                pass
        raise Bad(f"altered: the head in line {self.line} is none, after event number {self.last_number()}")

    def accept(self, head: Head) -> None:
        """Whether this head may stand here."""
        raise NotImplementedError

    def since_matched(self) -> str:
        return "something in it, or before it, differs"

    def must_be_signed(self, head: Head) -> None:
        if not head.is_signed_by(self.keys):
            raise Unsigned

    def young(self, line: bytes) -> None:
        """An event without a seal."""
        self.close()
        form = line[len(UNSEALED) : -1]
        said = self.json(form)
        if not isinstance(said, dict) or not isinstance(said.get("id"), int):
            raise Bad(f"altered: line {self.line} cannot be read, after event number {self.last_number()}")
        if self.head is not None and said["id"] <= self.settled:
            raise Bad(f"inserted: {name_of('without a seal', form)} {self.where_sealed()}")
        self.youngest = min(said["id"], self.youngest or said["id"])
        self.must_be_young(form)
        self.unsealed += 1
        self.first_unsealed = self.first_unsealed or name_of("without a seal", form)

    def where_sealed(self) -> str:
        return f"stands in line {self.line}, and seal {self.settling} says that every id up to {self.settled} is sealed"

    def must_be_young(self, form: bytes) -> None:
        """What else tells whether an event without a seal may stand here."""

    def end(self, line: bytes) -> None:
        """The last line counts what was exported."""
        self.close()
        self.ended = True
        said, counted = self.json(line)["end"], self.counted()
        if said != counted:
            raise Bad(f"cut off: the last line of the export speaks of {said}, and here are {counted}")
        self.finish()

    def counted(self) -> dict[str, int]:
        """What the last line has to say."""
        return {"events": self.events, "unsealed": self.unsealed}

    def finish(self) -> None:
        """What can be said only at the end."""

    def json(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise Bad(f"altered: line {self.line} cannot be read, after event number {self.last_number()}") from None

    def last_number(self) -> int:
        return self.head.last if self.head else 0


# 6  Whole exports: every event of every seal, in order.

Line = tuple[int, bytes, "bytes | None"]  # an event's number, its hash as the line has it, and its form; none when it is gone


class Whole(Reading):
    """Heads linked to one another, each followed by all of its events."""

    def __init__(self, keys: dict[str, bytes], given: Given) -> None:
        super().__init__(keys, given)
        self.takes |= {GONE: self.missing, RETIRED: self.retire}
        self.start: Any = None
        self.lines: list[Line] = []
        self.is_closed = True
        self.matched = self.gone = 0
        self.retired: list[Retired] = []
        self.touching: list[Retired] | None = None  # those statements that may speak of the newest seal
        self.tells: list[tuple[int, bytes]] = []
        self.signers: set[str] = set()  # keys of the seals up to the newest that was published

    # heads

    def accept(self, head: Head) -> None:
        number, last, digest = (self.head.number, self.head.last, self.head.digest) if self.head else (0, 0, BEFORE_THE_FIRST)
        if self.head is None and head.number > 1:
            number, last, digest = head.number - 1, head.first - 1, head.said["previous"]
        if head.number != number + 1:
            raise Bad(f"removed: seal {number + 1} is missing, events from number {last + 1} on; the next one is seal {head.number}")
        if head.key not in self.keys:
            raise Bad(f"signature: seal {head.number} is signed with the key {head.key}, which was not given {head.range}")
        if head.said["previous"] != digest:
            wrong = self.head if self.head and not self.head.is_signed_by(self.keys) else head
            raise Bad(f"altered: seal {wrong.number} was altered, or is not linked to the one before {wrong.range}")
        if self.head is None and head.number > 1:
            self.must_follow_published(head)
        if self.head and (head.said["settled"] < self.head.said["settled"] or head.said["form"] < self.head.said["form"]):
            raise Bad(f"altered: seal {head.number} goes back behind the one before {head.range}")
        if head.first != last + 1 or head.size < 1 or head.said["form"] not in FORMS:
            raise Bad(f"altered: seal {head.number} does not go on where the one before ends {head.range}")
        if self.head and self.head.key != head.key:
            self.must_be_signed(self.head)

    def must_follow_published(self, head: Head) -> None:
        """The first seal of an export that begins later names the one before, which may have been published."""
        for one in self.given.of(head.number - 1):
            if one.digest != head.said["previous"]:
                self.given.believe(one)
                self.must_be_signed(head)
                raise Bad(f"rewritten: seal {head.number} does not follow seal {one.number} as it was published {head.range}")

    def since_matched(self) -> str:
        return f"something from event number {self.matched + 1} on differs"

    def begin(self, line: bytes) -> None:
        super().begin(line)
        if self.head.number in self.given.published:
            self.matched = self.head.last
        if self.unsealed:
            raise Bad(f"inserted: {self.first_unsealed} stands before seal {self.head.number}")
        self.start, self.is_closed, self.touching = self.start or self.head, False, None
        if self.head.number <= max(self.given.published, default=self.head.number):
            self.signers.add(self.head.key)

    # events

    def many(self, further: Iterable[bytes]) -> None:
        """All events of a seal, if every line is as it should be; otherwise one after another, to find the first that is not."""
        if self.is_closed or self.lines:
            return
        lines = list(islice(further, min(self.head.size, AT_ONCE)))
        leaves = leaves_of(lines, self.head.first)
        if leaves and len(leaves) == self.head.size and root_of(leaves).hex() == self.head.said["root"]:
            self.tells += [(self.head.first + place, form_in(line)) for place, line in enumerate(lines) if TELLS in line]
            self.events, self.line, self.is_closed = self.events + len(lines), self.line + len(lines), True
            return
        for line in lines:
            self.step(line)

    def event(self, line: bytes) -> None:
        if self.head is None:
            raise Bad(f"inserted: line {self.line} has an event before the first seal")
        if self.is_closed:
            raise Bad(f"inserted: line {self.line} has an event behind number {self.head.last}, the last that is sealed")
        form, _, rest = line[len(EVENT) :].rpartition(LEAF)
        leaf, _, number = rest.partition(NUMBER)
        if not form or len(leaf) != 64 or not number.endswith(b"}") or not number[:-1].isdigit():
            raise Bad(f"altered: line {self.line} cannot be read, after event number {self.last_number()}")
        self.lines.append((int(number[:-1]), leaf, form))
        if len(self.lines) > self.head.size + AT_ONCE:
            raise Bad(f"inserted: seal {self.head.number} has {self.head.size} events, and far more stand here")

    def missing(self, line: bytes) -> None:
        """An event that is gone under a rule: its hash stands for it."""
        leaf, _, rest = line[len(GONE) :].partition(NUMBER)
        number = int(rest[:-1]) if rest[:-1].isdigit() else 0
        if self.head is None or self.is_closed or len(leaf) != 64 or not rest.endswith(b"}"):
            raise Bad(f"altered: line {self.line} cannot be read, after event number {self.last_number()}")
        if number > self.head.last:
            where = f"stands behind number {self.head.last}, the last of seal {self.head.number}"
            raise Bad(f"inserted: event number {number} in line {self.line} {where}")
        if self.touching is None:
            self.touching = [one for one in self.retired if one.touches(self.head)]
        reason = next((one for one in self.touching if one.explains(number)), None)
        if reason is None:
            raise Bad(f"removed: event number {number} of seal {self.head.number} is missing, and no rule says why")
        reason.count += 1
        self.lines.append((number, leaf, None))

    def close(self) -> None:
        """The events of a seal are there: is their root the one that was signed?"""
        head, lines = self.head, self.lines
        if self.is_closed:
            return
        leaves = [own_leaf(line) for line in lines]
        numbers = [number for number, _, _ in lines]
        if root_of(leaves).hex() != head.said["root"] or numbers != list(range(head.first, head.last + 1)):
            raise Bad(first_bad(head, lines, leaves))
        if [leaf.hex().encode() for leaf in leaves] != [leaf for _, leaf, _ in lines]:
            place = next(i for i, leaf in enumerate(leaves) if leaf.hex().encode() != lines[i][1])
            raise Bad(f"altered: the hash beside event number {head.first + place} is not its own; the event itself is as sealed")
        self.tells += [(number, form) for number, _, form in lines if form is not None and TELLS in form]
        gone = sum(form is None for _, _, form in lines)
        self.events, self.gone, self.lines, self.is_closed = self.events + len(lines) - gone, self.gone + gone, [], True

    def must_be_young(self, form: bytes) -> None:
        if TELLS in form:
            self.tells.append((0, form))

    def last_number(self) -> int:
        return self.lines[-1][0] if self.lines else super().last_number()

    # what was removed

    def retire(self, line: bytes) -> None:
        """Statements stand before the first seal, each linked to the one before."""
        said, before = self.json(line), self.retired[-1] if self.retired else None
        try:
            one = Retired(said["retirement"], said["numbers"], self.keys)
            follows = one.follows(before)
        except (*CANNOT, zlib.error) as error:
            raise Bad(f"altered: the retirement in line {self.line} is not what was signed: {error}") from None
        if self.head is not None:
            raise Bad(f"inserted: the retirement in line {self.line} does not stand before the first seal")
        last, number = before.said["number"] if before else 0, one.said["number"]
        if not follows and number > last + 1:
            raise Bad(f"removed: retirement {last + 1} is missing; the next one there is retirement {number}, in line {self.line}")
        if not follows:
            raise Bad(f"swapped: retirement {number} in line {self.line} is not linked to the one before, retirement {last}")
        self.retired.append(one)

    def must_be_told(self) -> None:
        """Events carry the digest of each statement into the chain: none can be left out at the end, and none be made afterwards."""
        known = {one.digest: one for one in self.retired}
        for number, form in self.tells:
            facts = told_in(form)
            if facts is not None and facts.get("digest") not in known:
                raise Bad(f"removed: retirement {facts.get('retirement')} is missing, and {name_of(number, form)} speaks of it")
            if facts is not None:
                known[str(facts.get("digest"))].told = True
        for one in self.retired if not self.given.keys else []:
            if one.said["key"] not in self.signers:
                raise Bad(f"signature: retirement {one.said['number']} is signed with the key {one.said['key']}, which signed no seal here")
        for one in self.retired if self.start.number == 1 else []:
            if not one.told and one.retired_at < self.head.sealed_at:
                raise Bad(f"inserted: retirement {one.said['number']} is told of by no event that was sealed")

    # the end

    def counted(self) -> dict[str, int]:
        seals = self.head.number - self.start.number + 1 if self.head else 0
        return super().counted() | {"seals": seals} | ({"gone": self.gone} if self.gone else {})

    def finish(self) -> None:
        if self.head:
            self.must_be_signed(self.head)
            self.must_be_told()
        further, newest = max(self.given.published, default=0), self.head.number if self.head else 0
        if further > newest:
            beyond = self.given.published[further][0]
            raise Bad(
                f"cut off: events number {self.last_number() + 1} to {beyond.last} are gone; seal {further} was published with "
                f"{beyond.said['sealed_at']}, and this export ends with seal {newest}; if it was to end there, give no newer heads"
            )


def form_in(line: bytes) -> bytes:
    """The event in the line of a whole export."""
    return line[len(EVENT) :].rpartition(LEAF)[0]


def own_leaf(line: Line) -> bytes:
    """The hash of what a line says; of what is gone, the one that is left."""
    if line[2] is not None:
        return leaf_of(line[2])
    try:
        return unhexed(line[1].decode())
    except ValueError:
        return b""


# 7  Chosen events: some events, each with the way up to its seal.


class Chosen(Reading):
    """A head, and the proofs of some of its events, for as many seals as there are."""

    def __init__(self, keys: dict[str, bytes], given: Given) -> None:
        super().__init__(keys, given)
        self.numbers: set[int] = set()

    def accept(self, head: Head) -> None:
        if not head.is_signed_by(self.keys):
            raise Bad(f"signature: seal {head.number} is not signed with a key that was given {head.range}")

    def event(self, line: bytes) -> None:
        if self.head is None:
            raise Bad(f"inserted: line {self.line} has an event before the first seal")
        form, _, rest = line[len(EVENT) :].rpartition(b',"number":')
        head, said = self.head, self.json(b'{"number":' + rest)
        try:
            number, path = said["number"], [unhexed(one) for one in said["path"]]
        except (ValueError, TypeError, KeyError):
            raise Bad(f"altered: line {self.line} cannot be read") from None
        if type(number) is not int or number in self.numbers:
            raise Bad(f"inserted: event number {number} stands in line {self.line} once more")
        if not head.first <= number <= head.last or root_by(path, leaf_of(form), number - head.first, head.size).hex() != head.said["root"]:
            raise Bad(f"altered: {name_of(number, form)} is not what seal {head.number} holds")
        self.numbers.add(number)
        self.events += 1


# 8  The first bad row: which event of a seal is the first that is not as sealed, and in which way.


def name_of(number: object, form: bytes | None) -> str:
    """An event as a person finds it; what an altered one says of itself is only what it says now."""
    try:
        said = json.loads(form or b"")
        return f"event number {number} (id {said['id']}, {said['name']}, {said['at']}, uid {said['uid']})"
    except CANNOT:
        return f"event number {number}"


def first_bad(head: Head, lines: list[Line], leaves: list[bytes]) -> str:
    """Which event of a seal is the first that is not as sealed."""
    if len(lines) == head.size + 1 and head.size <= SEARCHED:
        for place in range(len(lines)):
            if root_of(leaves[:place] + leaves[place + 1 :]).hex() == head.said["root"]:
                return f"inserted: {name_of(lines[place][0], lines[place][2])} is not in seal {head.number}"
    if len(lines) > head.size and root_of(leaves[: head.size]).hex() == head.said["root"]:
        number, _, form = lines[head.size]
        return f"inserted: {name_of(number, form)} stands behind number {head.last}, the last of seal {head.number}"
    numbers = [number for number, _, _ in lines]
    for place, number in enumerate(numbers):
        if number != head.first + place:
            return misplaced(head, lines, numbers, place)
        if leaves[place].hex().encode() != lines[place][1]:
            return altered(head, lines, leaves, place)
    if len(lines) < head.size:
        missing = f"event number {head.first + len(lines)} of seal {head.number} is missing"
        return f"removed: {missing}, or one before it, and those behind that one were given other numbers"
    return relabelled(head, lines)


def misplaced(head: Head, lines: list[Line], numbers: list[int], place: int) -> str:
    """A number that is not the one that follows."""
    number, expected = numbers[place], head.first + place
    own = number - head.first
    if 0 <= own < len(numbers) and numbers[own] == expected:
        return f"swapped: {name_of(number, lines[place][2])} of seal {head.number} stands in the place of event number {expected}"
    if expected < number <= head.last and expected not in numbers[place:]:
        return f"removed: event number {expected} of seal {head.number} is missing; the next one there is number {number}"
    if len(numbers) <= head.size and head.first <= number <= head.last and numbers.count(number) == 1:
        return f"swapped: {name_of(number, lines[place][2])} of seal {head.number} stands in the place of event number {expected}"
    return f"inserted: {name_of(number, lines[place][2])} does not belong behind number {expected - 1} of seal {head.number}"


def altered(head: Head, lines: list[Line], leaves: list[bytes], place: int) -> str:
    number = head.first + place
    if lines[place][2] == b"null":
        return f"removed: event number {number} of seal {head.number} was not there any more when this export was made"
    if root_of([bytes.fromhex(leaf.decode()) for _, leaf, _ in lines]).hex() != head.said["root"]:
        return relabelled(head, lines)
    for other, (_, leaf, _) in enumerate(lines):
        if other != place and leaves[place].hex().encode() == leaf:
            return f"swapped: {name_of(number, lines[place][2])} of seal {head.number} was swapped with event number {head.first + other}"
    return f"altered: {name_of(number, lines[place][2])} of seal {head.number} is not what was sealed"


def relabelled(head: Head, lines: list[Line]) -> str:
    """Numbers and hashes were made to fit. Events stand in the order of their ids: that tells a swap."""
    ids = [(place, own) for place, (_, _, form) in enumerate(lines) if (own := id_in(form)) is not None]
    for at in range(1, len(ids)):
        place, own = ids[at - 1]
        if ids[at][1] < own:
            return f"swapped: {name_of(head.first + place, lines[place][2])} of seal {head.number} is not in its place"
    where = f"one or more of events number {head.first} to {head.last}, the first being {name_of(head.first, lines[0][2])},"
    return f"altered: {where} are not what seal {head.number} holds; the hashes beside them were altered as well"


def id_in(form: bytes | None) -> int | None:
    try:
        own = json.loads(form or b"")["id"]
    except CANNOT:
        return None
    return own if type(own) is int else None


# 9  The command.


def say(text: str, out: Any = None) -> None:
    """What stands in an export may be made to look like words of this program: signs that cannot be printed are told."""
    print("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text), file=out or sys.stdout)


def first_unsigned(path: Path, reading: Reading) -> str:
    """The links hold, and the last signature does not: somebody made a chain of his own from here on."""
    with path.open("rb") as stream:
        for line in reading.lines_of(stream):
            if line.startswith(SEAL):
                head = Head(json.loads(line)["head"])
                if not head.is_signed_by(reading.keys):
                    break
    return f"signature: seal {head.number} does not bear a signature of the key {head.key} (events number {head.first} to {head.last})"


def show(reading: Reading, size: int, stream: BinaryIO, began: float) -> None:
    if sys.stderr.isatty():
        done = stream.tell() / size if size else 1
        rate = reading.events / max(time.monotonic() - began, 0.001)
        print(f"\r[{'#' * int(30 * done):<30}] {reading.events:,} events, {rate:,.0f} a second", end="", file=sys.stderr)


def tell(reading: Reading, given: Given) -> None:
    """What was proved, and what was not."""
    say(told_of(reading))
    for one in reading.retired if isinstance(reading, Whole) else []:
        said = one.said
        say(
            f"{one.count:,} events are gone under the rule “{said['rule']}” since {said['retired_at']}, sealed before {said['older_than']}."
        )
    if reading.unsealed:
        say(
            f"{reading.unsealed:,} events are younger than the newest seal, and nothing vouches for them: from {reading.first_unsealed} on."
        )
    if not given.keys:
        print("WARNING: no --key was given. The key came with the export itself: whoever forged that could have made the key, too.")
    if not given.published:
        print("WARNING: no --head was given: events cut off at the end, or a chain rewritten by the owner of the key, would not show.")
    elif not given.compared:
        print("WARNING: --head was compared with nothing in this file: a chain rewritten by the owner of the key would not show.")
    if reading.head:
        print("Nothing was altered, removed, inserted, swapped or cut off, as far as this can be told.")


def told_of(reading: Reading) -> str:
    if not reading.head:
        return "There is no seal in this export: nothing vouches for what it says."
    if not isinstance(reading, Whole):
        return (
            f"{reading.events:,} events, each proved to be in a signed seal. Whether others belong to them cannot be told from this file."
        )
    first, newest = reading.start.number, reading.head
    before = "" if first == 1 else f" Seals before number {first} are not in this export."
    return f"{reading.events:,} events in seals {first} to {newest.number}, the newest of {newest.said['sealed_at']}.{before}"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check an export or a proof of the audit.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", action="append", default=[], help="public key in base64, or a file with one on each line; may be repeated")
    parser.add_argument(
        "--head", action="append", default=[], type=Path, help="head published earlier, or a folder of them; may be repeated"
    )
    return parser.parse_args()


def check(path: Path, given: Given) -> Reading:
    """Read all of it; raises Bad with the first bad row."""
    size, began = path.stat().st_size, time.monotonic()
    with path.open("rb") as stream:
        reading = reading_of(stream, given)
        try:
            reading.read(stream, lambda one: show(one, size, stream, began))
        except Unsigned:
            raise Bad(first_unsigned(path, reading)) from None
        except CANNOT as error:
            raise Bad(f"altered: line {reading.line} cannot be read, after event number {reading.last_number()}: {error!r:.100}") from None
        finally:
            if sys.stderr.isatty():
                print(file=sys.stderr)
    return reading


def main() -> int:
    chosen = options()
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="backslashreplace")
    try:
        given = Given(read_keys(chosen.key), read_heads(chosen.head))
        reading = check(chosen.export, given)
    except Bad as bad:
        say(f"First bad row: {bad}")
        return 1
    except (OSError, Unreadable) as error:
        say(str(error), sys.stderr)
        return 2
    tell(reading, given)
    return 0 if reading.head else 2


if __name__ == "__main__":
    sys.exit(main())
