"""A security key in software: it answers as a browser passes the answer on, and lies in any one respect when a test says so."""

import hashlib
import html
import json
import os
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "https://mfa.example.ac.jp"
UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
NO_MODEL = uuid.UUID(int=0)


def asked_on(page: Any) -> dict[str, Any]:
    """The options that a page hands to the browser."""
    text = page.content.decode() if hasattr(page, "content") else page
    found: dict[str, Any] = json.loads(html.unescape(re.search(r'data-options="([^"]*)"', text)[1]))  # type: ignore[index]
    return found


@dataclass
class SoftKey:
    """One credential on one key; `flags` are what it says of itself besides."""

    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    flags: int = UP
    count: int = 0
    aaguid: uuid.UUID = NO_MODEL
    origin: str = ORIGIN
    rp_id: str = "mfa.example.ac.jp"
    counts: bool = True
    handle: str | None = None

    @property
    def cose(self) -> bytes:
        """The public key as the key itself writes it (RFC 9053)."""
        public = self.private.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        if isinstance(public, rsa.RSAPublicKey):
            return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")})
        if public.curve.name == "secp384r1":
            return cbor2.dumps({1: 2, 3: -35, -1: 2, -2: numbers.x.to_bytes(48, "big"), -3: numbers.y.to_bytes(48, "big")})
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def create(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a registration."""
        self.handle = options["user"]["id"]
        attested = self.aaguid.bytes + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self.cose
        data = self._data(lies, extra=AT) + attested
        client = self._client("webauthn.create", options["challenge"], lies)
        statement = lies.get("statement", {"fmt": "none", "attStmt": {}})
        if callable(statement):  # a maker signs what the key and the browser say
            statement = statement(data, client)
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "attestationObject": bytes_to_base64url(cbor2.dumps(statement | {"authData": data})),
            "transports": lies.get("transports", ["usb", "nfc", "telepathy"]),
        }
        return self._credential(response, lies)

    def get(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to a sign-in."""
        self.count += self.counts
        data = self._data(lies)
        client = self._client("webauthn.get", options["challenge"], lies)
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(lies.get("signature") or self._sign(data + hashlib.sha256(client).digest())),
            "userHandle": lies.get("userHandle"),
        }
        return self._credential(response, lies)

    def _credential(self, response: dict[str, Any], lies: dict[str, Any]) -> str:
        name = bytes_to_base64url(lies.get("credential_id", self.credential_id))
        credential = {"id": name, "rawId": lies.get("rawId", name), "type": lies.get("credential_type", "public-key"), "response": response}
        return json.dumps(credential)

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {"type": lies.get("type", kind), "challenge": lies.get("challenge", challenge), "origin": lies.get("origin", self.origin)}
        return json.dumps(said | {"crossOrigin": False} | lies.get("client", {})).encode()

    def _data(self, lies: dict[str, Any], extra: int = 0) -> bytes:
        flags = lies.get("flags", self.flags) | extra
        rp = hashlib.sha256(lies.get("rp_id", self.rp_id).encode()).digest()
        return rp + bytes([flags]) + int(lies.get("count", self.count)).to_bytes(4, "big")

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(SHA256()))
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(message, PKCS1v15(), SHA256())
        signature: bytes = self.private.sign(message)
        return signature


def flipped(text: str) -> str:
    """Another challenge of the same length."""
    raw = base64url_to_bytes(text)
    return bytes_to_base64url(bytes([raw[0] ^ 1]) + raw[1:])
