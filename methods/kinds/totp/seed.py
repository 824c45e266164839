"""The shared secret of an authenticator app: making it, showing it once, computing its codes."""

import base64
import os
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Account
from methods import timecodes
from methods.kinds.totp.models import TotpDevice
from vault.fields import seal, unseal


def new_device(account: Account) -> TotpDevice:
    """An unsaved device with a new seed."""
    device = TotpDevice(user=account, name="")
    seal(device, "seed", os.urandom(timecodes.SEED_BYTES))
    return device


def matching_step(device: TotpDevice, code: str, *, now: float) -> int | None:
    """The time step whose code this is, of the present one and its neighbours; None when it is none of them."""
    return timecodes.matching_step(unseal(device, "seed"), code, now=now)


def key_text(device: TotpDevice) -> str:
    """The seed for typing, in groups of four."""
    text = base64.b32encode(unseal(device, "seed")).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def issuer() -> str:
    """Under which name the app lists the account: the Latin one in every language, as some apps and keys show no other."""
    return str(settings.MFA_ORGANISATION_NAME)


def qr(device: TotpDevice) -> SafeString:
    """The otpauth address as an SVG, labelled with the institution and the account (S-33)."""
    name, account = issuer(), device.user.common_id
    query = urlencode({"secret": key_text(device).replace(" ", ""), "issuer": name}, quote_via=quote)
    address = f"otpauth://totp/{quote(name)}:{quote(account)}?{query}"
    svg: str = segno.make(address, error="m", micro=False).svg_inline(scale=6, border=4, omitsize=True)
    return mark_safe(svg)  # noqa: S308  made by segno from our own text
