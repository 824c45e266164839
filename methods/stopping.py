"""The owner's “stop, this was not me”: a signed link in every notice of what staff do, made by the worker that sends the mail."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

_stop: ContextVar[str] = ContextVar("stop", default="")
_signer = Signer(salt="methods.stopping")


@contextmanager
def stoppable(stop_id: uuid.UUID) -> Iterator[None]:
    """Notices that are planned meanwhile tell their reader how to stop what they tell of."""
    token = _stop.set(str(stop_id))
    try:
        yield
    finally:
        _stop.reset(token)


def in_notices() -> dict[str, str]:
    """What a notice keeps of it: the id, which is worth nothing without the site's signature."""
    return {"stop": _stop.get()} if _stop.get() else {}


def link(stop_id: str) -> str:
    """The address on which the reader stops it."""
    return settings.MFA_PUBLIC_URL.rstrip("/") + reverse("help:stop", args=[_signer.sign(stop_id)])


def meant(signed: str) -> uuid.UUID | None:
    """The id in such an address; None unless this site has signed it."""
    try:
        return uuid.UUID(_signer.unsign(signed))
    except (BadSignature, ValueError):
        return None
