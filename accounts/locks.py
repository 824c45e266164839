"""Holds on an account: one row to lock for every verb, and what the help desk may clear."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.budgets import PASSWORD, forgive, is_held
from accounts.models import Account, FailureBudget
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record


def hold(account_id: int) -> Account:
    """Lock the account's row for the rest of the transaction: every verb on an account starts here."""
    return Account.objects.select_for_update(of=("self",), no_key=True).select_related("affiliation").get(pk=account_id)


def hold_own(account_id: int, actor: Account) -> Account:
    """The same for what only its holder does; Refused to others, and when the account was locked or left while the request was under way."""
    if actor.pk != account_id:
        raise Refused("not-allowed")
    account = hold(account_id)
    if not account.is_active:
        raise Refused("account-closed")
    return account


def hold_all(account_ids: Iterable[int]) -> dict[int, Account]:
    """Lock several accounts, always in the same order: two who do this wait for each other and never for ever."""
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids)).order_by("pk")
    return {account.pk: account for account in rows}


def _password_budgets(account: Account) -> Q:
    return Q(scope=PASSWORD.scope) & (Q(key=str(account.pk)) | Q(key__startswith=f"{account.pk}:"))


def with_holds(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts that bring along, from the same statement, until when passwords are held for them."""
    pk = Cast(OuterRef("pk"), CharField())
    theirs = Q(key=pk) | Q(key__startswith=Concat(pk, Value(":")))
    held = FailureBudget.objects.filter(theirs, scope=PASSWORD.scope, held_until__gt=timezone.now()).order_by().values("scope")
    return accounts.annotate(held_along=Subquery(held.annotate(last=Max("held_until")).values("last")))


def locked_until(account: Account) -> datetime | None:
    """Until when passwords or verifications are held for this account; asks nothing of one that `with_holds` has read."""
    now, known = timezone.now(), vars(account)
    if "held_along" in known:
        moments = [known["held_along"]]
    else:
        held = FailureBudget.objects.filter(_password_budgets(account), held_until__gt=now)
        moments = [*held.values_list("held_until", flat=True)]
    if is_held(account, now):
        moments.append(account.held_until)
    return max(filter(None, moments), default=None)


@transaction.atomic
def lock(account: Account, *, actor: Account, reason: str) -> None:
    """Nobody signs in until it is unlocked, and every session ends; at once, by one person, since it only protects (D12)."""
    require(actor, "account:lock", on=account, reason=reason)
    account = hold(account.pk)
    if account.locked_at:
        raise Refused("already-locked")
    account.locked_at = timezone.now()
    account.epoch += 1
    account.save(update_fields=["locked_at", "epoch"])
    record(EventName.ACCOUNT_LOCKED, account=account, actor=actor, reason=reason, before={"locked": False}, after={"locked": True})


def lock_for_owner(account: Account) -> bool:
    """The owner says that somebody else is acting as them; in a verb that holds the account's lock. False when it is locked already."""
    if account.locked_at:
        return False
    account.locked_at = timezone.now()
    account.epoch += 1
    account.save(update_fields=["locked_at", "epoch"])
    record(EventName.ACCOUNT_LOCKED, account=account, actor=account, before={"locked": False}, after={"locked": True})
    return True


@transaction.atomic
def unlock(account: Account, *, actor: Account, reason: str) -> None:
    """Clear the lock and the holds of an account; Refused without the right or a reason."""
    require(actor, "account:unlock", on=account, reason=reason)
    account = hold(account.pk)
    until = locked_until(account)
    FailureBudget.objects.filter(_password_budgets(account)).delete()
    forgive(account)
    before = {"held_until": until.isoformat() if until else None, "locked": account.locked_at is not None}
    account.locked_at = None
    account.save(update_fields=["failures", "holds", "held_until", "locked_at"])
    record(
        EventName.ACCOUNT_UNLOCKED, account=account, actor=actor, reason=reason, before=before, after={"held_until": None, "locked": False}
    )
