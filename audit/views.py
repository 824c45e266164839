"""The auditor's pages. They change nothing, and reading them is an event of its own (R-171)."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit.catalogue import EventName
from audit.context import path_of
from audit.filters import EventFilter
from audit.models import Event
from audit.record import record
from audit.search import read
from audit.terms import key_words, value_words

RIGHT = "audit:read"


def for_auditors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only with the right to read events, in a verified session; a refusal is recorded (R-185).

    Powers and badge are what the floor above wrote on the request; who has to verify first is sent to the door by name.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if RIGHT not in request.powers.rights:
            after = {"right": RIGHT, "path": path_of(request)}
            record(EventName.ACCESS_DENIED, account=request.user, actor=request.user, after=after)
            raise PermissionDenied
        if request.badge.verified_at is None:
            return redirect(f"{reverse('signin:step-up')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    guarded.right = RIGHT  # type: ignore[attr-defined]
    return guarded


def reader(request: HttpRequest) -> Any:
    """Who reads; an account."""
    return request.user


@require_safe
@for_auditors
def events(request: HttpRequest) -> HttpResponse:
    """Events newest first, by account, actor, name and period."""
    form = EventFilter(request.GET)
    if not form.is_valid():
        return render(request, "audit/events.html", {"form": form})
    page = read(form.wanted(), before=form.cleaned_data["before"], after=form.cleaned_data["after"])
    record(EventName.EVENTS_READ, actor=reader(request), after=form.facts())
    return render(request, "audit/events.html", {"form": form, "page": page})


@require_safe
@for_auditors
def event(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Everything that was recorded of one event."""
    shown = get_object_or_404(Event, uid=uid)
    record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(uid)})
    return render(request, "audit/event.html", {"event": shown, "changes": _changes(shown)})


def _changes(shown: Event) -> list[tuple[str, str, str]]:
    pairs = {key: (shown.before.get(key), shown.after.get(key)) for key in [*shown.before, *shown.after]}
    words = [(key_words(key), value_words(key, before), value_words(key, after)) for key, (before, after) in pairs.items()]
    return [change for change in words if any(change[1:])]
