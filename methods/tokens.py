"""Tokens that stand in addresses which others call: long, random, and kept only as a digest (R-081)."""

import hashlib
import secrets
from typing import NamedTuple


class Token(NamedTuple):
    """`text` goes out once; `digest` is what is stored."""

    text: str
    digest: str


def new_token() -> Token:
    """192 random bits."""
    text = secrets.token_urlsafe(24)
    return Token(text, digest_of(text))


def digest_of(text: str) -> str:
    """How a token is stored."""
    return hashlib.sha256(text.encode()).hexdigest()
