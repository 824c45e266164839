"""The auditor's pages. They change nothing, and reading them is an event of its own (R-171)."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit.catalogue import EventName
from audit.filters import EventFilter
from audit.models import Event
from audit.record import record
from audit.search import read
from audit.terms import key_words, value_words

RIGHT = "audit:read"


def for_auditors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only with the right to read events, which the floor above wrote on the request; a refusal is recorded (R-185)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reader: Any = request.user
        if RIGHT not in getattr(request, "powers").rights:  # noqa: B009  set by the badge middleware
            record(EventName.ACCESS_DENIED, account=reader, actor=reader, after={"right": RIGHT, "path": request.path[:200]})
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.right = RIGHT  # type: ignore[attr-defined]
    return guarded


def _reader(request: HttpRequest) -> Any:
    return request.user


@require_safe
@for_auditors
def events(request: HttpRequest) -> HttpResponse:
    """Events newest first, by account, actor, name and period."""
    form = EventFilter(request.GET)
    if not form.is_valid():
        return render(request, "audit/events.html", {"form": form})
    page = read(form.wanted(), before=form.cleaned_data["before"], after=form.cleaned_data["after"])
    record(EventName.EVENTS_READ, actor=_reader(request), after=form.facts())
    return render(request, "audit/events.html", {"form": form, "page": page})


@require_safe
@for_auditors
def event(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Everything that was recorded of one event."""
    shown = get_object_or_404(Event, uid=uid)
    record(EventName.EVENTS_READ, actor=_reader(request), after={"event": str(uid)})
    return render(request, "audit/event.html", {"event": shown, "changes": _changes(shown)})


def _changes(shown: Event) -> list[tuple[str, str, str]]:
    pairs = {key: (shown.before.get(key), shown.after.get(key)) for key in [*shown.before, *shown.after]}
    words = [(key_words(key), value_words(key, before), value_words(key, after)) for key, (before, after) in pairs.items()]
    return [change for change in words if any(change[1:])]
