"""Mails to every channel of an account when something changed (R-137, R-166)."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import Account, RoleGrant
from methods.delivery import plan_mail, plan_mails
from methods.stopping import in_notices


def addresses(account: Account) -> list[str]:
    """Every address that reaches the person: contact first, then the confirmed recovery address."""
    recovery = account.recovery_address if account.recovery_address_confirmed_at else ""
    return list(dict.fromkeys(address for address in (account.contact_address, recovery) if address))


def tell(account: Account, template: str, *, also: str = "", **facts: object) -> None:
    """Plan `templates/mail/<template>` to every address, and to `also`: one that is being given up.

    What staff do can be stopped from it (`methods.stopping`). Called in the verb's transaction. `facts` are JSON values for the template, never secrets.
    """
    facts |= in_notices()
    for address in dict.fromkeys([*addresses(account), *([also] if also else [])]):
        plan_mail(account, template, address=address, **facts)


def tell_all(accounts: Iterable[Account], template: str, **facts: object) -> None:
    """Plan `templates/mail/<template>` to every address of each account; they go out with the next sweeps."""
    plan_mails([(account, address) for account in accounts for address in addresses(account)], template, **facts)


def tell_staff(roles: Collection[str], template: str, *, but: Account | None = None, **facts: Any) -> None:
    """Plan `templates/mail/<template>` to everybody who has one of these roles, whatever it is limited to.

    Never with a link that stops what somebody else's notices tell of: it is the account holder's alone.
    """
    holders = RoleGrant.objects.filter(role__in=roles, account__left_at=None).values("account")
    for account in Account.objects.filter(pk__in=holders).order_by("pk"):
        if account != but:
            for address in addresses(account):
                plan_mail(account, template, address=address, **facts)
