"""What a second person decides on, exactly as it was asked (R-162)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from accounts.roles import Powers, powers_of
from helpdesk import approvals, reading
from helpdesk.denials import looked_after, status_of
from helpdesk.models import Approval
from helpdesk.offers import why_not
from helpdesk.risks import RISKS, wait
from methods.gate import acts, for_staff
from methods.models import RegisteredMethod
from methods.stepup import is_fresh

PAGE, READ = "helpdesk:approvals", "case:work"


@dataclass(frozen=True)
class Row:
    """One request with all that it would change, and why this person may not decide on it."""

    approval: Approval
    label: Promise
    methods: list[RegisteredMethod]
    waits: str
    own: bool
    obstacle: str


@require_safe
@for_staff(READ)
def listed(request: Badged) -> HttpResponse:
    """Every request that waits for a second person."""
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
    approval = get_object_or_404(Approval.objects.select_related("account"), pk=approval_id)
    looked_after(request, READ, approval.account)
    try:
        verb(approval, actor=request.user)
    except Refused as refusal:
        return _page(request, problem=refusal.sentence, status=status_of(refusal, request, approval.account))
    messages.success(request, done)
    return redirect(PAGE)


def _page(request: Badged, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = list(approvals.waiting().filter(request.powers.among(READ, "account__"))[:50])
    theirs = powers_of([one.account for one in found])
    held = [row.split()[0] for one in found for row in one.snapshot["methods"]]
    methods = {str(pk): method for pk, method in RegisteredMethod.objects.in_bulk(held).items()} if held else {}
    rows = [_row(request, one, theirs[one.account_id], methods) for one in found]
    reading.note(request, [one.account for one in found])
    facts = {"rows": rows, "problem": problem, "fresh": is_fresh(request.badge)}
    return render(request, "helpdesk/approvals.html", facts, status=status)


def _row(request: Badged, approval: Approval, theirs: Powers, methods: dict[str, RegisteredMethod]) -> Row:
    own = approval.requested_by_id == request.user.pk
    obstacle = why_not(approvals.APPROVE, approval.account, request.user, request.powers, theirs)
    meant = [approval.facts["method"]] if "method" in approval.facts else [row.split()[0] for row in approval.snapshot["methods"]]
    return Row(
        approval,
        RISKS[approval.action].label,
        [methods[pk] for pk in meant if pk in methods],
        waits=str(wait(theirs.rank)).removesuffix(":00"),
        own=own,
        obstacle=Refused("own-approval").sentence if own else obstacle,
    )
