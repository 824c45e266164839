"""Finding an account, and what staff see of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import reading
from helpdesk.denials import account_or_404
from helpdesk.finding import SEARCH, Found, find, worked_on
from helpdesk.forms import SearchForm
from helpdesk.page import READ, account_page, accounts
from helpdesk.report_views import my_reports
from helpdesk.searching import submitted, typed
from methods.gate import for_staff
from methods.unknown_requests import open_reports, with_open_reports

FOUND_AT_MOST, SUGGESTED_AT_MOST = 25, 8
RECENT_VIEWS, RECENT_ACCOUNTS, RECENT_CASES = 60, 8, 8
TOO_MANY = 429


@require_safe
@for_staff(SEARCH)
def search(request: Badged) -> HttpResponse:
    """One field; what was searched for is recorded (R-170). Without words: the accounts looked at last, and one's own cases."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    facts: dict[str, Any] = {"form": form, "text": text, "most": FOUND_AT_MOST}
    if text:
        facts["found"] = found = find(text, most=FOUND_AT_MOST, among=with_open_reports(my_reports(request)), own=request.powers)
        facts["open_reports"] = _open_reports(found.accounts)
        try:
            submitted(text, len(found.accounts), actor=request.user)
        except Refused as refusal:
            return render(request, "helpdesk/search.html", {"form": form, "text": text, "problem": refusal.told}, status=TOO_MANY)
    elif not form.errors:
        facts["recent"] = recent = _looked_at_last(request)
        facts["mine"] = worked_on(request.user, most=RECENT_CASES, own=request.powers)
        reading.note(request, [*recent, *(case.account for case in facts["mine"])])
        facts["open_reports"] = _open_reports(recent) if recent else open_reports(my_reports(request))
    return render(request, "helpdesk/search.html", facts)


@require_safe
@for_staff(SEARCH)
def suggest(request: Badged) -> HttpResponse:
    """The part of the page that is shown while somebody types; recorded when it has settled."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = Found([], frozenset(), None, None)
    if text:
        found = find(text, most=SUGGESTED_AT_MOST, among=Account.objects.all(), own=request.powers)
    facts = {"found": found, "text": text, "most": SUGGESTED_AT_MOST}
    try:
        if text:
            typed(text, len(found.accounts), actor=request.user)
    except Refused as refusal:
        return render(request, "helpdesk/suggestions.html", {"problem": refusal.told}, status=TOO_MANY)
    return render(request, "helpdesk/suggestions.html", facts)


def _open_reports(accounts: list[Account]) -> int | None:
    """The number that came with the accounts; one query is saved on the pages that are opened all day."""
    return vars(accounts[0])["open_reports"] if accounts else None


def _looked_at_last(request: Badged) -> list[Account]:
    views = Event.objects.filter(actor_id=request.user.pk, name=EventName.ACCOUNT_VIEWED).order_by("-pk")
    last = list(dict.fromkeys(views.values_list("account_id", flat=True)[:RECENT_VIEWS]))[:RECENT_ACCOUNTS]
    mine = with_open_reports(my_reports(request)).filter(request.powers.among(SEARCH))
    accounts = mine.select_related("affiliation").in_bulk([pk for pk in last if pk is not None])
    return [accounts[pk] for pk in last if pk in accounts]


@require_safe
@for_staff("account:view")
def account(request: Badged, common_id: str) -> HttpResponse:
    """Where the account stands, what to say, what can be done."""
    return account_page(request, account_or_404(request, READ, common_id, among=accounts()))
