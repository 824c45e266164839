"""The wish of an account holder to stop using MFA: staff take it up by requesting the termination, or decline it (S-97, S-98)."""

from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from policies.applications import live_application
from policies.clock import database_now
from policies.models import TerminationWish
from policies.models.wishes import WishState
from policies.refusals import refused
from policies.states import CAN_TERMINATE
from policies.terminations import open_termination


def open_wish(account: Account) -> TerminationWish | None:
    """The wish that nobody has answered yet."""
    return TerminationWish.objects.filter(account=account, state=WishState.OPEN).first()


@transaction.atomic
def wish(account: Account, *, actor: Account, reason: str) -> TerminationWish:
    """Ask for the end of one's own MFA use, with a reason; changes nothing but that staff see it."""
    if actor.pk != account.pk:
        raise refused("not-allowed")
    if not reason.strip():
        raise Refused("reason-missing")
    account, now = hold(account.pk), database_now()
    application = live_application(account)
    if application is None or application.state not in CAN_TERMINATE:
        raise refused("no-mfa-use")
    waiting = open_termination(account)
    if open_wish(account) or (waiting and waiting.expires_at > now):
        raise refused("already-wished")
    made = TerminationWish.objects.create(account=account, application=application, reason=reason.strip(), asked_at=now)
    record(EventName.TERMINATION_WISHED, account=account, actor=actor, reason=reason.strip())
    tell(account, "termination-wished")
    return made


@transaction.atomic
def take_back(account: Account, *, actor: Account) -> None:
    """Not to want it any more."""
    if actor.pk != account.pk:
        raise refused("not-allowed")
    account = hold(account.pk)
    _close(open_wish(account), WishState.TAKEN_BACK, actor)
    record(EventName.TERMINATION_UNWISHED, account=account, actor=actor)


@transaction.atomic
def decline(made: TerminationWish, *, actor: Account, reason: str) -> None:
    """Tell the holder why it will not be done; `reason` is written for them."""
    account = hold(made.account_id)
    require(actor, "termination:request", on=account, reason=reason)
    fresh = TerminationWish.objects.filter(pk=made.pk, state=WishState.OPEN).first()
    _close(fresh, WishState.DECLINED, actor, answer=reason.strip())
    record(EventName.TERMINATION_DECLINED, account=account, actor=actor, reason=reason.strip())
    tell(account, "termination-declined", answer=reason.strip())


def _close(made: TerminationWish | None, state: WishState, actor: Account, *, answer: str = "") -> None:
    if made is None:
        raise refused("nothing-wished")
    made.state, made.closed_at, made.closed_by, made.answer = state, database_now(), actor, answer
    made.save(update_fields=["state", "closed_at", "closed_by", "answer"])
