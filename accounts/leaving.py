"""Leaving and coming back: the account stays, its sessions end, its roles are withdrawn."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.record import Happening

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


def withdraw_roles(accounts: Iterable[Account]) -> list[Happening]:
    """Take every role from accounts that leave, so that nobody has one again by coming back."""
    grants = list(RoleGrant.objects.filter(account__in=list(accounts)).select_related("account", "affiliation").order_by("pk"))
    happenings = [Happening(EventName.ROLE_WITHDRAWN, grant.account, before=_facts(grant)) for grant in grants]
    RoleGrant.objects.filter(pk__in=[grant.pk for grant in grants]).delete()
    return happenings


def _facts(grant: RoleGrant) -> dict[str, str]:
    return {"role": grant.role} | ({"affiliation": grant.affiliation.code} if grant.affiliation else {})
