"""Applying for MFA use, and withdrawing while nothing has been changed (S-84 to S-92, C-07)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import where
from audit.record import record
from methods.ending import end_with_use
from methods.notices import tell
from methods.usable import tested_at, usable
from policies.clock import database_now
from policies.homes import only_reads
from policies.models import Application, ConnectedSystem, TerminationWish
from policies.models.deliveries import DONE, Desired
from policies.models.wishes import WishState
from policies.planning import enabled_systems, longest_wait, next_revision, plan, still_asking, supersede
from policies.refusals import refused
from policies.states import LIVE, ApplicationState

TEXT_VERSION = "2026-3"  # of the instructions on the setting page; a test tells when they have changed under the same number


def live_application(account: Account) -> Application | None:
    """The application that is on its way or in effect."""
    return Application.objects.filter(account=account, state__in=LIVE).first()


def submit(account: Account, *, actor: Account, text_version: str) -> Application:
    """Apply for MFA use of one's own account; Refused without a usable method and a recent test sign-in.

    Application, deliveries, event and notices are written together or not at all (R-220); a refusal is recorded.
    """
    try:
        return _submit(account, actor, text_version)
    except Refused as refusal:
        record(EventName.APPLICATION_REFUSED, account=account, actor=actor, after={"why": refusal.code})
        raise


@transaction.atomic
def _submit(account: Account, actor: Account, text_version: str) -> Application:
    if actor.pk != account.pk:
        raise refused("not-allowed")
    account, now = hold(account.pk), database_now()
    tested = _check_ready(account, now)
    if text_version != TEXT_VERSION:
        raise refused("text-changed")
    systems = enabled_systems()
    if not any(system.required for system in systems):
        raise refused("no-systems")
    supersede(account)
    application = _written(account, tested, now)
    plan(application, Desired.ON, systems, now=now)
    need_methods(account, needed=True)
    minutes = longest_wait(systems) / timedelta(minutes=1)
    after = {"application": str(application.uid), "revision": application.revision, "text_version": TEXT_VERSION}
    record(EventName.APPLICATION_SUBMITTED, account=account, actor=actor, after=after)
    tell(account, "application-submitted", minutes=max(1, round(minutes)), held=only_reads())
    return application


def _check_ready(account: Account, now: datetime) -> datetime:
    """When the account last passed a test sign-in; Refused when that is too long ago or something else is missing."""
    if not account.is_active:
        raise refused("account-left")
    if live_application(account):
        raise refused("already-applied")
    methods = usable(account)
    if not methods:
        raise refused("no-method")
    tested = tested_at(methods)
    if tested is None or not is_recent(tested, now):
        raise refused("no-test-signin")
    return tested


def is_recent(tested: datetime, now: datetime) -> bool:
    """Whether a test sign-in still counts."""
    return now - tested <= timedelta(days=settings.MFA_TEST_SIGNIN_DAYS)


def _written(account: Account, tested: datetime, now: datetime) -> Application:
    here = where()
    return Application.objects.create(
        account=account,
        revision=next_revision(account),
        text_version=TEXT_VERSION,
        tested_at=tested,
        submitted_at=now,
        address=here.address,
        browser=here.browser,
        session=here.session,
        attempt=here.attempt,
    )


def need_methods(account: Account, *, needed: bool) -> None:
    """Whether the last usable method must stay (I7); what depends on MFA use ends with each change (R-126). Under the account's lock."""
    end_with_use(account, why="mfa-changed")
    account.methods_needed = needed
    account.save(update_fields=["methods_needed"])


def decline(account: Account) -> None:
    """Answer "No": nothing happens before an application, and nothing can be undone by it afterwards (S-97)."""
    if live_application(account):
        raise refused("cannot-disable")


@transaction.atomic
def withdraw(account: Account, *, actor: Account) -> Application:
    """Take an application back; Refused once a system has confirmed it (C-07).

    A system that is being told at this moment is told the reverse, and so is one that the end of an earlier MFA use never reached;
    the application ends when they have confirmed (R-228).
    """
    if actor.pk != account.pk:
        raise refused("not-allowed")
    account, now = hold(account.pk), database_now()
    application = live_application(account)
    if application is None or application.state != ApplicationState.APPLIED:
        raise refused("nothing-to-withdraw")
    if application.is_return:
        raise refused("cannot-disable")
    end_with_use(account, why="mfa-changed")
    end_wish(account, now)
    deliveries = supersede(account)
    if any(row.application_id == application.pk and row.state in DONE for row in deliveries):
        raise refused("too-late-to-withdraw")
    if asking := still_asking(deliveries):
        _reverse(account, application, asking, now)
        record(EventName.APPLICATION_WITHDRAWING, account=account, actor=actor, after={"application": str(application.uid)})
    else:
        end_withdrawn(application, account, now=now, actor=actor)
    return application


def _reverse(account: Account, application: Application, systems: list[ConnectedSystem], now: datetime) -> None:
    application.revision = next_revision(account)
    application.step(ApplicationState.WITHDRAWING)
    plan(application, Desired.OFF, systems, now=now, at_once=True)


def end_wish(account: Account, now: datetime) -> None:
    """What the holder wished about MFA use that ends by another way waits for staff no longer. Under the account's lock."""
    wishes = TerminationWish.objects.filter(account=account, state=WishState.OPEN)
    wishes.update(state=WishState.OVER, closed_at=now)


def end_withdrawn(application: Application, account: Account, *, now: datetime, actor: Account | None) -> None:
    """No system asks for MFA on account of this application. Called under the account's lock."""
    step_to_withdrawn(application, account, now=now, actor=actor)
    need_methods(account, needed=False)
    tell(account, "application-withdrawn")


def step_to_withdrawn(application: Application, account: Account, *, now: datetime, actor: Account | None) -> None:
    """The application is over; what follows for the account is the caller's, who holds its lock."""
    application.ended_at = now
    application.step(ApplicationState.WITHDRAWN)
    record(EventName.APPLICATION_WITHDRAWN, account=account, actor=actor, after={"application": str(application.uid)})
