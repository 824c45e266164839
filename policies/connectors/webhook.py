"""Any system that takes signed web requests (Standard Webhooks) and answers with what it has applied."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _
from standardwebhooks import Webhook

from policies.clock import database_now
from policies.connectors.base import (
    Answer,
    Capability,
    Change,
    Configuration,
    Connector,
    Failure,
    Kept,
    Outdated,
    Permanent,
    Transient,
    Unknown,
    together,
)
from policies.connectors.options import Option
from policies.connectors.outgoing import Reply, Request
from policies.connectors.states import NOT_THERE, portions
from policies.connectors.web import CERTIFICATES, ask, is_success, listed, refusal, said

CHANGED, CHANGES, ASKED, PING = "mfa_use.changed", "mfa_use.changes", "mfa_use.asked", "ping"
UNKNOWN = "unknown-account"
NO_CONFIRMATION = "without the confirmation asked for"


class WebhookConnector(Connector):
    """One signed request per change, or per batch. Only an answer that names this account, state and revision confirms it."""

    code = "webhook"
    label = _("Webhook")
    capability = Capability.KEYED
    options = (
        Option(
            "per_request",
            _("Changes in one request"),
            default=1,
            highest=500,
            help=_("More than one only if the receiver understands mfa_use.changes."),
        ),
        Option(
            "answers_questions",
            _("Can be asked for the states it holds"),
            default=False,
            help=_("The receiver understands mfa_use.asked."),
        ),
        CERTIFICATES,
    )

    @property
    def reads_back(self) -> bool:
        return self.chosen.flag("answers_questions")

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """One by one unless the receiver takes several at once."""
        if self.chosen.number("per_request") == 1:
            yield from super().apply(changes)
            return
        for some in portions(changes, lambda: self.chosen.number("per_request")):
            yield from self._tell_all(some)

    def tell(self, change: Change) -> None:
        """Send the change and judge the answer."""
        reply = self._send(CHANGED, _data(change), change.key)
        answered = said(reply.content)
        if is_success(reply.status):
            if failure := _objection(answered, change):
                raise failure
            return
        if reply.status == HTTPStatus.CONFLICT and _is_newer(answered, change):
            raise Outdated("the system knows a newer revision")
        raise _judged(refusal(reply.status, reply.headers), answered, change)

    def _tell_all(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """One request for several changes; each is judged by its own line of the answer."""
        key = "mfa-" + hashlib.sha256("\n".join(change.key for change in changes).encode()).hexdigest()
        reply = self._send(CHANGES, {"changes": [_data(change) for change in changes]}, key)
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            if not isinstance(failure, Permanent):
                raise failure
            yield from super().apply(changes)  # what one of them is refused for is no reason to refuse the others
            return
        lines: dict[str, list[dict[str, Any]]] = {}
        for line in listed(said(reply.content).get("changes")):
            lines.setdefault(str(line.get("key")), []).append(line)
        yield from together([Answer(change, _judged_line(lines.get(change.key, []), change)) for change in changes])

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """Ask for the states the receiver holds."""
        if not self.reads_back:
            return super().read(accounts)
        reply = self._send(ASKED, {"accounts": list(accounts)}, _new_key("asked"))
        if not is_success(reply.status):
            raise refusal(reply.status, reply.headers)
        answered = said(reply.content).get("accounts")
        if not isinstance(answered, list):
            raise _unconfirmed()
        states = {str(line.get("account")): str(line.get("state")) for line in listed(answered)}
        return {account: state if state in {"on", "off"} else "other" for account, state in states.items() if account in accounts}

    def try_connection(self) -> None:
        """Send a signed `ping`; the answer has to repeat its key."""
        key = _new_key("ping")
        reply = self._send(PING, {"key": key}, key)
        if not is_success(reply.status):
            raise refusal(reply.status, reply.headers)
        if said(reply.content).get("key") != key:
            raise _unconfirmed()

    def _send(self, event: str, data: dict[str, Any], key: str) -> Reply:
        now = database_now().astimezone(UTC)  # signed anew at each attempt: a receiver refuses what differs by more than five minutes
        body = json.dumps({"type": event, "timestamp": now.isoformat(), "data": data}, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer().sign(key, now, body),
        }
        return ask(Request("POST", self.system.address, body.encode(), headers, self.chosen.text("certificates")))

    def _signer(self) -> Webhook:
        try:
            return Webhook(self.secret())
        except (ValueError, RuntimeError):
            raise Configuration("the secret is missing or cannot be read") from None


def _new_key(purpose: str) -> str:
    return f"mfa-{purpose}-{datetime.now(UTC).timestamp():.6f}"


def _data(change: Change) -> dict[str, Any]:
    return {"account": change.account, "state": change.state, "revision": change.revision, "key": change.key}


def _unconfirmed(status: int = HTTPStatus.OK) -> Transient:
    return Transient(f"HTTP {status} {NO_CONFIRMATION}", maybe_applied=True)


def _judged(failure: Failure, answered: dict[str, Any], change: Change) -> Failure:
    """What is refused without naming the account may be no word of the receiver's: before it stands a proxy, whose 404 is about everybody."""
    if not isinstance(failure, Permanent):
        return failure
    if answered.get("account") != change.account:
        return Transient(failure.why)
    return Unknown(failure.why) if failure.why == f"HTTP {HTTPStatus.NOT_FOUND}" else failure


def _objection(answered: dict[str, Any], change: Change) -> Transient | None:
    """None only for a confirmation of this very change."""
    confirmed = _names(answered, change) and answered["revision"] == change.revision and answered.get("state") == change.state
    return None if confirmed else _unconfirmed()


def _judged_line(lines: Sequence[dict[str, Any]], change: Change) -> Kept | None:
    """None only when exactly one line is about the change, and confirms it."""
    return _line_objection(lines[0], change) if len(lines) == 1 else _unconfirmed()


def _line_objection(line: dict[str, Any], change: Change) -> Kept | None:
    if _is_newer(line, change):
        return Outdated("the system knows a newer revision")
    if line.get("account") == change.account and line.get("error") == UNKNOWN:
        return Unknown(NOT_THERE)
    return _objection(line, change)


def _names(answered: dict[str, Any], change: Change) -> bool:
    return answered.get("account") == change.account and type(answered.get("revision")) is int


def _is_newer(answered: dict[str, Any], change: Change) -> bool:
    return _names(answered, change) and bool(answered["revision"] > change.revision)
