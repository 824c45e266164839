"""The forms on an account's page, one address for each."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from helpdesk import actions
from helpdesk.denials import account_or_404, status_of
from helpdesk.forms import NoteForm, form_of
from helpdesk.page import Sent, account_page
from helpdesk.report_views import RIGHT
from helpdesk.risks import RISKS
from methods.gate import View, acts
from methods.models import Report

PAGE = "helpdesk:account"
DONE: dict[str, Promise] = {
    "unlock": gettext_lazy("The account is unlocked."),
    "lock": gettext_lazy("The account is locked."),
    "end-session": gettext_lazy("The session has ended."),
    "end-sessions": gettext_lazy("Every session has ended."),
    "suspend-method": gettext_lazy("The device is suspended. It verifies nothing until it is brought back."),
    "restore-method": gettext_lazy("The device can be used for signing in again."),
    "remove-method": gettext_lazy("The method is removed."),
    "issue-pass": gettext_lazy("A Temporary Access Pass is on its way to the recovery address. It is valid for an hour, and once."),
    "mail-guide": gettext_lazy("The guide is on its way."),
    "end-exception": gettext_lazy("The exception is ended. MFA use returns: the page of the account shows how far it is."),
    "request-termination": gettext_lazy("The termination is requested. Somebody else has to approve it within a day."),
}
WAITS = gettext_lazy("Somebody else has to approve this within a day. The person has been told, and can stop it.")


def on_account(action: str) -> View[[str]]:
    """The form of an action on an account."""

    @acts(RISKS[action].right, page=PAGE)
    def view(request: Badged, common_id: str) -> HttpResponse:
        return _act(request, common_id, action)

    return view


def on_one(action: str, what: str) -> View[[str, uuid.UUID]]:
    """The form of an action on one method or session of an account."""

    @acts(RISKS[action].right, page=PAGE)
    def view(request: Badged, common_id: str, one: uuid.UUID) -> HttpResponse:
        return _act(request, common_id, action, str(one), **{what: str(one)})

    return view


@acts(RIGHT, page=PAGE)
def settle_report(request: Badged, common_id: str, report_id: uuid.UUID) -> HttpResponse:
    """Close a report from the page of its account."""
    account = account_or_404(request, RIGHT, common_id)
    report, form = get_object_or_404(Report, pk=report_id, account=account), NoteForm(request.POST, code=str(report_id))
    if not form.is_valid():
        return _again(request, account, Sent(form), status=400)
    try:
        actions.settle_report(report, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _again(request, account, Sent(form, refusal.told), status=status_of(refusal, request, account))
    messages.success(request, _("The report is settled."))
    return redirect(PAGE, common_id)


def _act(request: Badged, common_id: str, action: str, code: str = "", **facts: str) -> HttpResponse:
    account = account_or_404(request, RISKS[action].right, common_id)
    form = form_of(action, request.powers)(request.POST, code=code or action)
    if not form.is_valid():
        return _again(request, account, Sent(form), status=400)
    try:
        waits = actions.act(action, account, actor=request.user, **form.cleaned_data, **facts)
    except Refused as refusal:
        return _again(request, account, Sent(form, refusal.told), status=status_of(refusal, request, account))
    messages.success(request, str(WAITS if waits else DONE[action]))
    return redirect(PAGE, account.common_id)


def _again(request: HttpRequest, account: Account, sent: Sent, *, status: int) -> HttpResponse:
    """The page with what was entered, and what is wrong with it."""
    badged: Badged = request  # type: ignore[assignment]
    return account_page(badged, account, sent, status=status)
