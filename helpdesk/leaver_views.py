"""Who has left and what has become of their methods; with `?soon` whose day comes within a month."""

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.leaving import today
from accounts.models import Account
from helpdesk import reading
from helpdesk.report_views import my_reports
from methods.gate import for_staff
from methods.models import MethodState
from methods.unknown_requests import open_reports
from policies.leavers import until
from policies.models import Application
from policies.states import LIVE

READ = "account:view"
AT_ONCE = 25
SOON = timedelta(days=30)


@require_safe
@for_staff(READ)
def listed(request: Badged) -> HttpResponse:
    """The newest first; those who are looked after alone."""
    soon = "soon" in request.GET
    found = (_soon() if soon else _left()).filter(request.powers.among(READ)).select_related("affiliation")
    page = Paginator(_counted(found), AT_ONCE).get_page(request.GET.get("page"))
    reading.note(request, page)
    facts = {
        "page": page,
        "rows": [(account, until(account)) for account in page],
        "soon": soon,
        "days": settings.MFA_LEAVER_DAYS,
        "open_reports": open_reports(my_reports(request)),
    }
    return render(request, "helpdesk/leavers.html", facts)


def _left() -> QuerySet[Account]:
    return Account.objects.filter(left_at__isnull=False).order_by("-left_at", "pk")


def _soon() -> QuerySet[Account]:
    return Account.objects.filter(left_at=None, leaves_on__lte=today() + SOON).order_by("leaves_on", "pk")


def _counted(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """With the number of methods, and whether systems still hold MFA use."""
    there = Count("registered_methods", filter=~Q(registered_methods__state=MethodState.REMOVED))
    return accounts.annotate(methods=there, in_use=Exists(Application.objects.filter(account=OuterRef("pk"), state__in=LIVE)))
