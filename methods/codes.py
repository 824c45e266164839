"""Codes that the site makes and sends: six digits, kept only as a keyed digest (R-072)."""

import secrets
import unicodedata
from typing import TYPE_CHECKING

from accounts.keyed import is_keyed, keyed

if TYPE_CHECKING:
    from methods.models import Challenge


DIGITS = 6


def make_code() -> str:
    """Six random digits, with leading zeros."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def digest(challenge: "Challenge", code: str) -> str:
    """What is stored of a code; equal codes of two challenges look different."""
    return keyed(_salt(challenge), code)


def matches(challenge: "Challenge", code: str) -> bool:
    """Whether `code` is the one last sent for this challenge, compared in constant time."""
    return is_keyed(challenge.code_digest, _salt(challenge), code)


def _salt(challenge: "Challenge") -> str:
    return f"challenge code {challenge.pk}"


def normalised(text: str) -> str:
    """The six ASCII digits a person meant, or nothing (R-043): spaces and full-width digits are theirs to type."""
    plain = "".join(unicodedata.normalize("NFKC", text[:64]).split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""
