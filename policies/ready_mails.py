"""A mail that tells when one connected system is ready, for whoever waits for that very system (S-92).

The wish stands on the delivery and goes with it: when a newer change takes its place, nothing is told.
"""

import uuid

from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from policies.models import Delivery
from policies.models.deliveries import DONE, DeliveryState
from policies.refusals import refused

SWEEP = 200  # of one sweep; the next one goes on


@transaction.atomic
def want(account: Account, delivery_id: uuid.UUID, *, actor: Account) -> None:
    """Have a mail sent when this system is ready; a second time changes nothing. Refused when there is nothing to wait for."""
    if actor.pk != account.pk:
        raise refused("not-allowed")
    account = hold(account.pk)
    row = Delivery.objects.filter(uid=delivery_id, account=account, system__enabled=True).select_related("system").first()
    if row is None or row.state in {*DONE, DeliveryState.SUPERSEDED}:
        raise refused("nothing-to-wait-for")
    if Delivery.objects.filter(pk=row.pk, tell_when_ready=False).update(tell_when_ready=True):
        record(EventName.DELIVERY_AWAITED, account=account, actor=actor, after={"system": row.system.name_en, "revision": row.revision})


def tell_ready() -> int:
    """Tell those whose system is ready now; each once, whoever looks at the same time. Returns how many."""
    ready = Delivery.objects.filter(tell_when_ready=True, state__in=DONE).select_related("account", "system")
    return sum(_tell(row) for row in ready[:SWEEP])


@transaction.atomic
def _tell(row: Delivery) -> bool:
    if not Delivery.objects.filter(pk=row.pk, tell_when_ready=True, state__in=DONE).update(tell_when_ready=False):
        return False
    by_staff = row.state == DeliveryState.SETTLED
    tell(row.account, "system-ready", system_en=row.system.name_en, system_ja=row.system.name_ja, state=row.desired, by_staff=by_staff)
    return True
