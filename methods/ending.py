"""Methods that end by themselves: a Temporary Access Pass, an app password, a phone that has been replaced."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.locks import hold
from audit.catalogue import EventName
from audit.record import record
from methods.lifecycle import must_stay, prefer, take_away
from methods.models import MethodState, RegisteredMethod
from methods.notices import tell
from methods.registry import kind
from methods.usable import listed, only_usable, self_sufficient

BATCH = 500


def end_expired() -> int:
    """Remove what has ended; one account at a time, so that it may be stopped anywhere. Returns how many."""
    over = RegisteredMethod.objects.filter(expires_at__lte=timezone.now()).exclude(state=MethodState.REMOVED)
    return sum(_end(pk, account) for pk, account in over.order_by("expires_at").values_list("pk", "account_id")[:BATCH])


@transaction.atomic
def _end(method_id: uuid.UUID, account_id: int) -> bool:
    account = hold(account_id)
    methods = listed(account)
    method = next((one for one in methods if one.pk == method_id), None)
    if method is None or method.expires_at is None or method.expires_at > timezone.now():
        return False
    others = [one for one in only_usable(methods) if one.pk != method.pk]
    if must_stay(account, method, others):
        RegisteredMethod.objects.filter(pk=method.pk).update(expires_at=None)
        return False
    take_away(method)
    if method.is_default and (next_ones := self_sufficient(others)):
        prefer(account, next_ones[0])
    before = {"method": str(method.pk), "kind": method.kind, "name": method.name}
    record(EventName.METHOD_ENDED, account=account, before=before)
    if kind(method.kind).for_sign_in:
        account.methods_version += 1
        account.save(update_fields=["methods_version"])
        tell(account, "method-removed", method=method.name)
    return True
