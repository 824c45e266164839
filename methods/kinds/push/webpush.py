"""Waking the app by Web Push (RFC 8030, 8291, 8292). The message says that something waits, never what; polling is the truth."""

import json
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from py_vapid import Vapid02
from pywebpush import WebPusher

from methods.gateways.base import NeverSent, NotSent
from methods.kinds.push.models import PushDevice
from methods.kinds.push.signatures import decoded
from methods.models import Challenge

TTL_SECONDS = 60
TIMEOUT = (3, 3)  # seconds to connect, to answer: the page looks every two, so that trouble is told within five
GONE, BUSY = {404, 410}, {408, 425, 429}
LONGEST_ENDPOINT = 1000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def is_allowed(endpoint: str) -> bool:
    """Whether a push service may be called there: https, at a host of MFA_PUSH_HOSTS; a listed host on this machine also by http."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        return False
    listed = any(host == name or (name.startswith(".") and host.endswith(name)) for name in settings.MFA_PUSH_HOSTS)
    plain = parts.scheme == "http" and host in LOOPBACK
    return listed and (parts.scheme == "https" or plain) and len(endpoint) <= LONGEST_ENDPOINT and _is_plain(endpoint, parts.netloc)


def _is_plain(endpoint: str, netloc: str) -> bool:
    """Whether everybody reads the same host in it: to the library that calls, a host ends at a backslash."""
    return endpoint.isascii() and endpoint.isprintable() and not any(mark in netloc for mark in "@\\%")


def subscription(given: Any) -> dict[str, Any] | None:
    """What is kept of a browser's subscription; None when it cannot be one."""
    endpoint, keys = (given.get("endpoint"), given.get("keys")) if isinstance(given, dict) else (None, None)
    if not isinstance(endpoint, str) or not isinstance(keys, dict) or not is_allowed(endpoint):
        return None
    point, auth = keys.get("p256dh"), keys.get("auth")
    if not isinstance(point, str) or not isinstance(auth, str) or (len(decoded(point)), len(decoded(auth))) != (65, 16):
        return None
    return {"endpoint": endpoint, "keys": {"p256dh": point, "auth": auth}}


def message() -> str:
    """The same words for every request, also in the declarative form that Safari shows without waking the worker."""
    words = {"title": settings.MFA_AUTHENTICATOR_NAME, "body": _("Approve sign-in request")}
    return json.dumps({"web_push": 8030, "notification": words | {"navigate": f"{settings.MFA_PUBLIC_URL}/authenticator/"}})


def public_key() -> bytes:
    """The site's key as browsers want it when they subscribe: the uncompressed point."""
    numbers = Vapid02.from_raw(settings.MFA_VAPID_PRIVATE_KEY.encode()).public_key.public_numbers()
    point: bytes = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    return point


def send(device: PushDevice, challenge: Challenge) -> None:
    """Call the push service once; NotSent when later may help, NeverSent when not. A subscription that is gone is dropped."""
    endpoint = (device.subscription or {}).get("endpoint", "")
    if not is_allowed(endpoint):
        raise NeverSent("push service not allowed")
    try:
        status = _post(endpoint, device.subscription, topic=challenge.pk.hex)
    except (requests.RequestException, ValueError) as error:
        raise NotSent(f"push service: {type(error).__name__}") from None
    if status in GONE:
        PushDevice.objects.filter(pk=device.pk, subscription=device.subscription).update(subscription=None)
        raise NeverSent("subscription gone")
    if status in BUSY or status >= requests.codes.server_error:
        raise NotSent(f"push service: {status}")
    if status >= requests.codes.multiple_choices:
        raise NeverSent(f"push service: {status}")


def _post(endpoint: str, kept: Any, *, topic: str) -> int:
    where = urlsplit(endpoint)
    claims = {"aud": f"{where.scheme}://{where.netloc}", "sub": f"mailto:{settings.MFA_SUPPORT_EMAIL}"}
    headers = Vapid02.from_raw(settings.MFA_VAPID_PRIVATE_KEY.encode()).sign(claims) | {
        "TTL": str(TTL_SECONDS),
        "Urgency": "high",
        "Topic": topic,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    }
    body = WebPusher(kept).encode(message().encode())["body"]
    with requests.post(endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
        return answer.status_code
