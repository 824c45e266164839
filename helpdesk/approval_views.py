"""What a second person decides on, exactly as it was asked (R-162)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from accounts.roles import powers_of
from helpdesk import approvals, reading
from helpdesk.deciding import approval_row
from helpdesk.denials import looked_after, status_of
from helpdesk.from_account import comes_from_account, page_of_account
from helpdesk.models import Approval
from methods.gate import acts, for_staff
from methods.models import RegisteredMethod
from methods.stepup import has_fresh_proof

PAGE, READ = "helpdesk:approvals", "case:work"


@require_safe
@for_staff(READ)
def listed(request: Badged) -> HttpResponse:
    """Every request that waits for a second person, or for its time."""
    return _page(request)


@acts(approvals.APPROVE, page=PAGE)
def approve(request: Badged, approval_id: int) -> HttpResponse:
    """Yes, after the waiting time."""
    return _decide(
        request, approval_id, approvals.approve, _("Approved. It takes effect when the waiting time is over, unless the person stops it.")
    )


@acts(READ, page=PAGE)
def refuse(request: Badged, approval_id: int) -> HttpResponse:
    """No, or one's own request taken back."""
    return _decide(request, approval_id, approvals.refuse, _("The request is closed. Nothing changes."))


def _decide(request: Badged, approval_id: int, verb: Callable[..., object], done: str) -> HttpResponse:
    approval = get_object_or_404(Approval.objects.select_related("account__affiliation"), pk=approval_id)
    looked_after(request, READ, approval.account)
    try:
        verb(approval, actor=request.user)
    except Refused as refusal:
        status = status_of(refusal, request, approval.account)
        if comes_from_account(request):
            return page_of_account(request, approval.account, refusal.told, status=status)
        return _page(request, problem=refusal.told, status=status)
    messages.success(request, done)
    return redirect("helpdesk:account", approval.account.common_id) if comes_from_account(request) else redirect(PAGE)


def _page(request: Badged, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = list(approvals.waiting().filter(request.powers.among(READ, "account__"))[:50])
    theirs = powers_of([one.account for one in found])
    held = [row.split()[0] for one in found for row in one.snapshot["methods"]]
    methods = {str(pk): method for pk, method in RegisteredMethod.objects.in_bulk(held).items()} if held else {}
    rows = [approval_row(request, one, theirs[one.account_id], methods) for one in found]
    reading.note(request, [one.account for one in found])
    facts = {"rows": rows, "problem": problem, "fresh": has_fresh_proof(request)}
    return render(request, "helpdesk/approvals.html", facts, status=status)
