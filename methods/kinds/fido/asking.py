"""What the browser is told to ask of a key."""

import json
import os
from typing import Any

from django.conf import settings
from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import Account
from methods.allowance import Attestation, allowance_of
from methods.devices import MethodDevice
from methods.kinds.fido.models import FidoDevice, UserHandle
from methods.kinds.fido.party import ALGORITHMS, LIFETIME_SECONDS, challenge_bytes, needs_verified_user, origins, rp_id
from methods.models import Challenge, Purpose

MILLISECONDS = LIFETIME_SECONDS * 1000
HANDLE_BYTES = 32


def question(challenge: Challenge, device: MethodDevice | None) -> dict[str, Any]:
    """For the page: what to do with the key, and from which addresses it may be asked."""
    registering = challenge.purpose == Purpose.REGISTER
    options = _registration(challenge) if registering else _assertion(challenge, device)
    return {
        "ceremony": "create" if registering else "get",
        "options": options,
        "origins": json.dumps(origins()),
        "home": origins()[0],
        "strict": needs_verified_user(challenge.account),
    }


def _registration(challenge: Challenge) -> str:
    """A new credential on a key that has none for this account yet."""
    account = challenge.account
    taken = FidoDevice.objects.filter(user=account, confirmed=True)
    return options_to_json(
        generate_registration_options(
            rp_id=rp_id(),
            rp_name=settings.MFA_ORGANISATION_NAME,
            user_id=handle_of(account),
            user_name=account.common_id,
            user_display_name=account.get_full_name(),
            challenge=challenge_bytes(challenge),
            timeout=MILLISECONDS,
            attestation=_attestation(account),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_verification(account)
            ),
            exclude_credentials=[_descriptor(device) for device in taken],
            supported_pub_key_algs=ALGORITHMS,
        )
    )


def _assertion(challenge: Challenge, device: MethodDevice | None) -> str:
    """A signature by the one key that is asked: never an empty list, which would ask any key (R-092)."""
    if not isinstance(device, FidoDevice):
        raise FidoDevice.DoesNotExist
    return options_to_json(
        generate_authentication_options(
            rp_id=rp_id(),
            challenge=challenge_bytes(challenge),
            timeout=MILLISECONDS,
            allow_credentials=[_descriptor(device)],
            user_verification=_verification(challenge.account),
        )
    )


def handle_of(account: Account) -> bytes:
    """By what name keys know this account; made when it is first needed."""
    known, _new = UserHandle.objects.get_or_create(account=account, defaults={"handle": os.urandom(HANDLE_BYTES)})
    return bytes(known.handle)


def _verification(account: Account) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if needs_verified_user(account) else UserVerificationRequirement.PREFERRED


def _attestation(account: Account) -> AttestationConveyancePreference:
    plain = allowance_of(account).attestation is Attestation.NONE
    return AttestationConveyancePreference.NONE if plain else AttestationConveyancePreference.DIRECT


def _descriptor(device: FidoDevice) -> PublicKeyCredentialDescriptor:
    known = {transport.value: transport for transport in AuthenticatorTransport}
    transports = [known[name] for name in device.transports if name in known]
    return PublicKeyCredentialDescriptor(id=bytes(device.credential_id or b""), transports=transports or None)
