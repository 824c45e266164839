"""What follows when every required system has confirmed; once, however often it is asked (S-92, S-98)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localtime

from accounts.locks import hold
from accounts.models import Account
from accounts.sessions import end, end_all, open_badges_of
from audit.catalogue import EventName
from audit.record import Happening, record, record_many
from methods.notices import tell, tell_all
from policies.applications import end_withdrawn, need_methods
from policies.clock import database_now
from policies.models import Application, Delivery
from policies.models.applications import TerminationState
from policies.models.deliveries import DONE
from policies.states import ON_THE_WAY, ApplicationState, check_step

Effect = Callable[[Application, Account, datetime], None]
SWEEP = 200  # accounts settled by one sweep; the next one goes on


def settle_all(accounts: Iterable[Account], *, now: datetime) -> int:
    """Take the applications of these accounts a step on whose required systems have all confirmed; returns how many.

    Called under the accounts' locks, in the transaction that recorded the confirmations.
    """
    by_id = {account.pk: account for account in accounts}
    ready = list(settled().filter(account__in=by_id))
    _in_effect([one for one in ready if one.state == ApplicationState.APPLIED], by_id, now)
    for application in ready:
        if effect := EFFECTS.get(application.state):
            effect(application, by_id[application.account_id], now)
    return len(ready)


def settled() -> QuerySet[Application]:
    """Applications on their way of whose revision nothing is awaited any more: each enabled system that is required has confirmed it.

    What a person answers for counts too. Where none that was told is required any more, all of them; where none is enabled, it waits.
    A withdrawal was told only to the systems that had learnt of the application, and waits for all of these.
    """
    rows = Delivery.objects.filter(application=OuterRef("pk"), revision=OuterRef("revision"), system__enabled=True)
    awaited = rows.exclude(state__in=DONE)
    withdrawing = Q(state=ApplicationState.WITHDRAWING) & ~Exists(awaited)
    required = ~Exists(awaited.filter(system__required=True)) & Exists(rows.filter(system__required=True))
    told = ~Exists(awaited) & Exists(rows)
    return Application.objects.filter(withdrawing | ~Q(state=ApplicationState.WITHDRAWING) & (required | told), state__in=ON_THE_WAY)


def settle_stragglers() -> int:
    """Settle applications that wait for nothing any more, such as for a system that is no longer enabled; returns how many."""
    return sum(_settle_one(account_id) for account_id in settled().values_list("account_id", flat=True)[:SWEEP])


@transaction.atomic
def _settle_one(account_id: int) -> int:
    return settle_all([hold(account_id)], now=database_now())


def _in_effect(applications: Sequence[Application], accounts: dict[int, Account], now: datetime) -> None:
    """From now on MFA is asked: whoever is signed in without it has to sign in again."""
    if not applications:
        return
    for application in applications:
        check_step(application.state, ApplicationState.IN_EFFECT)
    known = [accounts[application.account_id] for application in applications]
    Application.objects.filter(pk__in=[one.pk for one in applications]).update(state=ApplicationState.IN_EFFECT, settled_at=now)
    unverified = [badge for badge in open_badges_of(known) if badge.verified_at is None]
    end(unverified, why="mfa-in-effect")
    ended = Counter(badge.account_id for badge in unverified)
    record_many(
        Happening(
            EventName.APPLICATION_IN_EFFECT,
            accounts[one.account_id],
            after={"application": str(one.uid), "sessions": ended[one.account_id]},
        )
        for one in applications
    )
    tell_all(known, "application-in-effect")


def _withdrawn(application: Application, account: Account, now: datetime) -> None:
    end_withdrawn(application, account, now=now, actor=None)


def _terminated(application: Application, account: Account, now: datetime) -> None:
    """The password alone is enough again (R-155: nobody stays signed in over the change)."""
    application.ended_at = now
    application.step(ApplicationState.TERMINATED)
    need_methods(account, needed=False)
    record(EventName.APPLICATION_TERMINATED, account=account, after={"application": str(application.uid)})
    end_all(account, actor=None, why="mfa-terminated")
    if account.left_at is None:
        tell(account, "termination-in-effect", ends_on=_end_of(application))


def _end_of(application: Application) -> str:
    """The day on which the MFA use that was terminated returns by itself, or nothing."""
    ends_at = application.terminations.filter(state=TerminationState.APPROVED).values_list("ends_at", flat=True).first()
    return localtime(ends_at).date().isoformat() if ends_at else ""


EFFECTS: dict[str, Effect] = {
    ApplicationState.WITHDRAWING: _withdrawn,
    ApplicationState.TERMINATING: _terminated,
}
