"""Recent activity: what happened on one's own account, and “This wasn't me” (S-126, S-127, S-143)."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from audit.filters import CursorField
from audit.own import of_holder
from methods.disowning import disown, event_of, needs_proof, report_of, suspicious
from methods.stepup import is_fresh, to_step_up
from selfservice.activity_rows import one_row, rows_of


class Place(forms.Form):
    """Where in the list the page begins."""

    before = CursorField()


@require_safe
def activity(request: Badged) -> HttpResponse:
    """Everything, the newest first; an address that cannot be read begins with the newest."""
    place = Place(request.GET)
    before = place.cleaned_data["before"] if place.is_valid() else None
    page = of_holder(request.user.pk, before=before)
    facts = {"rows": rows_of(page.events, request), "older": page.older, "before": before}
    return render(request, "selfservice/activity.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """What “This wasn't me” would do; after it was sent, what was done and what to do now."""
    event = event_of(request.user, uid)
    if event is None:
        raise Http404
    if request.method == "POST":
        if needs_proof(request.user, event) and not is_fresh(request.badge):
            return to_step_up(reverse("selfservice:activity-entry", args=[uid]))
        try:
            disown(request.user, uid, actor=request.user, keep_session=request.badge.uid)
        except Refused as refusal:
            messages.error(request, refusal.told)
            return redirect("selfservice:activity")
        return redirect("selfservice:activity-entry", uid)
    report = report_of(request.user, uid)
    facts: dict[str, Any] = {"row": one_row(event, request), "report": report}
    if report is None:
        facts["stopping"] = suspicious(request.user, event)
    return render(request, "selfservice/activity_entry.html", facts)
