"""The key that signs heads, kept apart from the database (R-183), and the public keys that heads are checked with."""

import base64
import binascii
import hashlib
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FILE = "file:"
BYTES = 32
ID_LENGTH = 16


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != BYTES:
        raise ImproperlyConfigured(f"{name} must hold base64 of 32 bytes (manage.py make_seal_key).")
    return key


def key_id(public: bytes) -> str:
    """The name of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 public bytes."""
    return hashlib.sha256(public).hexdigest()[:ID_LENGTH]


@lru_cache(maxsize=4)
def _private(text: str) -> Ed25519PrivateKey:
    if text.startswith(FILE):
        try:
            text = Path(text.removeprefix(FILE)).read_text()
        except OSError as error:
            raise ImproperlyConfigured(f"MFA_SEAL_KEY: its file cannot be read: {error.strerror}.") from None
    return Ed25519PrivateKey.from_private_bytes(_decoded(text, "MFA_SEAL_KEY"))


def signing_key() -> Ed25519PrivateKey:
    """The private key of this deployment (setting MFA_SEAL_KEY)."""
    return _private(settings.MFA_SEAL_KEY)


def own_public_key() -> bytes:
    """The public half of the key that signs now."""
    return signing_key().public_key().public_bytes_raw()


def public_keys() -> dict[str, bytes]:
    """Every key that heads of this site may be signed with, by id: the current one and the earlier ones (MFA_SEAL_OLD_KEYS)."""
    keys = [own_public_key(), *(_decoded(text, "MFA_SEAL_OLD_KEYS") for text in settings.MFA_SEAL_OLD_KEYS)]
    return {key_id(key): key for key in keys}


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Whether the owner of the public key `key` signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
