"""The keys for secrets at rest: the first one seals, all of them open (R-190, R-191)."""

import base64
import binascii
import os
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """The secret was sealed for another row, with a key that is gone, or was altered."""


class Keyring:
    """AES-256-GCM under named keys; a token reads `v1.<key name>.<base64url of nonce and ciphertext>`."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current = next(iter(keys))

    def seal(self, secret: bytes, *, place: str) -> str:
        """Encrypt `secret` so that it opens only at `place`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self.ciphers[self.current].encrypt(nonce, secret, place.encode())
        return f"{self.current_prefix}{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, token: str, *, place: str) -> bytes:
        """The secret sealed at `place`; CannotOpen for any other place, key or content."""
        try:
            version, name, text = token.split(".", 2)
            sealed = base64.urlsafe_b64decode(text)
            if version != VERSION:
                raise CannotOpen
            return self.ciphers[name].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (ValueError, KeyError, InvalidTag, binascii.Error):
            raise CannotOpen from None

    @property
    def current_prefix(self) -> str:
        """How every token sealed with the current key begins."""
        return f"{VERSION}.{self.current}."


def parse(text: str) -> Keyring:
    """A keyring from `name:base64,name:base64`; ImproperlyConfigured when it is empty or broken."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not name.isalnum() or len(key) != KEY_BYTES or name in keys:
            raise ImproperlyConfigured("MFA_KEYS must be name:base64-of-32-bytes, comma-separated, each name once (letters and digits).")
        keys[name] = key
    if not keys:
        raise ImproperlyConfigured("MFA_KEYS is empty: without a key no secret can be stored or read.")
    return Keyring(keys)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Keyring:
    return parse(text)


def keyring() -> Keyring:
    """The keyring of this deployment (setting MFA_KEYS)."""
    return _parsed(settings.MFA_KEYS)
