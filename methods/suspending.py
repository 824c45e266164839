"""A method that is not to be trusted any more: it stays listed, and neither verifies nor lets anything in."""

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.models import MethodState, RegisteredMethod
from methods.usable import listed, self_sufficient


def suspend(account: Account, method: RegisteredMethod, *, actor: Account | None = None, why: str = "", reason: str = "") -> None:
    """Suspend an active method, and make another the default; in a verb that holds the account's lock."""
    was_default = RegisteredMethod.objects.filter(pk=method.pk, is_default=True).exists()  # it may have taken the place of another just now
    method.state, method.is_default = MethodState.SUSPENDED, False
    method.save(update_fields=["state", "is_default"])
    if was_default and (others := self_sufficient(listed(account))):
        RegisteredMethod.objects.filter(pk=others[0].pk).update(is_default=True)
    after = {"method": str(method.pk), "kind": method.kind, "name": method.name} | ({"why": why} if why else {})
    record(EventName.METHOD_SUSPENDED, account=account, actor=actor, reason=reason, after=after)
