"""The pages of findings. Reading one is recorded, like all reading of events (R-171)."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.masking import masked
from audit.record import record
from audit.terms import key_words, value_words
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from review import findings, searching
from review.detectors.base import Detector, detectors
from review.findings import RIGHT, is_about
from review.forms import FindingFilter, RemarkForm
from review.models import Finding

PAGE, SHOWN = "review:finding", 30
NOT_STARTED = gettext_lazy("The detectors could not be started now. They run every night; tell an administrator if this goes on.")
HIDDEN = {"event", "termination"}  # they become links


@require_safe
@for_staff(RIGHT)
def listed(request: Badged) -> HttpResponse:
    """Open findings or closed ones, the newest first."""
    form = FindingFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    closed = chosen.get("state") == "closed"
    rows = Finding.objects.filter(closed_at__isnull=not closed).select_related("account", "closed_by")
    if chosen.get("detector"):
        rows = rows.filter(detector=chosen["detector"])
    page = Paginator(rows.order_by("-closed_at" if closed else "-found_at", "pk"), SHOWN).get_page(request.GET.get("page"))
    record(EventName.EVENTS_READ, actor=request.user, after={"path": request.path})
    known = detectors()
    facts = {
        "form": form,
        "page": page,
        "rows": [(finding, _title(known.get(finding.detector), finding), _short(finding)) for finding in page],
        "closed": closed,
    } | _search_facts()
    return render(request, "review/findings.html", facts)


def _search_facts() -> dict[str, Any]:
    last = searching.last()
    return {"last": last, "search": searching.progress(last)}


@require_safe
@for_staff(RIGHT)
def progress(request: Badged) -> HttpResponse:
    """The part of the page that says how far the detectors have come."""
    return render(request, "review/last_search.html", _search_facts())


def _title(detector: Detector | None, finding: Finding) -> Any:
    return detector.title if detector else finding.detector


def _short(finding: Finding) -> str:
    """What stands below the title in the list."""
    return " · ".join(f"{words}: {value}" for words, value in _pairs(finding)[:3])


def _pairs(finding: Finding) -> list[tuple[str, str]]:
    """The facts in words; whoever named a method may have typed a number."""
    told = {key: value for key, value in finding.facts.items() if key not in HIDDEN and value not in ("", None)}
    return [(key_words(key), masked(value_words(key, value))) for key, value in told.items()]


@require_safe
@for_staff(RIGHT)
def finding(request: Badged, finding_id: uuid.UUID) -> HttpResponse:
    """One finding: facts, whom it is about, what was said of it."""
    return _page(request, finding_id)


@acts(RIGHT, page="review:findings")
def remark(request: Badged, finding_id: uuid.UUID) -> HttpResponse:
    """Write down what was found so far."""
    return _carry_out(request, finding_id, findings.remark, _("Your remark is kept."))


@acts(RIGHT, page="review:findings")
def close(request: Badged, finding_id: uuid.UUID) -> HttpResponse:
    """Close it."""
    return _carry_out(request, finding_id, findings.close, _("The finding is closed."))


def _carry_out(request: Badged, finding_id: uuid.UUID, verb: Any, done: str) -> HttpResponse:
    get_object_or_404(Finding, pk=finding_id)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, finding_id, form=form, status=400)
    try:
        verb(finding_id, actor=request.user, text=form.cleaned_data["text"])
    except Refused as refusal:
        return _page(request, finding_id, form=form, problem=refusal.told, status=403 if refusal.code == "finding-own" else 409)
    messages.success(request, done)
    return redirect(PAGE, finding_id)


def _page(request: Badged, finding_id: uuid.UUID, *, form: RemarkForm | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    shown = get_object_or_404(Finding.objects.select_related("account", "closed_by"), pk=finding_id)
    record(EventName.EVENTS_READ, account=shown.account, actor=request.user, after={"finding": str(finding_id)})
    detector = detectors().get(shown.detector)
    facts = {
        "finding": shown,
        "title": _title(detector, shown),
        "advice": detector.advice if detector else "",
        "pairs": _pairs(shown),
        "people": Account.objects.filter(pk__in=shown.people).order_by("common_id"),
        "remarks": shown.remarks.select_related("by"),
        "event": shown.facts.get("event"),
        "own": is_about(shown, request.user),
        "fresh": has_fresh_proof(request),
        "form": form or RemarkForm(),
        "problem": problem,
    }
    return render(request, "review/finding.html", facts, status=status)


@acts(RIGHT, page="review:findings")
def search(request: Badged) -> HttpResponse:
    """Have the detectors run now."""
    if searching.start(actor=request.user):
        messages.success(request, _("The detectors are running. Reload this page in a minute."))
    else:
        messages.error(request, NOT_STARTED)
    return redirect("review:findings")


@acts(RIGHT, page="review:findings")
def stop_search(request: Badged) -> HttpResponse:
    """No further detector looks."""
    searching.stop(actor=request.user)
    return redirect("review:findings")


@acts(RIGHT, page="review:findings")
def resume_search(request: Badged) -> HttpResponse:
    """Go on where it stopped."""
    search = searching.resume(actor=request.user)
    if search is not None and not searching.ask(search):
        messages.error(request, NOT_STARTED)
    return redirect("review:findings")
