"""Binding an app to an unfinished device: a code that one browser shows and one app uses, once (R-057)."""

import base64
import os
import uuid
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.locks import hold
from audit.catalogue import EventName
from audit.record import record
from methods.kinds.push.models import PushDevice
from methods.kinds.push.signatures import decoded, kept
from methods.registration import PENDING_SECONDS
from methods.timecodes import SEED_BYTES
from vault.fields import seal

LINK_BYTES = 16  # 128 bits; 63B-4 asks 112
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 that are not mistaken for one another
TYPED = 8  # 40 bits, with the Common ID (63B-4 section 4.1.2.2)


@dataclass(frozen=True)
class Paired:
    """A device that an app has just taken; the seed is told this once."""

    device: PushDevice
    seed: bytes


def _drawn(device: PushDevice, what: str) -> bytes:
    return salted_hmac(f"push pairing {what}", str(device.uid), algorithm="sha256").digest()


def link_code(device: PushDevice) -> str:
    """The code in the link and the QR code: which device, and the secret."""
    return f"{_text(device.uid.bytes)}.{_text(_drawn(device, 'link')[:LINK_BYTES])}"


def typed_code(device: PushDevice) -> str:
    """The short code that a person types with the Common ID, in two groups."""
    letters = "".join(LETTERS[byte % 32] for byte in _drawn(device, "typed")[:TYPED])
    return f"{letters[:4]}-{letters[4:]}"


def link(device: PushDevice) -> str:
    """The address that a camera reads; the code stands behind the # and so reaches no log."""
    return f"{settings.MFA_PUBLIC_URL}/authenticator/#pair={link_code(device)}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def waiting() -> QuerySet[PushDevice]:
    """Devices that may be paired now: unfinished, free, of the last ten minutes."""
    return PushDevice.objects.filter(
        confirmed=False, key="", created_at__gt=timezone.now() - timedelta(seconds=PENDING_SECONDS)
    ).select_related("user")


def by_link(code: str) -> PushDevice | None:
    """The device that a link names, when its secret is right."""
    raw = decoded(code.partition(".")[0])
    device = waiting().filter(uid=uuid.UUID(bytes=raw)).first() if len(raw) == LINK_BYTES else None
    return device if device and constant_time_compare(link_code(device), code) else None


def by_typed(common_id: str, code: str) -> PushDevice | None:
    """The device of this account whose short code this is; capitals and gaps do not matter."""
    plain = "".join(letter for letter in code.upper() if letter in LETTERS)
    mine = waiting().filter(user__common_id=common_id)[:10]
    return next((device for device in mine if constant_time_compare(typed_code(device).replace("-", ""), plain)), None)


@transaction.atomic
def pair(device: PushDevice, key: EllipticCurvePublicKey, *, installation: str) -> Paired | None:
    """Give `device` to the app that holds `key`; None when another app was faster or the registration is over."""
    account = hold(device.user_id)
    fresh = waiting().filter(pk=device.pk).first()
    if fresh is None or not account.is_active:
        return None
    seed = os.urandom(SEED_BYTES)
    seal(fresh, "seed", seed)
    fresh.key, fresh.installation = kept(key), installation[:64]
    fresh.created_at = fresh.last_seen = timezone.now()  # ten minutes from here to try it out
    fresh.save(update_fields=["seed", "key", "installation", "created_at", "last_seen"])
    record(EventName.APP_PAIRED, account=account, after={"kind": "push", "app": fresh.installation})
    return Paired(fresh, seed)
