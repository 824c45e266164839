"""Leaving and coming back: the account stays, its sessions end, its roles are withdrawn."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.record import Happening, record_many

CHANGES = ("left_at", "epoch")


def leave(account: Account, now: datetime) -> Happening:
    """Mark an account that the caller has locked and will save; raising the epoch ends its sessions (R-155, R-157)."""
    account.left_at = now
    account.epoch += 1
    return Happening(EventName.ACCOUNT_LEFT, account, {"left_at": None}, {"left_at": now.isoformat()})


def come_back(account: Account) -> Happening:
    """Undo `leave`, but for roles: they have to be granted anew."""
    before = account.left_at.isoformat() if account.left_at else None
    account.left_at = None
    return Happening(EventName.ACCOUNT_RETURNED, account, {"left_at": before}, {"left_at": None})


def was_here(account: Account) -> bool:
    """Whether an account that has left was ever open: a file may bring people who had left long before it, by `status` or by their day."""
    day = timezone.localdate(account.created_at, timezone.get_default_timezone())
    is_over = account.leaves_on is not None and account.leaves_on <= day
    return account.left_at is not None and account.created_at < account.left_at and not is_over


def today() -> date:
    """The day by the institution's calendar."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def due_to_leave() -> QuerySet[Account]:
    """Accounts whose day has come."""
    return Account.objects.filter(left_at=None, leaves_on__lte=today())


@transaction.atomic
def leave_by_date(limit: int) -> int:
    """Mark those whose day has come, at most so many; returns how many."""
    accounts = list(due_to_leave().select_for_update(no_key=True).order_by("pk")[:limit])
    happenings = [leave(account, timezone.now()) for account in accounts]
    for account in accounts:
        account.save(update_fields=CHANGES)
    record_many([*happenings, *withdraw_roles(accounts)], reason="the day on which the account leaves")
    return len(accounts)


def withdraw_roles(accounts: Iterable[Account]) -> list[Happening]:
    """Take every role from accounts that leave, so that nobody has one again by coming back."""
    grants = list(RoleGrant.objects.filter(account__in=list(accounts)).select_related("account", "affiliation").order_by("pk"))
    happenings = [Happening(EventName.ROLE_WITHDRAWN, grant.account, before=_facts(grant)) for grant in grants]
    RoleGrant.objects.filter(pk__in=[grant.pk for grant in grants]).delete()
    return happenings


def _facts(grant: RoleGrant) -> dict[str, str]:
    return {"role": grant.role} | ({"affiliation": grant.affiliation.code} if grant.affiliation else {})
