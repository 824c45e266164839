"""Comparing a system in the background, in stretches: each portion is kept with what it found, so that any worker goes on from there."""

from contextlib import closing
from datetime import timedelta
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import ngettext

from policies.clock import database_now
from policies.connectors.base import Connector, Failure
from policies.connectors.registry import connector_for
from policies.connectors.sentences import sentence
from policies.models import Comparison, ConnectedSystem
from policies.models.comparisons import Part
from policies.reconciling import Place, Report, keep, next_portion
from policies.systems import settings_are_current

log = structlog.get_logger(__name__)
LATELY = timedelta(hours=20)
REST = timedelta(minutes=10)  # after a system did not answer, or a worker was lost


def not_lately() -> list[str]:
    """Codes of the enabled systems that were not compared for most of a day."""
    lately = ConnectedSystem.objects.filter(reconciled_at__gt=database_now() - LATELY)
    return list(ConnectedSystem.objects.filter(enabled=True, stopped_reason="").exclude(pk__in=lately).values_list("code", flat=True))


def broken_off() -> list[str]:
    """Codes of the systems whose comparison was begun within a day, and with which nobody has gone on for a while."""
    now = database_now()
    waiting = Comparison.objects.filter(
        tried_at__lte=now - REST, began_at__gt=now - LATELY, system__enabled=True, system__stopped_reason=""
    )
    return list(waiting.values_list("system__code", flat=True))


def go_on(code: str, *, seconds: float) -> bool:
    """Compare for so long; whether something is left for another call. A system that cannot be asked is asked again after a rest."""
    system = ConnectedSystem.objects.filter(code=code, enabled=True).first()
    if system is None:
        return False
    row, over = _begun(system), monotonic() + seconds
    try:
        with closing(connector_for(system)) as connector:
            while _stretch(connector, row):
                if monotonic() > over:
                    return True
    except Failure as failure:
        Comparison.objects.filter(pk=system.pk).update(problem=failure.why, tried_at=database_now())
        log.warning("system not compared", system=code, why=failure.why)
    return False


def _begun(system: ConnectedSystem) -> Comparison:
    """The comparison that goes on; begun anew when the one before is of yesterday."""
    now = database_now()
    Comparison.objects.filter(system=system, began_at__lte=now - LATELY).delete()
    return Comparison.objects.get_or_create(system=system, defaults={"began_at": now, "tried_at": now})[0]


def _stretch(connector: Connector, row: Comparison) -> bool:
    """Compare one portion and count what it found, once; whether this worker goes on."""
    report = Report(connector.system)
    place = next_portion(connector, Place(Part(row.part), row.last), report)
    row.compared += report.compared
    row.differing += len(report.differing)
    row.unknown += len(report.unknown)
    row.strangers += len(report.strangers)
    with transaction.atomic():
        mine = Comparison.objects.filter(pk=row.pk, began_at=row.began_at, part=row.part, last=row.last)
        if place is None:
            _end(row, mine, connector.system)
            return False
        counts = {"compared": row.compared, "differing": row.differing, "unknown": row.unknown, "strangers": row.strangers}
        row.part, row.last = place.part, place.last
        return bool(mine.update(part=row.part, last=row.last, tried_at=database_now(), problem="", **counts))


def _end(row: Comparison, mine: QuerySet[Comparison], system: ConnectedSystem) -> None:
    settings_are_current(system)  # locked before its comparison, like everywhere
    if not mine.delete()[0]:
        return
    drift = row.differing + row.strangers
    keep(system, compared=row.compared, drift=drift, unknown=row.unknown)
    if drift:
        log.error("system differs", system=system.code, drift=drift)


def said(system: ConnectedSystem) -> str:
    """How the comparison that goes on stands, for staff; empty without one."""
    row: Comparison | None = getattr(system, "comparison", None)
    if row is None:
        return ""
    so_far = ngettext("Being compared: %(count)d account so far.", "Being compared: %(count)d accounts so far.", row.compared)
    return f"{so_far % {'count': row.compared}} {sentence(row.problem)}".strip()
