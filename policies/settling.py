"""What follows when every required system has confirmed; once, however often it is asked (S-92, S-98)."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.locks import hold
from accounts.models import Account
from accounts.sessions import end, end_all, open_badges
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from policies.applications import end_withdrawn, live_application, need_methods
from policies.clock import database_now
from policies.models import Application, Delivery
from policies.models.deliveries import DeliveryState
from policies.states import ApplicationState

Effect = Callable[[Application, Account, datetime], None]
SWEEP = 200  # accounts settled by one sweep; the next one goes on


def settle(account: Account, *, now: datetime) -> Application | None:
    """Take the account's application a step on when all required systems have confirmed its revision.

    Called under the account's lock, in the transaction that recorded a confirmation.
    """
    application = live_application(account)
    effect = EFFECTS.get(application.state) if application else None
    if application is None or effect is None or not all_confirmed(application):
        return None
    effect(application, account, now)
    return application


def all_confirmed(application: Application) -> bool:
    """Whether each enabled system that is required has confirmed the application's revision; not when there is none.

    A withdrawal was told only to the systems that had learnt of the application, and to all of these.
    """
    withdrawing = application.state == ApplicationState.WITHDRAWING
    rows = Delivery.objects.filter(application=application, revision=application.revision, system__enabled=True)
    if not withdrawing:
        rows = rows.filter(system__required=True)
    states = list(rows.values_list("state", flat=True))
    return all(state == DeliveryState.CONFIRMED for state in states) and bool(states or withdrawing)


def settle_stragglers() -> int:
    """Settle applications that wait for nothing any more, such as for a system that is no longer enabled; returns how many."""
    awaited = Delivery.objects.filter(
        application=OuterRef("pk"), revision=OuterRef("revision"), system__enabled=True, system__required=True
    ).exclude(state=DeliveryState.CONFIRMED)
    waiting = Application.objects.filter(~Exists(awaited), state__in=list(EFFECTS))
    return sum(_settle_one(account_id) for account_id in waiting.values_list("account_id", flat=True)[:SWEEP])


@transaction.atomic
def _settle_one(account_id: int) -> bool:
    return settle(hold(account_id), now=database_now()) is not None


def _in_effect(application: Application, account: Account, now: datetime) -> None:
    """From now on MFA is asked: whoever is signed in without it has to sign in again."""
    application.settled_at = now
    application.step(ApplicationState.IN_EFFECT)
    unverified = [badge for badge in open_badges(account) if badge.verified_at is None]
    after = {"application": str(application.uid), "sessions": end(unverified, why="mfa-in-effect")}
    record(EventName.APPLICATION_IN_EFFECT, account=account, after=after)
    tell(account, "application-in-effect")


def _withdrawn(application: Application, account: Account, now: datetime) -> None:
    end_withdrawn(application, account, now=now, actor=None)


def _terminated(application: Application, account: Account, now: datetime) -> None:
    """The password alone is enough again (R-155: nobody stays signed in over the change)."""
    application.ended_at = now
    application.step(ApplicationState.TERMINATED)
    need_methods(account, needed=False)
    record(EventName.APPLICATION_TERMINATED, account=account, after={"application": str(application.uid)})
    end_all(account, actor=None, why="mfa-terminated")
    tell(account, "termination-in-effect")


EFFECTS: dict[str, Effect] = {
    ApplicationState.APPLIED: _in_effect,
    ApplicationState.WITHDRAWING: _withdrawn,
    ApplicationState.TERMINATING: _terminated,
}
