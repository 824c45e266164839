"""Codes that the site makes and sends: six digits, kept only as a keyed digest (R-072)."""

import secrets
import unicodedata
from typing import TYPE_CHECKING

from django.utils.crypto import constant_time_compare, salted_hmac

if TYPE_CHECKING:
    from methods.models import Challenge


DIGITS = 6


def make_code() -> str:
    """Six random digits, with leading zeros."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def digest(challenge: "Challenge", code: str) -> str:
    """What is stored of a code; equal codes of two challenges look different."""
    return salted_hmac(f"challenge code {challenge.pk}", code, algorithm="sha256").hexdigest()


def matches(challenge: "Challenge", code: str) -> bool:
    """Whether `code` is the one last sent for this challenge, compared in constant time."""
    return bool(challenge.code_digest) and constant_time_compare(challenge.code_digest, digest(challenge, code))


def normalised(text: str) -> str:
    """The six ASCII digits a person meant, or nothing (R-043): spaces and full-width digits are theirs to type."""
    plain = "".join(unicodedata.normalize("NFKC", text[:64]).split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""
