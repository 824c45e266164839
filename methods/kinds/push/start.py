"""Getting the app: its address and, where the institution publishes it there, the stores (S-22, S-106)."""

from typing import Any

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe


def qr(text: str) -> SafeString:
    """A QR code as SVG; error correction M, quiet zone of four."""
    svg: str = segno.make(text, error="m", micro=False).svg_inline(scale=6, border=4, omitsize=True)
    return mark_safe(svg)  # noqa: S308  made by segno from our own text


def app_address() -> str:
    """Where the app is opened."""
    return f"{settings.MFA_PUBLIC_URL}/authenticator/"


def getting() -> dict[str, Any]:
    """What “Start by getting the app” shows: the stores if the app is there, else its own address for every phone."""
    stores = [("Google Play", settings.MFA_AUTHENTICATOR_ANDROID_URL), ("App Store", settings.MFA_AUTHENTICATOR_IOS_URL)]
    published = [(name, address) for name, address in stores if address]
    places = published or [("", app_address())]
    return {
        "app": settings.MFA_AUTHENTICATOR_NAME,
        "app_address": app_address(),
        "places": [(name, address, qr(address)) for name, address in places],
    }
