"""What may take effect after something newer has, in a system that knows no revisions: the site looks again, and tells the newest once more.

A worker that slept past its lease goes on with what it had in hand; a request whose answer never came is carried out late. Nobody
sees that happen. What the worker itself says is refused by the fence (R-223).
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

from django.db import transaction

from accounts.locks import hold
from audit.catalogue import EventName
from audit.record import record
from policies.circuits import note_failure, note_success
from policies.claims import turn
from policies.clock import database_now
from policies.connectors.base import Capability, Configuration, Connector, Permanent, Transient
from policies.doubts import doubt, ripe, under_way
from policies.leases import lease
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState, Desired
from policies.states import LIVE, ApplicationState
from policies.systems import stop

PORTION = 20


def look_again(connector: Connector) -> int:
    """Ask the system what it holds wherever that is in doubt; returns of how many deliveries the newest is told again.

    One portion, under a lease: the next sweep goes on, also with what the system took too long for. One that cannot be asked now is
    asked later.
    """
    rows = _take(connector.system)
    try:
        holds = _ask(connector, {row.account.common_id for row in rows}) if rows else {}
        known = [(row, holds[row.account.common_id]) for row in rows if row.account.common_id in holds]
        again = sum(_tell_again(row, state) for row, state in known if state is not None)
        _settle(row for row, _state in known)
    finally:
        _give_back(rows)
    return again


@transaction.atomic
def _take(system: ConnectedSystem) -> list[Delivery]:
    """The next portion; empty while another worker speaks to the system."""
    now = database_now()
    until = now + lease()
    if turn(system.code, now) is None:
        return []
    ready = ripe(now).filter(system=system).select_related("account", "system").order_by("doubted_at", "pk")
    rows = list(ready.select_for_update(skip_locked=True, no_key=True, of=("self",))[:PORTION])
    for row in rows:
        row.lease_until = until
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(lease_until=until)
    return rows


def _settle(rows: Iterable[Delivery]) -> None:
    """In doubt no longer, unless something has come into doubt again meanwhile, or another worker looks by now.

    Nor is anything settled by what is on its way since: it may be taken back before it arrives.
    """
    for row in rows:
        still = Delivery.objects.filter(~under_way(), pk=row.pk, lease_until=row.lease_until, doubted_at=row.doubted_at)
        still.update(doubted_at=None, lease_until=None)


def _give_back(rows: Sequence[Delivery]) -> None:
    """What is in doubt still is for the next sweep."""
    if rows:
        Delivery.objects.filter(pk__in=[row.pk for row in rows], lease_until=rows[0].lease_until).update(lease_until=None)


def _ask(connector: Connector, accounts: set[str]) -> Mapping[str, str | None]:
    """What the system holds for these, None where it does not know one; without those for which it did not answer in time."""
    if not connector.reads_back:  # it was another kind of system when this came into doubt
        return dict.fromkeys(accounts)
    try:
        with closing(connector):
            holds = connector.read_in_time(sorted(accounts))
    except Transient as failure:
        note_failure(connector.system, failure, database_now())
    except Permanent as failure:
        note_failure(connector.system, Transient(failure.why), database_now())
    except Configuration as failure:
        stop(connector.system, failure.why)
    else:
        note_success(connector.system)
        return holds
    return {}


def put_right(rows: Iterable[Delivery]) -> int:
    """Tell once more what is newest wherever another worker has taken over from this one; returns how many.

    Where something newer has yet to be told, and may be taken back before, the site looks again later.
    """
    taken = {row.pk: row for row in rows}
    now = Delivery.objects.filter(pk__in=taken).values_list("pk", "attempt", "state")
    lost = [taken[pk] for pk, attempt, state in now if attempt != taken[pk].attempt or state == DeliveryState.SUPERSEDED]
    doubt(Delivery.objects.filter(pk__in=[row.pk for row in lost]), Capability.SET_STATE, database_now())
    return sum(_tell_again(row, row.desired) for row in lost)


@transaction.atomic
def _tell_again(row: Delivery, holds: str) -> bool:
    """Under the account's lock, when what the system should hold is certain and is another state than it holds."""
    account, now = hold(row.account_id), database_now()
    newest = Delivery.objects.filter(account=account, system=row.system_id).latest("revision")
    desired = _certain(newest)
    if desired in {None, holds}:
        return False
    Delivery.objects.filter(pk=newest.pk).update(
        desired=desired,
        tell_when_ready=newest.tell_when_ready and newest.desired == desired,
        state=DeliveryState.WAITING,
        planned_at=now,
        due_at=now,
        next_try_at=now,
        confirmed_at=None,
        first_sent_at=None,
        doubted_at=now,
        lease_until=None,
        lost=0,
    )
    after = {"system": row.system.name_en, "state": desired, "revision": newest.revision}
    record(EventName.DELIVERY_REPEATED, account=account, before={"state": holds}, after=after)
    return True


def _certain(newest: Delivery) -> str | None:
    """The newest state if it was confirmed, and that nothing is asked if it was taken back untold; None while it is open."""
    if newest.state == DeliveryState.CONFIRMED:
        return newest.desired
    untold = newest.state == DeliveryState.SUPERSEDED and not newest.attempt
    live = Application.objects.filter(account=newest.account_id, state__in=LIVE).exclude(state=ApplicationState.WITHDRAWING)
    if untold and not live.exists():
        return Desired.OFF
    return None
