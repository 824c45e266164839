"""Mails to every channel of an account when something changed (R-137, R-166)."""

from accounts.models import Account
from methods.delivery import plan_mail


def addresses(account: Account) -> list[str]:
    """Every address that reaches the person: contact first, then the confirmed recovery address."""
    recovery = account.recovery_address if account.recovery_address_confirmed_at else ""
    return list(dict.fromkeys(address for address in (account.contact_address, recovery) if address))


def tell(account: Account, template: str, *, also: str = "", **facts: object) -> None:
    """Plan `templates/mail/<template>` to every address, and to `also`: one that is being given up.

    Called in the verb's transaction. `facts` are JSON values for the template, never secrets.
    """
    for address in dict.fromkeys([*addresses(account), *([also] if also else [])]):
        plan_mail(account, template, address=address, **facts)
