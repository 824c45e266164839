"""The app password itself: made once, shown once, read however a program sends it."""

import secrets
import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: no letter that looks like a digit
LENGTH, GROUP = 28, 4  # 140 bits
LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "-": ""})
LONGEST = 256


def make_secret() -> str:
    """A new app password."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(text: str) -> str:
    """An app password as it is shown, in groups of four."""
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def read_secret(text: str) -> str:
    """The app password that was meant, or nothing: spaces, hyphens, capitals and look-alikes are a person's to type."""
    plain = "".join(unicodedata.normalize("NFKC", text[:LONGEST]).split()).lower().translate(LOOKALIKES)
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""
