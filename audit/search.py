"""Reading events: newest first, by whatever is asked for together, page by page along the ids, without counting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import ExpressionWrapper, F, Func, IntegerField, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact

from audit import period
from audit.lookups import OneValue
from audit.models import Event

Network = IPv4Network | IPv6Network
PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which events to read; empty means all. `until` is the first moment that is not wanted any more."""

    account: str = ""
    actor: str = ""
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    network: Network | None = None
    case: str = ""
    approver: str = ""


@dataclass(frozen=True)
class Page:
    """Some events, newest first, and the ids from which the neighbouring pages go on."""

    events: list[Event]
    newer: int | None
    older: int | None


def read(wanted: Wanted, *, before: int | None = None, after: int | None = None) -> Page:
    """The newest events, or those just older than the id `before`, or just newer than the id `after`: one query."""
    events = _matching(wanted)
    if after is not None:
        return _page_after(events.order_by(*(f"-{column}" for column in _leading(wanted)), "pk"), after)
    rows = list(events.filter(pk__lt=period.LARGEST_ID if before is None else before).order_by(*_leading(wanted), "-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    return Page(
        shown,
        newer=shown[0].pk if shown and before is not None else None,
        older=shown[-1].pk if len(rows) > PAGE else None,
    )


def _page_after(events: QuerySet[Event], after: int) -> Page:
    rows = list(events.filter(pk__gt=after)[: PAGE + 1])
    shown = rows[:PAGE][::-1]
    return Page(shown, newer=shown[0].pk if len(rows) > PAGE else None, older=shown[-1].pk if shown else None)


def _matching(wanted: Wanted) -> QuerySet[Event]:
    leading = _leading(wanted)
    others = {column: value for column, value in (("name", wanted.name), ("kind", wanted.kind)) if value and column not in leading}
    events = Event.objects.filter(*(OneValue(F(column), value) for column, value in leading.items()), **others)
    if wanted.account:
        events = events.filter(account_id=_numbered(wanted.account))
    if wanted.actor:
        events = events.filter(actor_id=_numbered(wanted.actor))
    if wanted.kind:
        events = events.exclude(kind="")  # said as well, for the index that leaves out the others
    if wanted.case:
        events = events.exclude(case="").filter(case=wanted.case)
    if wanted.approver:
        approver = ExpressionWrapper(KeyTextTransform("approved_by", "after"), output_field=TextField())  # as text, not as JSON
        events = events.filter(after__has_key="approved_by").alias(by_whom=approver).filter(by_whom=wanted.approver)
    if wanted.network and "address" not in leading:
        events = _within(events, wanted.network)
    if wanted.since:
        events = events.filter(period.since(wanted.since), at__gte=wanted.since)
    if wanted.until:
        events = events.filter(period.until(wanted.until), at__lt=wanted.until)
    return events


def _leading(wanted: Wanted) -> dict[str, str]:
    """A column with few values and the one that is wanted, where no other filter leaves fewer events to go along."""
    if wanted.account or wanted.actor or wanted.case or wanted.approver or wanted.since or wanted.until:
        return {}
    if wanted.network:
        alone = not (wanted.name or wanted.kind) and wanted.network.num_addresses == 1
        return {"address": str(wanted.network[0])} if alone else {}
    if wanted.name:
        return {"name": wanted.name}
    return {"kind": wanted.kind} if wanted.kind else {}


def _within(events: QuerySet[Event], network: Network) -> QuerySet[Event]:
    """Addresses are ordered on PostgreSQL; SQLite keeps them as text, and asks a function of ours."""
    if network.num_addresses == 1:
        return events.filter(address=str(network[0]))
    if connection.vendor == "postgresql":
        return events.filter(address__gte=str(network[0]), address__lte=str(network[-1]))
    connection.ensure_connection()
    connection.connection.create_function("in_network", 2, _is_in, deterministic=True)
    return events.filter(Exact(Func("address", Value(str(network)), function="in_network", output_field=IntegerField()), 1))


def _is_in(address: str | None, network: str) -> bool:
    return address is not None and ip_address(address) in ip_network(network)


def _numbered(common_id: str) -> Subquery:
    """Asked of Django's user model, so that this floor imports no account."""
    users = get_user_model()
    return Subquery(users._default_manager.filter(**{users.USERNAME_FIELD: common_id}).values("pk")[:1])


def matching_ids(wanted: Wanted) -> Iterator[int]:
    """The ids of all events that are wanted, the oldest first, a few thousand at a time: for exports."""
    return _matching(wanted).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000)
