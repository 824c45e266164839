"""A password that is kept here, and not in a directory, is changed by whoever runs the machine."""

from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record


@transaction.atomic
def change(account: Account, password: str, *, reason: str) -> None:
    """Give the account another password and change nothing else; open sessions end with the old one."""
    account = hold(account.pk)
    account.set_password(password)
    account.save(update_fields=["password"])
    record(EventName.PASSWORD_CHANGED, account=account, reason=reason)
