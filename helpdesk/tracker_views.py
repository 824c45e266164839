"""The part of an account's page that follows a change of MFA use: as the holder sees it, with attempts and last answers (S-91)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from helpdesk import velocity
from helpdesk.denials import account_or_404, status_of
from helpdesk.page import READ, accounts
from methods.gate import for_staff
from policies.progress import progress
from policies.standing import use_of


@require_safe
@for_staff(READ)
def tracker(request: Badged, common_id: str) -> HttpResponse:
    """Fetched anew by the page; to whoever has not looked at that page it is a look like any other (R-165, R-170)."""
    account = account_or_404(request, READ, common_id, among=accounts())
    application = use_of(account).application
    if application is None:
        raise Http404
    try:
        is_new = velocity.count(request.user, velocity.VIEW, different=account)
    except Refused as refusal:
        return HttpResponse(status=status_of(refusal, request, account))
    if is_new:
        record(EventName.ACCOUNT_VIEWED, account=account, actor=request.user)
    return render(request, "helpdesk/tracker.html", {"progress": progress(application)})
