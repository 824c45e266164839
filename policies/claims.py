"""Taking due deliveries in hand: one batch per system at a time, under a lease, by the database's clock (R-222 to R-227).

A claim takes milliseconds and never speaks to a connected system.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from audit.catalogue import EventName
from audit.record import record
from policies.circuits import note_trial
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.doubts import doubt, in_doubt, looked_at, ripe
from policies.leases import lease
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import PAYLOAD_VERSION, DeliveryState

NO_PAUSE = timedelta()
OWN = [field.name for field in Delivery._meta.concrete_fields]
LOST_LIMIT = 5  # a change whose workers died this often in a row is put aside, so that it cannot hold up the others (F-050)
IDLE = timedelta(hours=1)  # who tries nothing for so long although it is due is off, or was told not to: that is no time of trying
PATIENCE = timedelta(minutes=5)  # for so long everything else that is due goes before what a worker left behind


def _waiting(now: datetime) -> Q:
    """Due, and in nobody's hand; other payload versions are for other workers (R-236)."""
    return Q(state=DeliveryState.WAITING, due_at__lte=now, next_try_at__lte=now, payload_version=PAYLOAD_VERSION)


def _left_behind(now: datetime) -> Q:
    """In the hand of a worker that died."""
    return Q(state=DeliveryState.SENT, lease_until__lte=now, payload_version=PAYLOAD_VERSION)


def due_systems() -> list[str]:
    """Codes of the systems that may be told something now."""
    now = database_now()
    own = Delivery.objects.filter(system=OuterRef("pk"))
    ready = Exists(own.filter(_waiting(now))) | Exists(own.filter(_left_behind(now))) | Exists(ripe(now).filter(system=OuterRef("pk")))
    return list(_free(open_systems(now).filter(ready), now).values_list("code", flat=True))


def open_systems(now: datetime) -> QuerySet[ConnectedSystem]:
    """Those that are enabled, not stopped, and at whose pace it is their turn."""
    rested = Q(paused_until=None) | Q(paused_until__lte=now)
    paced = Q(next_batch_at=None) | Q(next_batch_at__lte=now)
    return ConnectedSystem.objects.filter(rested & paced, enabled=True, stopped_reason="")


def _free(systems: QuerySet[ConnectedSystem], now: datetime) -> QuerySet[ConnectedSystem]:
    """Those that no worker speaks to."""
    in_hand = Delivery.objects.filter(state=DeliveryState.SENT, lease_until__gt=now)
    return systems.filter(*(~Exists(rows.filter(system=OuterRef("pk"))) for rows in (in_hand, looked_at(now))))


def turn(code: str, now: datetime) -> ConnectedSystem | None:
    """The system, locked, when it is open and no other worker speaks to it, so that a slow system binds one worker alone."""
    locked = open_systems(now).select_for_update(skip_locked=True, no_key=True)
    system = locked.filter(code=code).first()
    # Asked after it was locked: another worker may have taken something in hand until then.
    return system if system and _free(ConnectedSystem.objects.filter(pk=system.pk), now).exists() else None


@transaction.atomic
def claim(code: str, capability: Capability, *, pause: timedelta = NO_PAUSE, settings_of: ConnectedSystem | None = None) -> list[Delivery]:
    """The next batch of a system; empty while another worker speaks to it.

    Then the system rests for as long as its rate wants, and for `pause` unless there was more than fits into a batch. Empty, too,
    when the system is no longer spoken to by the settings that the worker has, `settings_of`: it is to begin anew.
    """
    began, now = monotonic(), database_now()
    system = turn(code, now)
    if system is None or (settings_of and not system.is_spoken_to_like(settings_of)):
        return []
    _put_aside(system, capability, now)
    rows = _next_rows(system, capability, now)
    if rows and system.opened_at:
        note_trial(system)
    _take(rows, capability, now)
    is_suspect = any(row.lost for row in rows)  # goes alone, and others may be waiting
    _rest(system, len(rows), NO_PAUSE if is_suspect else pause, now)
    for row in rows:
        row.held_since = began
    return rows


def _take(rows: Sequence[Delivery], capability: Capability, now: datetime) -> None:
    if lost := [row.pk for row in rows if row.state == DeliveryState.SENT]:
        Delivery.objects.filter(pk__in=lost).update(lost=F("lost") + 1, **in_doubt(capability, now))
    if idle := [row for row in rows if row.next_try_at < now - IDLE]:
        Delivery.objects.filter(pk__in=[row.pk for row in idle]).update(first_sent_at=None)
    for row in idle:
        row.first_sent_at = None
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.SENT,
        attempt=F("attempt") + 1,
        lease_until=now + lease(),
        first_sent_at=Coalesce("first_sent_at", Value(now, DateTimeField())),
    )
    for row in rows:
        row.lost += row.state == DeliveryState.SENT
        row.state, row.attempt, row.lease_until = DeliveryState.SENT, row.attempt + 1, now + lease()
        row.first_sent_at = row.first_sent_at or now


def _size(system: ConnectedSystem) -> int:
    """How many at once; one alone while the circuit is half-open."""
    return 1 if system.opened_at else min(system.batch_size, system.per_minute or system.batch_size)


def _rest(system: ConnectedSystem, taken: int, pause: timedelta, now: datetime) -> None:
    rest = pause if 0 < taken < _size(system) else NO_PAUSE
    if system.per_minute:
        rest = max(rest, timedelta(minutes=1) * taken / system.per_minute)
    if rest:
        ConnectedSystem.objects.filter(pk=system.pk).update(next_batch_at=now + rest)


def _next_rows(system: ConnectedSystem, capability: Capability, now: datetime) -> list[Delivery]:
    """In order of time; a change whose worker died goes alone, in case it was the reason, and last unless it has waited for long."""
    while rows := _candidates(system, capability, now):
        overtaken = [row for row in rows if row.overtaken]
        doubt(Delivery.objects.filter(pk__in=[row.pk for row in overtaken if row.state == DeliveryState.SENT]), capability, now)
        Delivery.objects.filter(pk__in=[row.pk for row in overtaken]).update(state=DeliveryState.SUPERSEDED, lease_until=None)
        if len(overtaken) < len(rows):
            return [row for row in rows if not row.overtaken]
    return []


def _candidates(system: ConnectedSystem, capability: Capability, now: datetime) -> list[Any]:
    older_in_hand = _same_account().filter(revision__lt=OuterRef("revision"), state=DeliveryState.SENT)
    ready = Delivery.objects.filter(~Exists(older_in_hand), system=system).annotate(overtaken=has_newer())
    locked = ready.select_related("account").only(*OWN, "account__common_id").select_for_update(skip_locked=True, no_key=True, of=("self",))
    if capability == Capability.MAY_APPLY_TWICE:  # also what could not be put aside, because somebody else holds its row just now
        locked = locked.exclude(state=DeliveryState.SENT)
    patient = locked.filter(_left_behind(now - PATIENCE)).order_by("lease_until", "pk")
    unsuspected = locked.filter(_waiting(now), lost=0).order_by("next_try_at", "pk")[: _size(system)]
    suspects = locked.filter(_waiting(now) | _left_behind(now)).order_by(
        "lost", F("lease_until").asc(nulls_first=True), "next_try_at", "pk"
    )
    rows = list(patient[:1]) or list(unsuspected) or list(suspects[:1])
    for row in rows:
        row.system = system
    return rows


def _same_account() -> QuerySet[Delivery]:
    return Delivery.objects.filter(account=OuterRef("account"), system=OuterRef("system"))


def has_newer() -> Exists:
    """Condition on deliveries: the same system is to learn a newer revision of the same account."""
    return Exists(_same_account().filter(revision__gt=OuterRef("revision")))


def _put_aside(system: ConnectedSystem, capability: Capability, now: datetime) -> None:
    """Set apart what a worker left behind and must not be passed on again: overtaken, possibly applied, or deadly to workers."""
    left_behind = Delivery.objects.filter(_left_behind(now), system=system)
    given_up: dict[str, Any] = {"lease_until": None} | in_doubt(capability, now)
    # Doubt and state in one statement: between two of them a newer revision may be planned.
    left_behind.filter(has_newer()).update(state=DeliveryState.SUPERSEDED, **given_up)
    if capability == Capability.MAY_APPLY_TWICE:
        _needs_a_person(left_behind, DeliveryState.UNSURE, "the worker was lost before the answer", **given_up)
    _needs_a_person(left_behind.filter(lost__gte=LOST_LIMIT), DeliveryState.FAILED, "every worker was lost over it", **given_up)


def _needs_a_person(rows: QuerySet[Delivery], state: DeliveryState, why: str, **given_up: Any) -> None:
    for row in rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("account", "system"):
        Delivery.objects.filter(pk=row.pk).update(state=state, last_answer=why, **given_up)
        record(EventName.DELIVERY_FAILED, account=row.account, after={"system": row.system.name_en, "problem": why})


def renew(rows: Iterable[Delivery]) -> int:
    """Hold these a little longer, as far as they are still this worker's: earlier ones of the batch took their time. How many are."""
    return all_mine(rows).update(lease_until=database_now() + lease())


def give_back(rows: Iterable[Delivery]) -> int:
    """Let others have these, as far as they are still this worker's, which is alive. How many were."""
    return all_mine(rows).update(state=DeliveryState.WAITING, lease_until=None, lost=0)


def all_mine(rows: Iterable[Delivery]) -> QuerySet[Delivery]:
    """Those of which this worker's attempt is still the current one (R-223)."""
    by_attempt: dict[int, list[int]] = {}
    for row in rows:
        by_attempt.setdefault(row.attempt, []).append(row.pk)
    held = reduce(or_, (Q(pk__in=keys, attempt=attempt) for attempt, keys in by_attempt.items()), Q(pk__in=[]))
    return Delivery.objects.filter(held, state=DeliveryState.SENT)


def mine(row: Delivery) -> QuerySet[Delivery]:
    """The row, if this worker's attempt is still the current one."""
    return all_mine([row])
