"""Changes that no system has taken and that are not tried again by themselves: passing on again, or settling with a reason (R-229)."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import Powers, powers_of
from helpdesk import reading, velocity
from helpdesk.actions import on_delivery
from helpdesk.delivery_filter import DeliveryFilter
from helpdesk.denials import looked_after, status_of
from helpdesk.offers import why_not
from helpdesk.report_views import my_reports
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof, query_of
from methods.unknown_requests import open_reports
from policies.by_hand import RIGHT
from policies.connectors.sentences import sentence
from policies.models import Delivery

PAGE, READ = "helpdesk:deliveries", "account:view"
AT_ONCE = 25


@dataclass(frozen=True)
class Row:
    """One change as the page shows it; `obstacle` says why this person may do nothing about it."""

    delivery: Delivery
    answer: str
    obstacle: str
    retry_form: ReasonForm
    settle_form: ReasonForm

    @property
    def is_own_sign_in(self) -> bool:
        """Whether it is this site's own, which is never settled by hand."""
        return self.delivery.system.connector == "local"


@require_safe
@for_staff(READ)
def listed(request: Badged) -> HttpResponse:
    """Those that wait for a person, the oldest first; by system, by what is wrong and by account."""
    return _page(request)


@acts(RIGHT, page=PAGE)
def retry(request: Badged, delivery_id: uuid.UUID) -> HttpResponse:
    """Pass it on once more."""
    return _do(request, delivery_id, velocity.RETRY, _("The change is passed on again."))


@acts(RIGHT, page=PAGE)
def settle(request: Badged, delivery_id: uuid.UUID) -> HttpResponse:
    """Answer for it that the system holds the state."""
    return _do(request, delivery_id, velocity.SETTLE, _("The change is settled."))


def _do(request: Badged, delivery_id: uuid.UUID, action: str, done: str) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.select_related("account", "system"), uid=delivery_id)
    looked_after(request, RIGHT, delivery.account)
    form = ReasonForm(request.POST, code=_code(action, delivery_id))
    if not form.is_valid():
        return _page(request, sent=form, status=400)
    try:
        on_delivery(action, delivery, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _page(request, sent=form, problem=refusal.told, status=status_of(refusal, request, delivery.account))
    messages.success(request, done)
    return redirect(f"{reverse(PAGE)}{query_of(request)}")


def _page(request: Badged, *, sent: ReasonForm | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    form = DeliveryFilter(request.GET)
    found = _found(form.wanted(), request)
    reading.note(request, [row.account for row in found])
    facts = {
        "form": form,
        "query": query_of(request),
        "page": found,
        "rows": _rows(request, found, sent),
        "open_reports": open_reports(my_reports(request)),
        "fresh": has_fresh_proof(request),
        "problem": problem,
    }
    return render(request, "helpdesk/deliveries.html", facts, status=status)


def _found(wanted: QuerySet[Delivery], request: Badged) -> Page[Delivery]:
    rows = wanted.filter(request.powers.among(READ, "account__")).select_related("account", "system").order_by("due_at", "pk")
    return Paginator(rows, AT_ONCE).get_page(request.GET.get("page"))


def _rows(request: Badged, found: Page[Delivery], sent: ReasonForm | None) -> list[Row]:
    theirs = powers_of([row.account for row in found])
    return [_row(request, row, theirs[row.account_id], sent) for row in found]


def _row(request: Badged, row: Delivery, theirs: Powers, sent: ReasonForm | None) -> Row:
    def form(action: str) -> ReasonForm:
        code = _code(action, row.uid)
        return sent if sent and sent.code == code else ReasonForm(code=code)

    obstacle = why_not(RIGHT, row.account, request.user, request.powers, theirs)
    return Row(row, sentence(row.last_answer), obstacle, form(velocity.RETRY), form(velocity.SETTLE))


def _code(action: str, delivery_id: uuid.UUID) -> str:
    """What tells the forms of a page apart."""
    return f"{action}-{delivery_id}"
