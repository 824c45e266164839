"""Whether a key's answer is right: every step of WebAuthn 7.1 and 7.2 (R-091). Whatever goes wrong in between is a wrong answer (R-098).

The library does most of the steps; the remarks name those that it leaves to its caller.
"""

import json
import uuid
from dataclasses import dataclass

import structlog
from django.utils.crypto import constant_time_compare
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType

from methods.allowance import Allowance, Attestation, allowance_of
from methods.kinds.fido.asking import handle_of
from methods.kinds.fido.makers import is_of_allowed_make, is_read, roots
from methods.kinds.fido.models import LONGEST_ID, FidoDevice
from methods.kinds.fido.party import ALGORITHMS, challenge_bytes, needs_verified_user, origins, rp_id
from methods.models import Challenge

log = structlog.get_logger(__name__)
SHORTEST_ID = 16


class NotRight(Exception):
    """A step that the library leaves to its caller failed."""


@dataclass(frozen=True)
class Credential:
    """A new key, as it described itself."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: uuid.UUID
    transports: list[str]
    backup_eligible: bool
    backed_up: bool
    user_verified: bool


@dataclass(frozen=True)
class Signed:
    """What a key said when it signed."""

    sign_count: int
    backed_up: bool


def registered(challenge: Challenge, text: str) -> Credential | None:
    """The new key of a right answer to `challenge`; None for any other."""
    strict, allowance = needs_verified_user(challenge.account), allowance_of(challenge.account)
    try:
        return _registered(challenge, text, allowance, strict=strict)
    except Exception as error:  # noqa: BLE001  R-098: whatever it is, it is no proof
        log.info("security key refused", ceremony="create", why=str(error)[:200], error=type(error).__name__)
        return None


def _registered(challenge: Challenge, text: str, allowance: Allowance, *, strict: bool) -> Credential:
    given = parse_registration_credential_json(text)
    _check_frame(given.response.client_data_json)
    _require(is_read(given.response.attestation_object, allowance), "attestation format")
    found = verify_registration_response(
        credential=given,
        expected_challenge=challenge_bytes(challenge),
        expected_rp_id=rp_id(),
        expected_origin=origins(),
        require_user_presence=True,
        require_user_verification=strict,
        supported_pub_key_algs=ALGORITHMS,
        pem_root_certs_bytes_by_fmt={} if allowance.attestation is Attestation.NONE else {AttestationFormat.PACKED: roots()},
    )
    _require(is_of_allowed_make(found.attestation_object, uuid.UUID(found.aaguid), allowance), "make of the key")
    _require(SHORTEST_ID <= len(found.credential_id) <= LONGEST_ID, "length of the id")
    decoded_public_key_to_cryptography(
        decode_credential_public_key(found.credential_public_key)
    )  # one that no signature fits is refused now
    return Credential(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=uuid.UUID(found.aaguid),
        transports=[transport.value for transport in given.response.transports or []],
        backup_eligible=found.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backed_up=found.credential_backed_up,
        user_verified=found.user_verified,
    )


def signed(challenge: Challenge, device: FidoDevice, text: str) -> Signed | None:
    """What `device` said in a right answer to `challenge`; None for any other. The counter is still to be compared."""
    strict, handle = needs_verified_user(challenge.account), handle_of(challenge.account)
    try:
        return _signed(challenge, device, text, strict=strict, handle=handle)
    except Exception as error:  # noqa: BLE001  R-098: whatever it is, it is no proof
        log.info("security key refused", ceremony="get", why=str(error)[:200], error=type(error).__name__)
        return None


def _signed(challenge: Challenge, device: FidoDevice, text: str, *, strict: bool, handle: bytes) -> Signed:
    given = parse_authentication_credential_json(text)
    _require(bool(device.credential_id) and given.raw_id == bytes(device.credential_id or b""), "another key than the one asked")
    told = given.response.user_handle
    _require(not told or constant_time_compare(told, handle), "user handle of another account")
    _check_frame(given.response.client_data_json)
    found = verify_authentication_response(
        credential=given,
        expected_challenge=challenge_bytes(challenge),
        expected_rp_id=rp_id(),
        expected_origin=origins(),
        credential_public_key=bytes(device.public_key or b""),
        credential_current_sign_count=0,  # compared by the caller once everything else is right, or a forgery would look like a clone
        require_user_verification=strict,
    )
    flags = parse_authenticator_data(given.response.authenticator_data).flags
    _require(flags.be == device.backup_eligible, "backup eligibility has changed")  # 7.2 step 18
    return Signed(sign_count=found.new_sign_count, backed_up=found.credential_backed_up)


def _check_frame(client_data: bytes) -> None:
    """Not asked from within another site's page; the library does not look."""
    said = json.loads(client_data)
    _require(said.get("crossOrigin", False) is False and "topOrigin" not in said, "asked from within another site")


def _require(right: bool, what: str) -> None:  # noqa: FBT001  it is what is required
    if right is not True:
        raise NotRight(what)
