"""What auditors may send: views of their own, and a reason for seeing numbers in full. None of it changes an account or an event."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from audit import saved_views
from audit.catalogue import EventName
from audit.event_views import facts_of, of_one_event
from audit.filters import ReasonForm, SavingForm
from audit.models import Event, SavedView
from audit.record import record, record_about
from audit.views import for_auditors, reader


@require_POST
@for_auditors
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter under a name."""
    form = SavingForm(request.POST)
    if not form.is_valid():
        return render(request, "audit/save_view.html", {"form": form}, status=400)
    given = form.cleaned_data
    view = saved_views.save(actor=reader(request), name=given["name"], query=given["query"], is_shared=given["shared"])
    return redirect(f"{reverse('audit:events')}?{view.query}")


@require_POST
@for_auditors
def remove_view(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a view of one's own."""
    view = get_object_or_404(SavedView, pk=number, owner_id=reader(request).pk)
    saved_views.remove(view, actor=reader(request))
    return redirect("audit:events")


@require_POST
@for_auditors
@of_one_event
def reveal(request: HttpRequest, shown: Event) -> HttpResponse:
    """The page of an event with telephone numbers in full, for a reason that is recorded."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(shown.uid)})
        return render(request, "audit/event.html", facts_of(shown) | {"form": form}, status=400)
    record_about(shown, EventName.EVENTS_REVEALED, actor=reader(request), reason=form.cleaned_data["reason"])
    return render(request, "audit/event.html", facts_of(shown, in_full=True))
