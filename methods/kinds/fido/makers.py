"""Of which make a new key is, where the policy asks: only a certificate of its maker says so (R-095, R-096)."""

import uuid
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from django.conf import settings
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.structs import AttestationFormat

from methods.allowance import Allowance, Attestation

PLAIN = {AttestationFormat.NONE, AttestationFormat.PACKED}  # what browsers send unasked
MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")  # id-fido-gen-ce-aaguid, WebAuthn 8.2.1
BETWEEN = "-----END CERTIFICATE-----"


def roots() -> list[bytes]:
    """The certificates, each as PEM, of the makers whose word counts (setting MFA_WEBAUTHN_ROOTS); none where there is no such file."""
    return _read(settings.MFA_WEBAUTHN_ROOTS) if settings.MFA_WEBAUTHN_ROOTS else []


@lru_cache(maxsize=4)
def _read(path: str) -> list[bytes]:
    parts = Path(path).read_text("ascii").split(BETWEEN)[:-1]
    return [f"{part.strip()}\n{BETWEEN}\n".encode() for part in parts]


def is_read(attestation: bytes, allowance: Allowance) -> bool:
    """Whether an attestation is of a format that is read at all: the fewer certificates are read, the better."""
    formats = PLAIN if allowance.attestation is Attestation.NONE else {AttestationFormat.PACKED}
    return parse_attestation_object(attestation).fmt in formats


def is_of_allowed_make(attestation: bytes, aaguid: uuid.UUID, allowance: Allowance) -> bool:
    """Whether the attestation, whose signature and chain to `roots` are judged besides, says enough; nothing is taken on a key's own word."""
    if allowance.attestation is Attestation.NONE:
        return True
    chain = parse_attestation_object(attestation).att_stmt.x5c
    if not chain or not roots() or not aaguid.int:
        return False
    named = _model_in(x509.load_der_x509_certificate(chain[0]))
    if named is not None and named != aaguid:
        return False
    return allowance.attestation is Attestation.ANY or aaguid in allowance.authenticators


def _model_in(certificate: x509.Certificate) -> uuid.UUID | None:
    """The model that the certificate itself names: an octet string of 16 bytes, in DER."""
    try:
        value = certificate.extensions.get_extension_for_oid(MODEL).value
    except x509.ExtensionNotFound:
        return None
    return uuid.UUID(bytes=value.value[2:]) if isinstance(value, x509.UnrecognizedExtension) else None
