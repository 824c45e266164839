"""What an account holder does not recognise (“This wasn't me”) is undone as far as that only protects, and reported (S-127, S-143)."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.locks import hold
from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from accounts.sessions import end, open_badges
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from methods.challenges import close_all
from methods.models import MethodState, RegisteredMethod, Report
from methods.notices import tell
from methods.registry import kind
from methods.suspending import suspend
from methods.unknown_requests import pass_on
from methods.usable import listed, usable

FRESH = timedelta(days=14)  # an older method is the person's own to remove: suspending it could lock them out
WHY = "not-me"
DISOWNABLE = frozenset(
    {
        EventName.PASSWORD_ACCEPTED,
        EventName.SIGNIN_SUCCEEDED,
        EventName.SIGNIN_ABANDONED,
        EventName.CHALLENGE_DECLINED,
        EventName.APP_PAIRED,
        EventName.METHOD_REGISTERED,
        EventName.METHOD_RENAMED,
        EventName.METHOD_REMOVED,
        EventName.METHOD_RETIRING,
        EventName.METHOD_KEPT,
        EventName.METHOD_DEFAULT_CHANGED,
        EventName.APP_PASSWORD_USED,
        EventName.ACCESS_PASS_ISSUED,
        EventName.ACCESS_PASS_USED,
        EventName.RECOVERY_ADDRESS_PROVED,
        EventName.JOURNEY_PLANNED,
        EventName.METHODS_RESET,
        EventName.RECOVERY_ADDRESS_CONFIRMED,
        EventName.ACCOUNT_UNLOCKED,
        EventName.APPLICATION_SUBMITTED,
        EventName.APPLICATION_WITHDRAWING,
        EventName.TERMINATION_REQUESTED,
        EventName.TERMINATION_APPROVED,
    }
)


def event_of(account: Account, uid: uuid.UUID) -> Event | None:
    """An event of this account that its holder may disown."""
    return Event.objects.filter(uid=uid, account_id=account.pk, name__in=DISOWNABLE).first()


def report_of(account: Account, uid: uuid.UUID) -> Report | None:
    """What became of disowning an event; None while nobody has."""
    return Report.objects.filter(account=account, event=uid).first()


def suspicious(account: Account, event: Event) -> list[RegisteredMethod]:
    """Methods that stop with this event: the fresh one it registered, those of that sign-in, app passwords as `_lets_strangers_in` says."""
    named = {event.after.get("method")} if event.name == EventName.METHOD_REGISTERED else set()
    if event.name in {EventName.SIGNIN_SUCCEEDED, EventName.ACCESS_PASS_USED, EventName.RECOVERY_ADDRESS_PROVED}:
        named |= {one.after.get("method") for one in _registered_there(account, event)}
    since = timezone.now() - FRESH
    return [
        method
        for method in listed(account)
        if method.state == MethodState.ACTIVE
        and ((str(method.pk) in named and method.bound_at > since) or _lets_strangers_in(method, event))
    ]


def _registered_there(account: Account, event: Event) -> Iterable[Event]:
    there = Q(session=event.session) if event.session else Q()
    there |= Q(attempt=event.attempt) if event.attempt else Q()
    registered = Event.objects.filter(account_id=account.pk, name=EventName.METHOD_REGISTERED)
    return registered.filter(there, at__gt=event.at - timedelta(hours=1)) if there else registered.none()


def _lets_strangers_in(method: RegisteredMethod, event: Event) -> bool:
    """Whether it is an app password that was used there, or that was made since and may be the stranger's (R-126)."""
    used = event.name == EventName.APP_PASSWORD_USED and method.name == event.after.get("name")
    return kind(method.kind).ends_with_use and (used or method.bound_at >= event.at)


def needs_proof(account: Account, event: Event) -> bool:
    """Whether a fresh verification comes first: where a method stops and another is left to verify with."""
    stopping = {method.pk for method in suspicious(account, event)}
    return bool(stopping) and any(method.pk not in stopping for method in usable(account))


@transaction.atomic
def disown(account: Account, uid: uuid.UUID, *, actor: Account, keep_session: uuid.UUID) -> Report:
    """End the session, suspend the fresh method, abort what is under way, tell the desk; once: a second time gives the first report.

    Refused for what is not the account's or cannot be disowned, and for the sign-in of the session that asks.
    """
    if actor.pk != account.pk:
        raise Refused("not-allowed")
    account = hold(account.pk)
    if known := report_of(account, uid):
        return known
    event = event_of(account, uid)
    if event is None:
        raise Refused("activity-gone")
    if event.name == EventName.SIGNIN_SUCCEEDED and event.session == str(keep_session):
        raise Refused("activity-here")
    stopped = suspicious(account, event)
    for method in stopped:
        suspend(account, method, actor=actor, why=WHY)
    ended = _end_sessions(account, event, stopped, keep=keep_session)
    account.methods_version += 1
    account.save(update_fields=["methods_version"])
    close_all(account)
    done = {"sessions": ended, "methods": [method.name for method in stopped]}
    report = Report.objects.create(account=account, event=event.uid, facts=_facts(event) | done)
    pass_on(report)
    after = {"what": event.name, "event": str(uid), "report": str(report.pk)} | done
    record(EventName.ACTIVITY_REPORTED, account=account, actor=actor, after=after)
    tell(account, "activity-reported", what=event.name, methods=done["methods"], sessions=ended)
    return report


def _end_sessions(account: Account, event: Event, stopped: Iterable[RegisteredMethod], *, keep: uuid.UUID) -> int:
    """The session in which it was done, and those that a stopped method opened; never the one that asks."""
    if event.actor_id != account.pk:
        return 0
    methods = {method.pk for method in stopped}
    ending: list[SessionRecord] = [
        badge
        for badge in open_badges(account)
        if badge.uid != keep and (str(badge.uid) == event.session or badge.verified_method in methods)
    ]
    ended = end(ending, why=WHY)
    if ended:
        after = {"sessions": ended, "why": WHY}
        record(EventName.SESSION_ENDED, account=account, actor=account, after=after)
    return ended


def _facts(event: Event) -> dict[str, Any]:
    """What the desk needs to look into it; of what staff did, neither network nor browser is the stranger's."""
    own = event.actor_kind != "staff"
    return {
        "what": event.name,
        "at": event.at.isoformat(),
        "kind": event.after.get("kind") or event.before.get("kind") or "",
        "name": event.after.get("name") or event.before.get("name") or "",
        "asked_from": (event.after.get("asked_from") or event.address or "") if own else "",
        "browser": event.browser if own else "",
        "by": event.actor_kind,
    }
