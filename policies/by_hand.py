"""What a person may say of a change that no system has confirmed (R-229)."""

from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.models import Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState
from policies.refusals import refused
from policies.settling import settle_all

RIGHT = "delivery:retry"


@transaction.atomic
def settle_by_hand(delivery: Delivery, *, actor: Account, reason: str) -> None:
    """Answer for it that the system holds the state, having looked there; Refused unless it waits for a person.

    For what follows it counts like a confirmation, but it is never shown as one. This site's own sign-in is never settled
    so: whether it asks for a verification is read from its own rows, not from what somebody says.
    """
    account, now = hold(delivery.account_id), database_now()
    require(actor, RIGHT, on=account, reason=reason)
    if delivery.system.connector == "local":
        raise refused("own-sign-in")
    stuck = Delivery.objects.filter(pk=delivery.pk, state__in=NEEDS_A_PERSON)
    if not stuck.update(state=DeliveryState.SETTLED, confirmed_at=now):
        raise refused("nothing-to-retry")
    after = {"system": delivery.system.name_en, "state": delivery.desired, "revision": delivery.revision}
    record(EventName.DELIVERY_SETTLED, account=account, actor=actor, reason=reason.strip(), after=after | {"problem": delivery.last_answer})
    settle_all([account], now=now)
