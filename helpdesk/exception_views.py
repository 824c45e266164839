"""Open exceptions: those whose MFA use is terminated until a date, the longest first, and who would return without a method (C-08)."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from helpdesk import reading
from helpdesk.report_views import my_reports
from methods.gate import for_staff
from methods.models import RegisteredMethod
from methods.unknown_requests import open_reports
from policies.allowances_of_many import verifying
from policies.models import Termination
from policies.models.applications import TerminationState

ASK = "termination:request"
AT_ONCE = 25
NEAR = timedelta(days=14)


@require_safe
@for_staff(ASK)
def listed(request: Badged) -> HttpResponse:
    """By age; with `?near` those who return within two weeks and have no method to verify with, the next first."""
    near = "near" in request.GET
    found = (_near() if near else _open().order_by("decided_at", "pk")).filter(request.powers.among(ASK, "application__account__"))
    page = Paginator(found, AT_ONCE).get_page(request.GET.get("page"))
    reading.note(request, [one.application.account for one in page])
    facts = {"page": page, "near": near, "now": timezone.now(), "open_reports": open_reports(my_reports(request))}
    return render(request, "helpdesk/exceptions.html", facts)


def _open() -> QuerySet[Termination]:
    found = Termination.objects.filter(state=TerminationState.APPROVED, application__account__left_at=None)
    return found.annotate(has_method=Exists(_usable())).select_related("application__account", "requested_by", "decided_by")


def _usable() -> QuerySet[RegisteredMethod]:
    return verifying().filter(account=OuterRef("application__account"))


def _near() -> QuerySet[Termination]:
    return _open().filter(~Exists(_usable()), ends_at__lte=timezone.now() + NEAR).order_by("ends_at", "pk")
