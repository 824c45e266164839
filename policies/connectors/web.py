"""What connectors share that speak HTTP: failures in our words, and answers that are JSON or nothing."""

import json
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from policies.clock import database_now
from policies.connectors.base import Configuration, Permanent, Transient
from policies.connectors.hosts import NotAllowed, Unreachable
from policies.connectors.options import Option
from policies.connectors.outgoing import NoAnswer, Reply, Request, send

WRONG_SETTINGS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}
TRY_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
LONGEST_PAUSE = timedelta(hours=1)

CERTIFICATES = Option(
    "certificates",
    _("Certificates of the authority (PEM)"),
    long=True,
    bears_credentials=True,
    help=_("Only for a system whose certificate comes from an authority of your own; then no other is believed."),
)


def ask(request: Request) -> Reply:
    """Send a request; Configuration or Transient when no answer comes."""
    try:
        return send(request)
    except NotAllowed as error:
        raise Configuration(str(error)) from None
    except Unreachable as error:
        raise Transient(f"no connection: {error}") from None
    except NoAnswer as error:
        raise Transient(f"no answer: {error}", maybe_applied=True) from None


def is_token(text: str) -> bool:
    """Whether a text can stand in a header as a token: ASCII, and neither blank nor line break, as where a mail has wrapped it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_success(status: int) -> bool:
    """Whether a status says that something was done; a redirect does not."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def refusal(status: int, headers: Mapping[str, str]) -> Configuration | Transient | Permanent:
    """What a status other than success means."""
    why = f"HTTP {status}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or status in WRONG_SETTINGS:
        return Configuration(why)
    if status in TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        maybe = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return Transient(why, retry_after=retry_after(headers.get("retry-after", "")), maybe_applied=maybe)
    return Permanent(why)


def said(content: bytes) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else, such as a page."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of what should be a list of objects."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def retry_after(text: str) -> timedelta | None:
    """Seconds or a date (RFC 9110 10.2.3), between none and an hour; None when it says neither."""
    if text.strip().isdecimal():
        pause = timedelta(seconds=min(int(text.strip()[:9]), LONGEST_PAUSE.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # a year of eleven digits is the latter
            return None
        pause = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - database_now()
    return max(timedelta(), min(pause, LONGEST_PAUSE))
