"""Confirmations are kept many at a time: one transaction for what a connector said within a moment (R-223)."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts.locks import hold_all
from audit.catalogue import EventName
from audit.record import Happening, record_many
from policies import measuring
from policies.circuits import note_success
from policies.clock import database_now
from policies.models import Delivery
from policies.models.deliveries import DeliveryState
from policies.settling import settle_all


def confirm(rows: Sequence[Delivery], *, problem: str = "") -> list[Delivery]:
    """Keep that a system has confirmed these; returns those that no other attempt has taken over meanwhile.

    `problem`: it has not in so many words, but said that there is nothing left to change.
    """
    confirmed = _confirm(rows, problem)
    # After the transaction: a claim locks a system before its deliveries, so nobody may do it the other way round.
    for system in {row.system_id: row.system for row in confirmed}.values():
        note_success(system)
    return confirmed


@transaction.atomic
def _confirm(rows: Sequence[Delivery], problem: str) -> list[Delivery]:
    accounts, now = hold_all(row.account_id for row in rows), database_now()
    confirmed = _still_held(rows)
    Delivery.objects.filter(pk__in=[row.pk for row in confirmed]).update(
        state=DeliveryState.CONFIRMED, confirmed_at=now, lease_until=None, last_answer=problem
    )
    said = {"problem": problem} if problem else {}
    record_many(Happening(EventName.DELIVERY_CONFIRMED, accounts[row.account_id], after=facts_of(row) | said) for row in confirmed)
    measuring.count(confirmed, now)
    settle_all((accounts[row.account_id] for row in confirmed), now=now)
    return confirmed


def _still_held(rows: Iterable[Delivery]) -> list[Delivery]:
    """Those whose attempt is still the current one, locked."""
    known = {row.pk: row for row in rows}
    held = Delivery.objects.select_for_update(no_key=True).filter(pk__in=known, state=DeliveryState.SENT).order_by("pk")
    return [known[pk] for pk, attempt in held.values_list("pk", "attempt") if known[pk].attempt == attempt]


def facts_of(row: Delivery) -> dict[str, object]:
    """What the record says of a delivery."""
    return {"system": row.system.name_en, "state": row.desired, "revision": row.revision}
