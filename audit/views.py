"""The auditor's pages. They change nothing, and reading them is an event of its own (R-171)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit import saved_views
from audit.catalogue import EventName
from audit.context import path_of
from audit.filters import EventFilter, SavingForm
from audit.masking import masked
from audit.models import Event
from audit.record import record
from audit.search import read
from audit.terms import key_words, value_words

RIGHT = "audit:read"
OF_COLUMNS = {"case", "approved_by"}  # shown with who and where


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
    """Events newest first, by whatever is asked for together."""
    form = EventFilter(request.GET)
    facts: dict[str, Any] = {"form": form, "views": saved_views.offered_to(reader(request)), "me": reader(request).pk}
    if not form.is_valid():
        return render(request, "audit/events.html", facts)
    page = read(form.wanted(), before=form.cleaned_data["before"], after=form.cleaned_data["after"])
    record(EventName.EVENTS_READ, actor=reader(request), after=form.facts())
    saving = SavingForm(initial={"query": form.query()}) if form.query() else None
    return render(request, "audit/events.html", facts | {"page": page, "saving": saving})


@require_safe
@for_auditors
def timeline(request: HttpRequest, common_id: str) -> HttpResponse:
    """What happened on one account, in sentences, with what changed beside each other."""
    form = EventFilter(request.GET.dict() | {"account": common_id})
    if not form.is_valid():
        raise Http404
    page = read(form.wanted(), before=form.cleaned_data["before"], after=form.cleaned_data["after"])
    record(EventName.EVENTS_READ, actor=reader(request), after=form.facts())
    shown = [(event, changes_of(event)) for event in page.events]
    return render(request, "audit/timeline.html", {"common_id": common_id, "page": page, "events": shown})


def changes_of(shown: Event, *, in_full: bool = False) -> list[tuple[str, str, str]]:
    """Fact, before, after; telephone numbers masked, unless `in_full`."""
    pairs = {key: (shown.before.get(key), shown.after.get(key)) for key in [*shown.before, *shown.after] if key not in OF_COLUMNS}
    hide = str if in_full else masked
    words = [(key_words(key), hide(value_words(key, before)), hide(value_words(key, after))) for key, (before, after) in pairs.items()]
    return [change for change in words if any(change[1:])]
