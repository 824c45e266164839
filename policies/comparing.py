"""Comparing a system in the background, in stretches: each portion is kept with what it found, so that any worker goes on from there."""

from contextlib import closing
from datetime import timedelta
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from policies.clock import database_now
from policies.connectors.base import Connector, Failure, Transient
from policies.connectors.registry import connector_for
from policies.connectors.sentences import sentence
from policies.models import Comparison, ConnectedSystem
from policies.models.comparisons import Part
from policies.reconciling import Place, Report, keep_findings, next_portion
from policies.systems import settings_are_current

log = structlog.get_logger(__name__)
LATELY = timedelta(hours=20)
LONGEST = timedelta(days=3)  # what was read before counts no more
REST = timedelta(minutes=10)  # after a system did not answer, or a worker was lost


def not_lately() -> list[str]:
    """Codes of the enabled systems that were not compared for most of a day."""
    lately = ConnectedSystem.objects.filter(reconciled_at__gt=database_now() - LATELY)
    return list(ConnectedSystem.objects.filter(enabled=True, stopped_reason="").exclude(pk__in=lately).values_list("code", flat=True))


def broken_off() -> list[str]:
    """Codes of the systems with whose comparison nobody has gone on for a while; each is given to one caller alone.

    One that is left in peace is not asked meanwhile.
    """
    now = database_now()
    rested = Q(system__paused_until=None) | Q(system__paused_until__lte=now)
    waiting = Comparison.objects.filter(rested, tried_at__lte=now - REST, system__enabled=True, system__stopped_reason="")
    found = list(waiting.values_list("pk", "tried_at", "system__code"))
    return [code for pk, tried, code in found if Comparison.objects.filter(pk=pk, tried_at=tried).update(tried_at=now)]


def begin(code: str, *, seconds: float) -> bool:
    """Compare for so long, from the first account unless it was begun already; otherwise like `go_on`."""
    now = database_now()
    for system in ConnectedSystem.objects.filter(code=code, enabled=True):
        Comparison.objects.filter(system=system, began_at__lte=now - LONGEST).delete()
        Comparison.objects.get_or_create(system=system, defaults={"began_at": now, "tried_at": now})
    return go_on(code, seconds=seconds)


def go_on(code: str, *, seconds: float) -> bool:
    """Compare for so long what was begun; whether something is left for another call.

    A system that cannot be asked is asked again after a rest, as long as it wants it.
    """
    found = Comparison.objects.filter(began_at__gt=database_now() - LONGEST, system__code=code, system__enabled=True)
    row, over = found.select_related("system").first(), monotonic() + seconds
    if row is None:
        return False
    try:
        with closing(connector_for(row.system)) as connector:
            while not _is_paused(row.system) and _stretch(connector, row):
                if monotonic() > over:
                    return True
    except Failure as failure:
        log.warning("system not compared", system=code, why=failure.why)
        _rest(row, failure.why, failure.retry_after if isinstance(failure, Transient) else None)
    except Exception as error:  # a fault of the connector, or the task took too long: staff are to read why it does not go on
        log.exception("system not compared", system=code)
        _rest(row, f"unexpected {type(error).__name__}")
    return False


def _is_paused(system: ConnectedSystem) -> bool:
    """Whether it is left in peace: it has asked for that, or has failed too often."""
    return ConnectedSystem.objects.filter(pk=system.pk, paused_until__gt=database_now()).exists()


def _rest(row: Comparison, why: str, asked: timedelta | None = None) -> None:
    """Ask again after REST, or later where the system has asked for more; while it has, it is told nothing either."""
    now, rest = database_now(), max(asked or REST, REST)
    is_wanted = Comparison.objects.filter(pk=row.pk, began_at=row.began_at).update(problem=why, tried_at=now + rest - REST)
    if asked and is_wanted:  # it ends with the settings by which it was begun
        ConnectedSystem.objects.filter(pk=row.pk).exclude(paused_until__gt=now + asked).update(paused_until=now + asked)


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
    keep_findings(system, compared=row.compared, drift=row.drift, unknown=row.unknown)
    if row.drift:
        log.error("system differs", system=system.code, drift=row.drift)


def said(system: ConnectedSystem) -> str:
    """How the comparison that goes on stands, for staff; empty without one."""
    row: Comparison | None = getattr(system, "comparison", None)
    if row is None or not system.enabled or system.stopped_reason:
        return ""
    so_far = ngettext("Being compared: %(count)d account so far.", "Being compared: %(count)d accounts so far.", row.compared)
    return f"{so_far % {'count': row.compared}} {sentence(row.problem)}".strip()
