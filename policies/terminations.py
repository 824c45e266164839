"""Ending somebody's MFA use: one member of staff asks, another one approves (S-98, C-08, R-162)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Target, objection, powers, require, staff_wait
from audit.catalogue import EventName
from audit.record import record
from methods.ending import end_with_use
from methods.notices import tell
from policies.applications import live_application
from policies.clock import database_now
from policies.homes import only_reads
from policies.models import Application, Termination, TerminationWish
from policies.models.applications import TerminationState
from policies.models.deliveries import Desired
from policies.models.wishes import WishState
from policies.planning import enabled_systems, next_revision, plan, supersede, systems_to_tell
from policies.refusals import refused
from policies.states import CAN_TERMINATE, ApplicationState

OPEN_FOR = timedelta(hours=24)
BINDING = ("revision", "epoch", "systems")  # of a snapshot; that an application has come into effect meanwhile changes nothing
LONGEST_DAYS = 366


def open_termination(account: Account) -> Termination | None:
    """The request that waits for a decision on this account."""
    rows = Termination.objects.filter(application__account=account, state=TerminationState.REQUESTED)
    return rows.select_related("application", "requested_by").first()


@transaction.atomic
def request(account: Account, *, actor: Account, reason: str, days: int | None = None, without_end: bool = False) -> Termination:
    """Ask for MFA use of `account` to be ended for `days` (default MFA_TERMINATION_DAYS); the holder is told at once.

    `without_end` is for administrators: then MFA use returns when the holder applies again, or staff end the exception.
    """
    require(actor, right_to_ask(without_end=without_end), on=account, reason=reason)
    lasts = None if without_end else _checked(days)
    account, now = hold(account.pk), database_now()
    _refuse_closed(account)
    application = live_application(account)
    if application is None or application.state not in CAN_TERMINATE:
        raise refused("no-mfa-use")
    _refuse_a_second(account, now)
    termination = Termination.objects.create(
        application=application,
        reason=reason.strip(),
        requested_by=actor,
        requested_at=now,
        expires_at=now + OPEN_FOR,
        days=lasts,
        snapshot=_snapshot(application, account),
    )
    wishes = TerminationWish.objects.filter(account=account, state=WishState.OPEN)
    wishes.update(state=WishState.TAKEN_UP, closed_at=now, closed_by=actor, termination=termination)
    after = {"termination": str(termination.uid)} | ({"days": lasts} if lasts else {"without_end": True})
    record(EventName.TERMINATION_REQUESTED, account=account, actor=actor, reason=reason.strip(), after=after)
    tell(account, "termination-requested", days=lasts)
    return termination


def right_to_ask(*, without_end: bool) -> str:
    """What whoever asks for a termination needs (C-08)."""
    return "termination:without-end" if without_end else "termination:request"


def _checked(days: int | None) -> int:
    days = settings.MFA_TERMINATION_DAYS if days is None else days
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("termination-days", longest=LONGEST_DAYS)
    return days


def _snapshot(application: Application, account: Account) -> dict[str, object]:
    """What is asked for, as it was. Locking the account and leaving raise its epoch, also when they were undone since."""
    systems = [system.code for system in enabled_systems()]
    return {"state": application.state, "revision": application.revision, "epoch": account.epoch, "systems": systems}


def _refuse_closed(account: Account) -> None:
    """Who was locked out or has left is protected by the systems alone: they go on asking (decision 19)."""
    if not account.is_active:
        raise refused("closed-stays-protected")


def _refuse_a_second(account: Account, now: datetime) -> None:
    existing = open_termination(account)
    if existing and existing.expires_at > now and not _is_outdated(existing, account):
        raise refused("termination-open")
    if existing:
        _close_undecided(existing, account, now)


def _is_outdated(termination: Termination, account: Account) -> bool:
    """Whether no approval can come of it any more: what it is bound to has changed, or whoever asked may not ask now."""
    return _has_changed(termination, account) or bool(_requester_objection(termination, account))


def _has_changed(termination: Termination, account: Account) -> bool:
    application, asked = termination.application, termination.snapshot
    is_now = _snapshot(application, account)
    return application.state not in CAN_TERMINATE or any(asked[name] != is_now[name] for name in BINDING)


@transaction.atomic
def approve(termination: Termination, *, actor: Account) -> Termination:
    """End the MFA use as requested, once; Refused to the requester, to the holder, and when anything has changed since.

    Of somebody who has a role the systems learn later, and the days count from then: the holder has time to stop it, as with all that loosens.
    """
    termination, account, now = _held(termination)
    require(actor, "termination:approve", on=account)
    _check_open(termination, now)
    if actor.pk == termination.requested_by_id:
        raise refused("own-request")
    if _requester_objection(termination, account):
        raise refused("requester-may-not")
    _refuse_closed(account)
    if _has_changed(termination, account):
        raise refused("termination-outdated")
    application = termination.application
    wait = staff_wait(powers(account).rank)
    termination.ends_at = now + wait + timedelta(days=termination.days) if termination.days else None
    _close(termination, TerminationState.APPROVED, now=now, actor=actor)
    end_with_use(account, why="mfa-changed")
    supersede(account)
    application.revision = next_revision(account)
    application.step(ApplicationState.TERMINATING)
    plan(application, Desired.OFF, systems_to_tell(account), now=now, wait=wait)
    ends_on = localtime(termination.ends_at).date().isoformat() if termination.ends_at else ""
    tell(account, "termination-approved", ends_on=ends_on, hours=wait // timedelta(hours=1), held=only_reads())
    return termination


@transaction.atomic
def refuse(termination: Termination, *, actor: Account) -> Termination:
    """Turn the request down; whoever made it may take it back, and what the holder wished waits for staff again then."""
    termination, account, now = _held(termination)
    own = actor.pk == termination.requested_by_id
    require(actor, "termination:request" if own else "termination:approve", on=account)
    _check_open(termination, now)
    _close(termination, TerminationState.REFUSED, now=now, actor=actor)
    if own:
        tell(account, "termination-taken-back", wished=_open_wish_again(termination, account))
    else:
        tell(account, "termination-refused")
    return termination


def stop(account: Account) -> bool:
    """The holder says that they did not ask; in a verb that holds the account's lock. False when none waits for a decision."""
    waiting = open_termination(account)
    if waiting is None:
        return False
    waiting.application.account = account
    _close(waiting, TerminationState.REFUSED, now=database_now(), actor=account)
    return True


def expire() -> int:
    """Close the requests on which nobody decided within a day; returns how many."""
    return sum(_expire_one(one) for one in _waiting().filter(expires_at__lte=database_now()))


def close_outdated() -> int:
    """Close the requests of which no approval can come any more; returns how many."""
    return sum(_expire_one(one) for one in _waiting() if _is_outdated(one, one.application.account))


def _waiting() -> QuerySet[Termination]:
    return Termination.objects.filter(state=TerminationState.REQUESTED).select_related("application__account", "requested_by")


@transaction.atomic
def _expire_one(termination: Termination) -> bool:
    termination, account, now = _held(termination)
    in_time = termination.expires_at > now
    if termination.state != TerminationState.REQUESTED or (in_time and not _is_outdated(termination, account)):
        return False
    wished = _close_undecided(termination, account, now)
    if account.left_at is None and termination.application.state in CAN_TERMINATE:  # else a mail of its own says that it is over
        tell(account, "termination-expired", wished=wished, changed=in_time)
    return True


def _close_undecided(termination: Termination, account: Account, now: datetime) -> bool:
    """Nobody decided in time, or nobody can: what the holder wished waits for staff again. False when there is no such wish."""
    _close(termination, TerminationState.EXPIRED, now=now, actor=None)
    return _open_wish_again(termination, account)


def _open_wish_again(termination: Termination, account: Account) -> bool:
    """False when there is no wish behind the request, or it makes no sense any more."""
    wishes = TerminationWish.objects.filter(account=account)
    if termination.application.state not in CAN_TERMINATE or wishes.filter(state=WishState.OPEN).exists():
        return False
    theirs = wishes.filter(termination=termination, state=WishState.TAKEN_UP)
    return bool(theirs.update(state=WishState.OPEN, closed_at=None, closed_by=None, termination=None))


def _held(termination: Termination) -> tuple[Termination, Account, datetime]:
    """The request as it is now, its account locked."""
    account = hold(Application.objects.values_list("account_id", flat=True).get(pk=termination.application_id))
    fresh = Termination.objects.select_related("application", "requested_by").get(pk=termination.pk)
    fresh.application.account = account
    return fresh, account, database_now()


def _check_open(termination: Termination, now: datetime) -> None:
    if termination.is_closed_early:
        raise refused("termination-outdated")
    if termination.state != TerminationState.REQUESTED or termination.expires_at <= now:
        raise refused("termination-closed")


def _requester_objection(termination: Termination, account: Account) -> str:
    """Why whoever asked may not ask at this moment, as a code, or nothing."""
    requester = termination.requested_by
    if not requester.is_active:
        return "not-allowed"
    right = right_to_ask(without_end=termination.days is None)
    return objection(requester, powers(requester), right, Target(account, powers(account)))


EVENTS = {
    TerminationState.APPROVED: EventName.TERMINATION_APPROVED,
    TerminationState.REFUSED: EventName.TERMINATION_REFUSED,
    TerminationState.EXPIRED: EventName.TERMINATION_EXPIRED,
}


def _close(termination: Termination, state: TerminationState, *, now: datetime, actor: Account | None) -> None:
    termination.state, termination.decided_by, termination.decided_at = state, actor, now
    termination.save()
    after = {"termination": str(termination.uid), "requested_by": termination.requested_by.common_id}
    if actor is not None and state == TerminationState.APPROVED:
        after |= {"approved_by": actor.common_id, "until": termination.ends_at.isoformat() if termination.ends_at else ""}
    if termination.is_closed_early:
        after["why"] = "changed"
    record(EVENTS[state], account=termination.application.account, actor=actor, reason=termination.reason, after=after)
