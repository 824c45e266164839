"""The forms on an account's page, one address for each."""

import uuid
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from helpdesk import actions
from helpdesk.denials import status_of
from helpdesk.forms import NoteForm, TerminationForm
from helpdesk.offers import END_SESSION, LOCK, REREGISTRATION, TERMINATION, UNLOCK
from helpdesk.page import Sent, facts_of
from helpdesk.report_views import RIGHT
from methods.gate import acts
from methods.models import Report

PAGE = "helpdesk:account"


@acts(UNLOCK.right, page=PAGE)
def unlock(request: Badged, common_id: str) -> HttpResponse:
    """Clear the holds."""
    form = ReasonForm(request.POST, code=UNLOCK.code)
    return _carry_out(request, common_id, form, partial(actions.unlock, actor=request.user), _("The account is unlocked."))


@acts(LOCK.right, page=PAGE)
def lock(request: Badged, common_id: str) -> HttpResponse:
    """Let nobody sign in until it is unlocked."""
    form = ReasonForm(request.POST, code=LOCK.code)
    return _carry_out(request, common_id, form, partial(actions.lock, actor=request.user), _("The account is locked."))


@acts(END_SESSION, page=PAGE)
def end_session(request: Badged, common_id: str, session_id: uuid.UUID) -> HttpResponse:
    """Sign the person out of one session."""
    form = ReasonForm(request.POST, code=str(session_id))
    do = partial(actions.end_session, session_id=session_id, actor=request.user)
    return _carry_out(request, common_id, form, do, _("The session has ended."))


@acts(REREGISTRATION.right, page=PAGE)
def require_reregistration(request: Badged, common_id: str) -> HttpResponse:
    """Take every method away, so that the person registers anew."""
    form = ReasonForm(request.POST, code=REREGISTRATION.code)
    done = _("All methods are removed. The caller can register anew with the password.")
    return _carry_out(request, common_id, form, partial(actions.require_reregistration, actor=request.user), done)


@acts(TERMINATION.right, page=PAGE)
def request_termination(request: Badged, common_id: str) -> HttpResponse:
    """Ask for MFA use to be ended; somebody else decides."""
    form = TerminationForm(request.POST, code=TERMINATION.code)
    done = _("The termination is requested. Somebody else has to approve it within a day.")
    return _carry_out(request, common_id, form, partial(actions.request_termination, actor=request.user), done)


@acts(RIGHT, page=PAGE)
def settle_report(request: Badged, common_id: str, report_id: uuid.UUID) -> HttpResponse:
    """Close a report from the page of its account."""
    report = get_object_or_404(Report, pk=report_id, account__common_id=common_id)

    def close(account: Account, *, reason: str) -> None:
        actions.settle_report(report, actor=request.user, reason=reason)

    return _carry_out(request, common_id, NoteForm(request.POST, code=str(report_id)), close, _("The report is settled."))


def _carry_out(request: Badged, common_id: str, form: ReasonForm, do: Callable[..., object], done: str) -> HttpResponse:
    account = get_object_or_404(Account.objects.select_related("affiliation"), common_id=common_id)
    if not form.is_valid():
        return _again(request, account, Sent(form), status=400)
    try:
        do(account, **form.cleaned_data)
    except Refused as refusal:
        return _again(request, account, Sent(form, refusal.sentence), status=status_of(refusal, request, account))
    messages.success(request, done)
    return redirect(PAGE, account.common_id)


def _again(request: Badged, account: Account, sent: Sent, *, status: int) -> HttpResponse:
    """The page with what was entered, and what is wrong with it."""
    return render(request, "helpdesk/account.html", facts_of(request, account, sent), status=status)
