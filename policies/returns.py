"""A termination is a dated exception: at its end MFA use comes back by itself, after three notices (C-08).

One without end lasts until the holder applies again or staff end it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localtime

from accounts.locks import hold
from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from methods.usable import listed, usable
from policies.applications import need_methods, step_to_withdrawn
from policies.clock import database_now
from policies.homes import only_reads
from policies.models import Application, Termination
from policies.models.applications import TerminationState
from policies.models.deliveries import Desired
from policies.planning import enabled_systems, next_revision, plan, supersede, systems_to_tell
from policies.refusals import refused
from policies.states import LIVE, ApplicationState

NOTICES = (1, 3, 14)  # so many days before the end
UNDECIDED = {ApplicationState.APPLIED, ApplicationState.WITHDRAWING}
SWEEP = 200  # of one sweep; the next one goes on


def look_after() -> int:
    """Tell whose termination ends soon, and bring MFA use back where one has ended; returns how many changed."""
    now = database_now()
    due = Q(ends_at__lte=now) | Q(Exists(_applied_again()))
    for days in NOTICES:
        untold = Q(notified_days=None) | Q(notified_days__gt=days)
        due |= Q(ends_at__lte=now + timedelta(days=days), days__gt=days) & untold
    return sum(_one(termination) for termination in _approved().filter(due).order_by("ends_at")[:SWEEP])


def _applied_again() -> QuerySet[Application]:
    """What the person has applied for since and cannot withdraw any more: then it is no exception."""
    later = Application.objects.filter(account=OuterRef("application__account"), revision__gt=OuterRef("application__revision"))
    return later.exclude(state__in=[*UNDECIDED, ApplicationState.WITHDRAWN])


def _approved() -> QuerySet[Termination]:
    """Those in force; of an account that has left, not before it comes back."""
    return Termination.objects.filter(state=TerminationState.APPROVED, application__account__left_at=None)


@transaction.atomic
def _one(termination: Termination) -> bool:
    account = hold(Application.objects.values_list("account_id", flat=True).get(pk=termination.application_id))
    fresh, now = _approved().select_related("application").filter(pk=termination.pk).first(), database_now()
    if fresh is None:
        return False
    later = _applied_since(fresh, account)
    if later and later.state not in UNDECIDED:
        return _end(fresh)
    if fresh.ends_at is None or (later and later.state == ApplicationState.APPLIED):
        return False
    if fresh.ends_at > now:
        return _give_notice(fresh, fresh.ends_at, account, now)
    return _bring_back(fresh, account, now)


def end_now(account: Account) -> bool:
    """The holder says that they did not ask: MFA use comes back at once. In a verb that holds the account's lock; False when none is in force."""
    now = database_now()
    found = _approved().select_related("application").filter(application__account=account).order_by("-decided_at").first()
    if found is None:
        return False
    later = _applied_since(found, account)
    if later and later.state not in UNDECIDED:
        return False
    may_be_withdrawn = later is not None and later.state == ApplicationState.APPLIED
    if may_be_withdrawn or not _bring_back(found, account, now):  # then, or as soon as a system can be told, the sweep does it
        found.ends_at = now
        found.save(update_fields=["ends_at"])
    return True


def _applied_since(termination: Termination, account: Account) -> Application | None:
    """The application that the person has made since: it stands, or what has become of it, once it cannot be withdrawn any more."""
    later = Application.objects.filter(account=account, revision__gt=termination.application.revision)
    return later.exclude(state=ApplicationState.WITHDRAWN).order_by("-revision").first()


def _give_notice(termination: Termination, ends_at: datetime, account: Account, now: datetime) -> bool:
    due = [days for days in NOTICES if ends_at - now <= timedelta(days=days) and days < (termination.days or 0)]
    told = termination.notified_days
    if not due or (told is not None and told <= due[0]):
        return False
    termination.notified_days = due[0]
    termination.save(update_fields=["notified_days"])
    tell(account, "termination-ending", ends_on=localtime(ends_at).date().isoformat(), has_method=bool(usable(account)))
    return True


def _bring_back(termination: Termination, account: Account, now: datetime) -> bool:
    """Propagated like an application, but at once: it protects, and nobody can withdraw it (R-231). Not before a system can be told."""
    if not any(system.required for system in enabled_systems()):
        return False
    supersede(account)
    later = _applied_since(termination, account)
    if later:
        step_to_withdrawn(later, account, now=now, actor=None)
    ended = termination.application
    if ended.state in LIVE:  # a system never confirmed that MFA use was off
        ended.ended_at = now
        ended.step(ApplicationState.TERMINATED)
    application = Application.objects.create(
        account=account,
        revision=next_revision(account),
        text_version=ended.text_version,
        tested_at=ended.tested_at,
        submitted_at=now,
    )
    plan(application, Desired.ON, systems_to_tell(account), now=now, at_once=True)
    if not listed(account) and account.recovery_until is None:
        account.registers_anew = True
        account.save(update_fields=["registers_anew"])
    need_methods(account, needed=True)
    after = {"termination": str(termination.uid), "application": str(application.uid), "revision": application.revision}
    record(EventName.TERMINATION_ENDED, account=account, after=after)
    tell(account, "termination-ended", has_method=bool(usable(account)), held=only_reads())
    return _end(termination, application)


def _end(termination: Termination, application: Application | None = None) -> bool:
    termination.state, termination.returned_as = TerminationState.ENDED, application
    termination.save(update_fields=["state", "returned_as"])
    return True


@transaction.atomic
def end_exception(account: Account, *, actor: Account, reason: str) -> None:
    """Have MFA use come back now, before the date or without one; the next sweep passes it on. Refused when there is no exception."""
    require(actor, "termination:request", on=account, reason=reason)
    account, now = hold(account.pk), database_now()
    found = open_exception(account)
    if found is None or (found.ends_at and found.ends_at <= now):
        raise refused("no-exception")
    before = {"until": found.ends_at.isoformat() if found.ends_at else ""}
    Termination.objects.filter(pk=found.pk).update(ends_at=now)
    after = {"termination": str(found.uid)}
    record(EventName.TERMINATION_CUT_SHORT, account=account, actor=actor, reason=reason.strip(), before=before, after=after)


def open_exception(account: Account) -> Termination | None:
    """The approved termination after which the account has not applied again."""
    return _approved().filter(~Exists(_applied_again()), application__account=account).order_by("-decided_at").first()
