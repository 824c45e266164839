"""The page of one event, and what is shown when an id belongs to more than one record."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.catalogue import EventName
from audit.filters import ReasonForm
from audit.masking import masked
from audit.models import Event
from audit.record import record
from audit.seals import exporting
from audit.views import changes_of, for_auditors, reader

MOST = 20  # records with the same id that one page shows
log = structlog.get_logger(__name__)


def of_one_event(view: Callable[[HttpRequest, Event], HttpResponse]) -> Callable[[HttpRequest, uuid.UUID], HttpResponse]:
    """Give the view the event with this id.

    Neither ids nor numbers are given twice: of records that share one, none is trusted, and all are shown instead.
    """

    @wraps(view)
    def found(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
        numbers = list(Event.objects.filter(uid=uid).order_by("pk").values_list("pk", flat=True)[:MOST])
        rows = list(Event.objects.filter(pk__in=numbers).order_by("pk", "at")[:MOST])
        if not rows:
            raise Http404
        return view(request, rows[0]) if len(rows) == 1 else _copies(request, uid, rows)

    return found


def _copies(request: HttpRequest, uid: uuid.UUID, rows: list[Event]) -> HttpResponse:
    log.error("more than one event with this id", event_id=str(uid), rows=[row.pk for row in rows])
    record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(uid)})
    shown = [facts_of(row) | {"seal": exporting.seal_of(row.pk)} for row in rows]
    return render(request, "audit/copies.html", {"copies": shown, "uid": uid}, status=409)


@require_safe
@for_auditors
@of_one_event
def event(request: HttpRequest, shown: Event) -> HttpResponse:
    """Everything that was recorded of one event."""
    record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(shown.uid)})
    return render(request, "audit/event.html", facts_of(shown))


def facts_of(shown: Event, *, in_full: bool = False) -> dict[str, Any]:
    """What the page of an event shows; telephone numbers masked, unless a reason was given."""
    if in_full:
        return {"event": shown, "changes": changes_of(shown, in_full=True), "reason": shown.reason, "in_full": True}
    changes = changes_of(shown)
    hides = masked(shown.reason) != shown.reason or changes != changes_of(shown, in_full=True)
    return {"event": shown, "changes": changes, "reason": masked(shown.reason), "form": ReasonForm() if hides else None}
