r"""One event as a line of JSON with the names of the Elastic Common Schema.

A line is ASCII: line feeds, escape sequences, NUL and characters that turn the direction of text stand in it as `\uXXXX`, so that
nothing a visitor typed can forge a line or reach a terminal (R-187).
"""

import json
from typing import Any

import structlog
from django.conf import settings
from django.utils import translation

from audit.masking import masked, masked_in
from audit.models import Event
from audit.out.stream import Numbered
from audit.phrases import Severity
from audit.wording import sentence, wording

ECS = "8.17.0"
SUBJECTS: dict[str, tuple[str, ...]] = {
    "password": ("authentication",),
    "signin": ("authentication",),
    "challenge": ("authentication",),
    "access-pass": ("authentication", "iam"),
    "app-password": ("authentication",),
    "session": ("session",),
    "account": ("iam",),
    "role": ("iam",),
    "method": ("iam",),
    "methods": ("iam",),
    "application": ("iam",),
    "termination": ("iam",),
    "system": ("configuration",),
    "guide": ("configuration",),
    "affiliation": ("configuration",),
}
TYPES = {
    "succeeded": "start",
    "ended": "end",
    "registered": "creation",
    "imported": "creation",
    "removed": "deletion",
    "changed": "change",
    "renamed": "change",
    "denied": "denied",
    "viewed": "access",
    "read": "access",
}
FAILED = frozenset({"refused", "failed", "held", "denied", "declined", "abandoned", "cloned"})
LEVELS = {Severity.ROUTINE: 6, Severity.CHANGE: 5, Severity.WARNING: 4, Severity.SERIOUS: 3}  # as syslog counts
CANNOT_BE_SAID = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # what facts bring about that no verb writes
log = structlog.get_logger(__name__)


def level(event: Event) -> int:
    """How serious an event is, as syslog counts."""
    return LEVELS[wording(event).severity]


def document(event: Event, at: Numbered) -> dict[str, Any]:
    """The event under the names of the schema; what the schema has no name for stands under `mfaadmin`."""
    found = {
        "@timestamp": event.at.isoformat(timespec="microseconds"),
        "ecs": {"version": ECS},
        "message": _in_english(event),
        "event": _event(event, at),
        "organization": {"name": settings.MFA_ORGANISATION_NAME},
        "service": {"name": "mfaadmin", "type": "mfaadmin"},
        "user": _user(event),
        "source": {"ip": event.address} if event.address else None,
        "user_agent": {"original": event.browser} if event.browser else None,
        "http": {"request": {"id": event.request_id}} if event.request_id else None,
        "mfaadmin": _own(event, at),
    }
    return {key: value for key, value in found.items() if value}


def _in_english(event: Event) -> str:
    """The sentence; nothing where it cannot be said, so that no event stops those behind it."""
    try:
        with translation.override("en"):
            return sentence(event)
    except CANNOT_BE_SAID:
        log.exception("an event leaves without its sentence", event_id=str(event.uid))
        return ""


def _event(event: Event, at: Numbered) -> dict[str, Any]:
    subject, _, action = event.name.partition(":")
    facts = {
        "id": str(event.uid),
        "sequence": at.number,
        "action": event.name,
        "kind": "event",
        "module": "mfaadmin",
        "dataset": "mfaadmin.audit",
        "category": list(SUBJECTS.get(subject, ())),
        "type": [TYPES.get(action, "info")],
        "outcome": "failure" if action in FAILED else "success",
        "severity": level(event),
    }
    return facts | ({"reason": masked(event.reason)} if event.reason else {})


def _user(event: Event) -> dict[str, Any]:
    """Who acted, and on whom; without an actor it was the site itself."""
    user: dict[str, Any] = {"id": str(event.actor_id), "name": event.actor_label} if event.actor_id else {}
    if event.account_id:
        user["target"] = {"id": str(event.account_id), "name": event.account_label}
    return user


def _own(event: Event, at: Numbered) -> dict[str, Any]:
    facts = {
        "actor_kind": event.actor_kind,
        "seal": at.seal,
        "verified_with": event.verified_with,
        "session": event.session,
        "attempt": event.attempt,
        "case": event.after.get("case"),
        "kind": event.after.get("kind") or event.before.get("kind"),
        "approver": event.approver,
        "before": masked_in(event.before),
        "after": masked_in(event.after),
    }
    return {key: value for key, value in facts.items() if value}


def line(event: Event, at: Numbered) -> bytes:
    """The document on one line, in ASCII, without its line feed."""
    return json.dumps(document(event, at), separators=(",", ":"), ensure_ascii=True).replace("\x7f", "\\u007f").encode("ascii")
