"""The page on which administrators set the limits of detectors; auditors read it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from review.detectors.base import detectors
from review.findings import RIGHT
from review.forms import LimitsForm
from review.thresholds import all_limits, set_limit

CONFIGURE = "site:configure"


@require_safe
@for_staff(RIGHT)
def thresholds(request: Badged) -> HttpResponse:
    """Every detector with its limits."""
    return _page(request)


@acts(CONFIGURE, page="review:thresholds")
def change(request: Badged, detector: str) -> HttpResponse:
    """Set the limits of one detector."""
    known = detectors().get(detector)
    if known is None:
        raise Http404
    form = LimitsForm(known.limits, request.POST, prefix=detector, auto_id=f"{detector}_%s")
    if not form.is_valid():
        return _page(request, sent={detector: form}, status=400)
    try:
        for name, value in form.cleaned_data.items():
            set_limit(detector, name, value, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("The thresholds are set. They count from the next run."))
    return redirect("review:thresholds")


def _page(request: Badged, *, sent: dict[str, LimitsForm] | None = None, status: int = 200) -> HttpResponse:
    limits = all_limits()
    rows: list[dict[str, Any]] = []
    for code, detector in detectors().items():
        form = (sent or {}).get(code) or LimitsForm(detector.limits, prefix=code, auto_id=f"{code}_%s", initial=dict(limits[code]))
        pairs = [(limit.label, f"{limits[code][limit.name]:g}") for limit in detector.limits]
        rows.append({"detector": detector, "form": form, "pairs": pairs})
    may = CONFIGURE in request.powers.rights
    return render(request, "review/thresholds.html", {"rows": rows, "may": may, "fresh": has_fresh_proof(request)}, status=status)
