"""Signed-in sessions: opened by the door, read by every room, ended by their owner or by staff."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from accounts.roles import Powers, require
from accounts.session_store import SessionStore
from audit.catalogue import EventName
from audit.context import add, where
from audit.record import record

BACKEND = "accounts.backend.SessionOnlyBackend"
HOUR = timedelta(hours=1)
HOLDER_IDLE, HOLDER_LONGEST = HOUR, 24 * HOUR  # SP 800-63B-4 2.2.3
STAFF_IDLE, STAFF_LONGEST = HOUR / 4, 12 * HOUR


@dataclass(frozen=True)
class Verified:
    """With which method, and when, the second factor of a session was proved; `device` is django-otp's persistent id."""

    kind: str
    method: uuid.UUID
    at: datetime
    device: str = ""


@dataclass(frozen=True)
class Decided:
    """By which sign-in attempt, which rule and which facts a session was allowed."""

    attempt: uuid.UUID
    rule: str
    facts: dict[str, Any] = field(default_factory=dict)


def open_session(request: HttpRequest, account: Account, *, decided: Decided, verified: Verified | None) -> SessionRecord:
    """Give the browser a session with a new key and its badge, in the transaction that holds the evidence (I1)."""
    here = where()
    _end_replaced(_store(request))
    badge = SessionRecord(account=account, epoch=account.epoch, address=here.address, browser=here.browser, **vars(decided))
    _store(request).start(badge)
    login(request, account, backend=BACKEND)
    if verified:
        _prove(request, badge, verified)
    _store(request).keep()
    add(session=str(badge.uid), verified_with=badge.verified_kind)
    return badge


def _end_replaced(store: SessionStore) -> None:
    """Whoever was signed in in this browser until now is not any more."""
    old = store.badge
    if old is not None and end([old], why="signed-out"):
        after = {"session": str(old.uid), "why": "signed-out"}
        record(EventName.SESSION_ENDED, account=old.account, actor=old.account, after=after)


def prove_again(request: HttpRequest, badge: SessionRecord, verified: Verified) -> None:
    """A fresh verification in a session that is already open: new key, newer proof (R-150)."""
    _store(request).cycle_key()
    _prove(request, badge, verified)
    badge.save(update_fields=["verified_kind", "verified_method", "verified_at"])


def _store(request: HttpRequest) -> SessionStore:
    if not isinstance(request.session, SessionStore):
        raise TypeError("SESSION_ENGINE must be accounts.session_store")
    return request.session


def _prove(request: HttpRequest, badge: SessionRecord, verified: Verified) -> None:
    badge.verified_kind, badge.verified_method, badge.verified_at = verified.kind, verified.method, verified.at
    request.session[DEVICE_ID_SESSION_KEY] = verified.device  # so that `request.user.is_verified()` holds


def alive(badge: SessionRecord, account: Account, powers: Powers) -> bool:
    """Whether the badge still counts: not ended, same epoch, neither idle nor too old (R-152, R-157)."""
    idle, longest = (STAFF_IDLE, STAFF_LONGEST) if powers.rank else (HOLDER_IDLE, HOLDER_LONGEST)
    now = timezone.now()
    return (
        badge.ended_at is None
        and account.is_active
        and badge.epoch == account.epoch
        and now - badge.last_seen_at < idle
        and now - badge.started_at < longest
    )


def end(badges: Iterable[SessionRecord], *, why: str) -> int:
    """Close these sessions; their next request is refused (R-154)."""
    rows = SessionRecord.objects.filter(uid__in=[badge.uid for badge in badges], ended_at=None)
    return rows.update(ended_at=timezone.now(), ended_why=why, session_data="")


def open_badges(account: Account) -> list[SessionRecord]:
    """Sessions of an account that have not been ended, newest first."""
    return open_badges_of([account])


def open_badges_of(accounts: Iterable[Account]) -> list[SessionRecord]:
    """The same for several accounts; one query."""
    recent = timezone.now() - HOLDER_LONGEST
    epochs = {account.pk: account.epoch for account in accounts}
    badges = SessionRecord.objects.filter(account__in=epochs, ended_at=None, started_at__gt=recent).order_by("-started_at")
    return [badge for badge in badges if badge.account_id is not None and badge.epoch == epochs[badge.account_id]]


@transaction.atomic
def end_one(account: Account, badge_id: uuid.UUID, *, actor: Account, reason: str = "") -> None:
    """End one session, one's own or, with the right and a reason, somebody else's; Refused when it is gone.

    One's own without a fresh verification: it only takes away, and must work for somebody who has just lost a phone (63B-4 section 4.3).
    """
    if actor.pk != account.pk:
        require(actor, "session:end", on=account, reason=reason)
    badge = next((badge for badge in open_badges(account) if badge.uid == badge_id), None)
    if badge is None:
        raise Refused("session-gone")
    end([badge], why="own" if actor.pk == account.pk else "staff")
    record(EventName.SESSION_ENDED, account=account, actor=actor, reason=reason, after={"session": str(badge.uid)})


@transaction.atomic
def end_all(account: Account, *, actor: Account | None, why: str, keep: uuid.UUID | None = None, reason: str = "") -> int:
    """End every session of an account but `keep`, as a consequence of another verb."""
    ended = end([badge for badge in open_badges(account) if badge.uid != keep], why=why)
    if ended:
        record(EventName.SESSION_ENDED, account=account, actor=actor, reason=reason, after={"sessions": ended, "why": why})
    return ended
