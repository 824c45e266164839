"""The pages of the board, and stopping and resuming a system there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged, asks_by_itself
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from policies.board import Row, ringing, rows
from policies.clock import database_now
from policies.models import ConnectedSystem
from policies.systems import resume, stop_by_hand

RIGHT, PAGE = "site:configure", "policies:system"
FORM = "state"


@require_safe
@for_staff(RIGHT)
def systems(request: Badged) -> HttpResponse:
    """Every system; asked again by the page itself, only what changes."""
    found = rows(database_now())
    facts = {"rows": found, "alarms": ringing([row.system for row in found])}
    return render(request, "policies/board_rows.html" if asks_by_itself(request) else "policies/board.html", facts)


@require_safe
@for_staff(RIGHT)
def system(request: Badged, code: str) -> HttpResponse:
    """One system in full."""
    return _page(request, code, ReasonForm(code=FORM))


@acts(RIGHT, page=PAGE)
def stop(request: Badged, code: str) -> HttpResponse:
    """Pass nothing on to it."""
    return _do(request, code, stop_by_hand, _("Nothing is passed on to this system until it is resumed."))


@acts(RIGHT, page=PAGE)
def go_on(request: Badged, code: str) -> HttpResponse:
    """Pass changes on again."""
    return _do(request, code, resume, _("Changes are passed on to this system again."))


def _do(request: Badged, code: str, verb: Callable[..., object], done: str) -> HttpResponse:
    chosen, form = get_object_or_404(ConnectedSystem, code=code), ReasonForm(request.POST, code=FORM)
    chosen.stopped_at = _shown(request)
    if not form.is_valid():
        return _page(request, code, form, status=400)
    try:
        verb(chosen, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _page(request, code, form, problem=refusal.told, status=409)
    messages.success(request, done)
    return redirect(PAGE, code)


def _shown(request: Badged) -> datetime | None:
    """Since when the system was stopped on the page of whoever pressed the button."""
    try:
        return parse_datetime(request.POST.get("stopped_at", ""))
    except ValueError:
        return None


def _page(request: Badged, code: str, form: ReasonForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    row = _row(code)
    facts: dict[str, Any] = {"row": row, "system": row.system, "form": form, "problem": problem, "fresh": has_fresh_proof(request)}
    return render(request, "policies/system.html", facts, status=status)


def _row(code: str) -> Row:
    found = next((row for row in rows(database_now()) if row.system.code == code), None)
    if found is None:
        raise Http404
    return found
