"""Requests of the app, signed with the key that never leaves the phone (R-056, R-060)."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.conf import settings

VERSION = "authenticator-1"
LEEWAY_SECONDS = 120
RAW = 32  # bytes of each half of a signature and of each coordinate


def origins() -> list[str]:
    """The addresses at which the app works, compared letter by letter."""
    return [settings.MFA_PUBLIC_URL, *settings.MFA_AUTHENTICATOR_ORIGINS]


def canonical(origin: str, *, path: str, who: str, at: str, body: bytes) -> bytes:
    """The text that is signed: protocol, site, what is called, by which device, when, and what is said."""
    lines = (VERSION, origin, path, who, at, hashlib.sha256(body).hexdigest())
    return "\n".join(lines).encode()


def is_recent(at: str, *, now: float) -> bool:
    """Whether a time in whole seconds is near the server's, which alone decides."""
    return at.isascii() and at.isdigit() and len(at) <= 12 and abs(int(at) - now) <= LEEWAY_SECONDS


def is_signed(key: EllipticCurvePublicKey, signature: str, text: bytes) -> bool:
    """Whether `signature` (WebCrypto's r and s, base64url) is of `text` under `key`."""
    raw = decoded(signature)
    if len(raw) != 2 * RAW:
        return False
    halves = int.from_bytes(raw[:RAW], "big"), int.from_bytes(raw[RAW:], "big")
    try:
        key.verify(encode_dss_signature(*halves), text, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def decoded(text: str) -> bytes:
    """Base64url without padding; nothing when it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def offered(point: object) -> EllipticCurvePublicKey | None:
    """The P-256 key of an uncompressed point (base64url), which must lie on the curve."""
    raw = decoded(point) if isinstance(point, str) else b""
    if len(raw) != 2 * RAW + 1 or raw[0] != 4:
        return None
    x, y = int.from_bytes(raw[1 : RAW + 1], "big"), int.from_bytes(raw[RAW + 1 :], "big")
    try:
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError:
        return None


def kept(key: EllipticCurvePublicKey) -> str:
    """A key as a device row keeps it."""
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def known(text: str) -> EllipticCurvePublicKey:
    """The key of a device row."""
    key = load_der_public_key(base64.b64decode(text))
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("the key of a device is of another kind")
    return key
