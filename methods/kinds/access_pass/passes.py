"""The pass itself: made once, told once, kept as a keyed digest, read however a person types it."""

import secrets
import unicodedata
import uuid

from accounts.keyed import is_keyed, keyed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no letter that looks like a digit
LENGTH, GROUP = 12, 4  # 60 bits; with the Common ID and the password, and counted tries
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": ""})


def make_pass() -> str:
    """A new pass."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(text: str) -> str:
    """A pass as it is handed out, in groups of four."""
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def read_pass(text: str) -> str:
    """The pass a person meant, or nothing: spaces, hyphens, small letters and look-alikes are theirs to type."""
    plain = "".join(unicodedata.normalize("NFKC", text[:64]).split()).upper().translate(LOOKALIKES)
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""


def digest(device: uuid.UUID, text: str) -> str:
    """What is stored of a pass; equal passes of two devices look different."""
    return keyed(_salt(device), text)


def matches(kept: str, device: uuid.UUID, text: str) -> bool:
    """Whether `text` is the pass of which this is kept."""
    return is_keyed(kept, _salt(device), text)


def _salt(device: uuid.UUID) -> str:
    return f"access pass {device}"
