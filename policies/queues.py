"""How much is on its way to each connected system; two queries over what is unfinished, however much is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from policies.connectors.registry import gathering
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState

TOO_LATE = timedelta(minutes=10)  # after its due time: administrators are told


@dataclass(frozen=True)
class Queue:
    """What is unfinished of one system. `oldest` is when the longest waiting change was due."""

    waiting: int = 0
    sent: int = 0
    overdue: int = 0
    late: int = 0
    stuck: int = 0
    oldest: datetime | None = None
    next_due: datetime | None = None


EMPTY = Queue()


def late_by(patience: timedelta, now: datetime, systems: Iterable[ConnectedSystem], *, of: str = "") -> Q:
    """Condition on deliveries (`of`: the way to them) that are later than this; to what these systems gather first it allows that much more."""
    due, system = f"{of}due_at__lt", f"{of}system"
    gathered = {one.pk: time for one in systems if (time := gathering(one))}
    late = Q(**{due: now - patience}) & ~Q(**{f"{system}__in": list(gathered)})
    for pk, time in gathered.items():
        late |= Q(**{system: pk, due: now - patience - time})
    return late


def queues(now: datetime, systems: Iterable[ConnectedSystem]) -> dict[int, Queue]:
    """The queue of each of these systems that has one, by the system's id."""
    under_way = Q(state=DeliveryState.WAITING) | Q(state=DeliveryState.SENT)  # each has an index of its own
    on_its_way = Delivery.objects.filter(under_way, system__enabled=True)
    counted = (
        on_its_way.order_by()
        .values("system_id")
        .annotate(
            waiting=Count("pk", filter=Q(state=DeliveryState.WAITING)),
            sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
            overdue=Count("pk", filter=Q(due_at__lte=now)),
            late=Count("pk", filter=late_by(TOO_LATE, now, systems)),
            oldest=Min("due_at", filter=Q(due_at__lte=now)),
            next_due=Min("due_at", filter=Q(due_at__gt=now)),
        )
    )
    rows: dict[int, dict[str, Any]] = {row["system_id"]: {**row} for row in counted}
    stuck = Delivery.objects.filter(state__in=NEEDS_A_PERSON).order_by().values_list("system_id").annotate(Count("pk"))
    for system, count in stuck:
        rows.setdefault(system, {})["stuck"] = count
    return {system: Queue(**{name: value for name, value in row.items() if name != "system_id"}) for system, row in rows.items()}
