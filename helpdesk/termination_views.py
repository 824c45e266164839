"""Requests to end somebody's MFA use: what is asked for, exactly, and the decision of a second person (R-162)."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import powers, powers_of, staff_wait
from helpdesk import actions, reading
from helpdesk.actions import approve_termination, refuse_termination
from helpdesk.deciding import ASK, DECIDE, termination_request
from helpdesk.denials import looked_after, status_of
from helpdesk.from_account import comes_from_account, page_of_account
from helpdesk.report_views import my_reports
from helpdesk.wish_page import SHOWN, waiting_wishes
from helpdesk.wish_page import rows as wish_rows
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from methods.unknown_requests import open_reports
from policies.homes import only_reads
from policies.models import ConnectedSystem, Termination, TerminationWish
from policies.models.applications import TerminationState

PAGE = "helpdesk:terminations"
DECIDED_SHOWN = 10


@require_safe
@for_staff(ASK)
def listed(request: Badged) -> HttpResponse:
    """Every request that waits, the most urgent first, and those decided last."""
    return _page(request)


@acts(DECIDE, page=PAGE)
def approve(request: Badged, termination_id: uuid.UUID) -> HttpResponse:
    """End the MFA use as requested."""
    return _decide(request, termination_id, approve_termination, _said)


@acts(ASK, page=PAGE)
def refuse(request: Badged, termination_id: uuid.UUID) -> HttpResponse:
    """Turn the request down, or take one's own back."""
    return _decide(request, termination_id, refuse_termination, lambda _account: _("The request is closed. Nothing changes."))


def _said(account: Account) -> str:
    if only_reads():
        return _("Approved. The connected systems are told when this site has been checked after the restore.")
    if staff_wait(powers(account).rank):
        return _("Approved. It takes effect when the waiting time is over, unless the person stops it.")
    return _("Approved. The connected systems are told when their time has come: the page of the account shows how far it is.")


def _decide(request: Badged, termination_id: uuid.UUID, verb: Callable[..., object], done: Callable[[Account], str]) -> HttpResponse:
    termination = get_object_or_404(Termination.objects.select_related("application__account__affiliation"), uid=termination_id)
    account = termination.application.account
    looked_after(request, ASK, account)
    try:
        verb(termination, actor=request.user)
    except Refused as refusal:
        status = status_of(refusal, request, account)
        if comes_from_account(request):
            return page_of_account(request, account, refusal.told, status=status)
        return _page(request, problem=refusal.told, status=status)
    messages.success(request, done(account))
    return redirect("helpdesk:account", account.common_id) if comes_from_account(request) else redirect(PAGE)


@acts(ASK, page=PAGE)
def decline_wish(request: Badged, wish_id: uuid.UUID) -> HttpResponse:
    """Tell a holder why it will not be done."""
    wish, form = (
        get_object_or_404(TerminationWish.objects.select_related("account"), uid=wish_id),
        ReasonForm(request.POST, code=str(wish_id)),
    )
    looked_after(request, ASK, wish.account)
    if not form.is_valid():
        return _page(request, sent=form, status=400)
    try:
        actions.decline_wish(wish, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _page(request, sent=form, problem=refusal.told, status=status_of(refusal, request, wish.account))
    messages.success(request, _("Declined. The holder is told."))
    return redirect(PAGE)


def _page(request: Badged, *, problem: str = "", sent: ReasonForm | None = None, status: int = 200) -> HttpResponse:
    mine = _rows().filter(request.powers.among(ASK, "application__account__"))
    waiting = list(mine.filter(state=TerminationState.REQUESTED, expires_at__gt=timezone.now()).order_by("expires_at")[:SHOWN])
    wishes = waiting_wishes(request.powers.among(ASK, "account__"))
    theirs = powers_of([*(one.application.account for one in waiting), *(wish.account for wish in wishes)])
    decided = list(mine.exclude(state=TerminationState.REQUESTED).order_by("-decided_at")[:DECIDED_SHOWN])
    reading.note(request, [*(one.application.account for one in [*waiting, *decided]), *(wish.account for wish in wishes)])
    systems = list(ConnectedSystem.objects.all())
    names = {system.code: str(system) for system in systems}
    facts = {
        "requests": [termination_request(request, one, theirs[one.application.account_id], names) for one in waiting],
        "wishes": wish_rows(request, wishes, theirs, sent),
        "closed_to_them": [str(system) for system in systems if system.enabled and system.needs_mfa],
        "decided": decided,
        "at_most": SHOWN if SHOWN in {len(waiting), len(wishes)} else 0,
        "open_reports": open_reports(my_reports(request)),
        "fresh": has_fresh_proof(request),
        "problem": problem,
    }
    return render(request, "helpdesk/terminations.html", facts, status=status)


def _rows() -> QuerySet[Termination]:
    return Termination.objects.select_related("application__account__affiliation", "requested_by", "decided_by")
