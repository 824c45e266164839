"""What may take effect after something newer has, in a system that knows no revisions: the site looks again, and tells the newest once more.

A worker that slept past its lease goes on with what it had in hand; a request whose answer never came is carried out late. Nobody
sees that happen. What the worker itself says is refused by the fence (R-223).
"""

from collections.abc import Iterable
from contextlib import closing

from django.db import transaction

from accounts.locks import hold
from audit.catalogue import EventName
from audit.record import record
from policies.circuits import note_failure, note_success
from policies.claims import open_systems
from policies.clock import database_now
from policies.connectors.base import Configuration, Connector, Permanent, Transient
from policies.doubts import ripe
from policies.models import Delivery
from policies.models.deliveries import DeliveryState
from policies.systems import stop

PORTION = 100


def look_again(connector: Connector) -> int:
    """Ask the system what it holds wherever that is in doubt; returns of how many deliveries the newest is told again.

    One portion: the next sweep goes on. A system that cannot be asked now is asked later.
    """
    now = database_now()
    rows = list(ripe(now).filter(system=connector.system).select_related("account", "system").order_by("doubted_at")[:PORTION])
    if not rows or not open_systems(now).filter(pk=connector.system.pk).exists():
        return 0
    holds = _ask(connector, {row.account.common_id for row in rows})
    if holds is None:
        return 0
    again = sum(_tell_again(row, holds[row.account.common_id]) for row in rows if row.account.common_id in holds)
    Delivery.objects.filter(pk__in=[row.pk for row in rows], doubted_at__lte=now).update(doubted_at=None)
    return again


def _ask(connector: Connector, accounts: set[str]) -> dict[str, str] | None:
    """What the system holds for these, as far as it knows them; None when it did not answer."""
    if not connector.reads_back:  # it was another kind of system when this came into doubt
        return {}
    try:
        with closing(connector):
            holds = connector.read(sorted(accounts))
    except Transient as failure:
        note_failure(connector.system, failure, database_now())
    except Permanent as failure:
        note_failure(connector.system, Transient(failure.why), database_now())
    except Configuration as failure:
        stop(connector.system, failure.why)
    else:
        note_success(connector.system)
        return holds
    return None


def put_right(rows: Iterable[Delivery]) -> int:
    """Tell once more what is newest wherever another worker has taken over from this one; returns how many."""
    taken = {row.pk: row for row in rows}
    now = Delivery.objects.filter(pk__in=taken).values_list("pk", "attempt", "state")
    lost = [taken[pk] for pk, attempt, state in now if attempt != taken[pk].attempt or state == DeliveryState.SUPERSEDED]
    return sum(_tell_again(row, row.desired) for row in lost)


@transaction.atomic
def _tell_again(row: Delivery, holds: str) -> bool:
    """Under the account's lock, when the newest was confirmed and is another state than the system holds."""
    account, now = hold(row.account_id), database_now()
    newest = Delivery.objects.filter(account=account, system=row.system_id).latest("revision")
    if newest.desired == holds or newest.state != DeliveryState.CONFIRMED:
        return False
    Delivery.objects.filter(pk=newest.pk).update(
        state=DeliveryState.WAITING,
        planned_at=now,
        due_at=now,
        next_try_at=now,
        confirmed_at=None,
        first_sent_at=None,
        doubted_at=now,
        lost=0,
    )
    after = {"system": row.system.name_en, "state": newest.desired, "revision": newest.revision}
    record(EventName.DELIVERY_REPEATED, account=account, before={"state": holds}, after=after)
    return True
