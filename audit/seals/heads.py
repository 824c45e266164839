"""The head of a seal: a line of JSON that says what was sealed, signed, and linked to the head before it.

Heads leave the host. Whoever holds one can tell later whether the events up to it are still those that were sealed.
"""

import hashlib
import json
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from audit.seals.keys import is_signed, key_id, own_public_key, signing_key
from audit.seals.rows import FORM

SUBJECT = b"mfaadmin audit head 1\n"  # goes before what is signed, so that no signature made for another purpose fits
BEFORE_THE_FIRST = "0" * 64
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Statement(NamedTuple):
    """What a head says: the events `first` … `last` have this `root`, and no id up to `settled` is left to be sealed."""

    number: int
    first: int
    last: int
    settled: int
    root: str
    previous: str
    sealed_at: datetime
    key: str
    form: int = FORM

    def signed_bytes(self) -> bytes:
        """What the signature is made of."""
        return SUBJECT + f"{self.written()}}}".encode()

    def written(self) -> str:
        """Canonical JSON but for the last brace; put together by hand, as a year can have millions of heads."""
        return (
            f'{{"first":{self.first},"form":{self.form},"key":{quoted(self.key)},"last":{self.last},"number":{self.number},'
            f'"previous":{quoted(self.previous)},"root":{quoted(self.root)},'
            f'"sealed_at":"{self.sealed_at.astimezone(UTC).strftime(TIME)}","settled":{self.settled}'
        )


class Head(NamedTuple):
    """A signed statement."""

    statement: Statement
    signature: str

    def line(self) -> bytes:
        """The head as it leaves the host: one line of canonical JSON (sorted keys, no spaces, ASCII)."""
        return f'{self.statement.written()},"signature":{quoted(self.signature)}}}'.encode()

    def digest(self) -> str:
        """What the next head names as `previous`."""
        return hashlib.sha256(self.line()).hexdigest()

    def is_signed_by(self, keys: dict[str, bytes]) -> bool:
        """Whether it is signed with that of `keys` that it names."""
        key = keys.get(self.statement.key)
        return bool(key) and is_signed(self.statement.signed_bytes(), unhexed(self.signature), key or b"")


def compact(facts: dict[str, Any]) -> bytes:
    """Canonical JSON."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def current_key() -> str:
    """The id of the key that signs now."""
    return key_id(own_public_key())


def signed(statement: Statement) -> Head:
    """The statement with a signature of this site."""
    return Head(statement, signing_key().sign(statement.signed_bytes()).hex())


def parsed(text: str | bytes) -> Head:
    """A head from its line; ValueError when it is none. Whether it is signed is another question."""
    try:
        facts = dict(json.loads(text))
        signature = facts.pop("signature")
        moment = datetime.strptime(facts.pop("sealed_at"), TIME).replace(tzinfo=UTC)
        head = Head(Statement(sealed_at=moment, **facts), signature)
        if head.line() == compact(json.loads(text)):
            return head
    except (KeyError, TypeError):
        pass
    raise ValueError("this is not a head")


def unhexed(text: str) -> bytes:
    """The bytes of hexadecimal digits as this site writes them, in lower case; nothing where they were written otherwise."""
    try:
        found = bytes.fromhex(text)
    except (ValueError, TypeError):
        return b""
    return found if found.hex() == text else b""
