"""Any system that takes signed web requests (Standard Webhooks) and answers with what it has applied."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from standardwebhooks import Webhook

from policies.connectors.base import Capability, Change, Configuration, Connector, Outdated, Permanent, Transient
from policies.connectors.outgoing import NoAnswer, NotAllowed, Reply, Unreachable, post
from vault.fields import unseal
from vault.keyring import CannotOpen

EVENT = "mfa_use.changed"
WRONG_SETTINGS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}
TRY_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
LONGEST_PAUSE = timedelta(hours=1)


class WebhookConnector(Connector):
    """One signed request per change. Only an answer that names this account, state and revision confirms it."""

    code = "webhook"
    capability = Capability.KEYED

    def tell(self, change: Change) -> None:
        """Send the change and judge the answer."""
        now = datetime.now(UTC)
        data = {"account": change.account, "state": change.state, "revision": change.revision, "key": change.key}
        body = json.dumps({"type": EVENT, "timestamp": now.isoformat(), "data": data}, separators=(",", ":"))
        try:
            reply = post(self.system.address, body.encode(), self._headers(change, now, body))
        except NotAllowed as error:
            raise Configuration(str(error)) from None
        except Unreachable as error:
            raise Transient(f"no connection: {error}") from None
        except NoAnswer as error:
            raise Transient(f"no answer: {error}", maybe_applied=True) from None
        _judge(reply, change)

    def _headers(self, change: Change, now: datetime, body: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "mfaadmin",
            "Idempotency-Key": change.key,
            "webhook-id": change.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer().sign(change.key, now, body),
        }

    def _signer(self) -> Webhook:
        try:
            return Webhook(unseal(self.system, "credentials").decode())
        except (CannotOpen, ValueError, RuntimeError):
            raise Configuration("the secret is missing or cannot be read") from None


def _judge(reply: Reply, change: Change) -> None:
    """Return only for a confirmation."""
    status, said = reply.status, _said(reply)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        if not _names(said, change) or said["revision"] != change.revision or said.get("state") != change.state:
            raise Transient(f"HTTP {status} without the confirmation asked for", maybe_applied=True)
        return
    if status == HTTPStatus.CONFLICT and _names(said, change) and said["revision"] > change.revision:
        raise Outdated("the system knows a newer revision")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or status in WRONG_SETTINGS:
        raise Configuration(f"HTTP {status}")
    if status in TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        maybe = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise Transient(f"HTTP {status}", retry_after=_retry_after(reply.headers.get("retry-after", "")), maybe_applied=maybe)
    raise Permanent(f"HTTP {status}")


def _said(reply: Reply) -> dict[str, Any]:
    if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return {}
    try:
        said = json.loads(reply.content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _names(said: dict[str, Any], change: Change) -> bool:
    return said.get("account") == change.account and type(said.get("revision")) is int


def _retry_after(text: str) -> timedelta | None:
    """Seconds or a date (RFC 9110 10.2.3), between none and an hour; None when it says neither."""
    if text.strip().isdecimal():
        pause = timedelta(seconds=min(int(text.strip()[:9]), LONGEST_PAUSE.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        pause = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
    return max(timedelta(), min(pause, LONGEST_PAUSE))
