"""A worker that slept past its lease may have set an older state after a newer one, in a system that knows no revisions.

Nobody saw it happen, so the newest is told again. What the worker itself says is refused by the fence (R-223).
"""

from collections.abc import Iterable

from django.db import transaction

from accounts.locks import hold
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.models import Delivery
from policies.models.deliveries import DeliveryState


def put_right(rows: Iterable[Delivery]) -> int:
    """Tell once more what is newest wherever another worker has taken over from this one; returns how many."""
    taken = {row.pk: row for row in rows}
    now = Delivery.objects.filter(pk__in=taken).values_list("pk", "attempt", "state")
    lost = [taken[pk] for pk, attempt, state in now if attempt != taken[pk].attempt or state == DeliveryState.SUPERSEDED]
    return sum(_tell_again(row) for row in lost)


@transaction.atomic
def _tell_again(row: Delivery) -> bool:
    """Under the account's lock; what is still on its way is told anyway."""
    account, now = hold(row.account_id), database_now()
    newest = Delivery.objects.filter(account=account, system=row.system_id).latest("revision")
    if newest.desired == row.desired or newest.state != DeliveryState.CONFIRMED:
        return False
    Delivery.objects.filter(pk=newest.pk).update(state=DeliveryState.WAITING, next_try_at=now, confirmed_at=None, first_sent_at=None)
    after = {"system": row.system.name_en, "state": newest.desired, "revision": newest.revision}
    record(EventName.DELIVERY_REPEATED, account=account, before={"state": row.desired}, after=after)
    return True
