"""Requests, and things done, that people reported as not their own: where they came from, and what came of it (S-127, S-143)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.browsers import recognised
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import NO_POWERS, Powers, powers_of
from audit.terms import value_words
from helpdesk import reading
from helpdesk.actions import settle_report
from helpdesk.denials import looked_after, status_of
from helpdesk.forms import NoteForm
from helpdesk.offers import why_not
from methods.gate import acts, for_staff
from methods.models import Report
from methods.stepup import has_fresh_proof
from methods.unknown_requests import open_reports, reports
from policies.current import book_along, current_book
from policies.networks import is_campus
from policies.rulebook.content import Book

PAGE, RIGHT = "helpdesk:reports", "report:settle"
SHOWN, OF_ACCOUNT = 50, 5
NETWORKS = {True: gettext_lazy("a campus network"), False: gettext_lazy("outside the campus")}


@dataclass(frozen=True)
class Row:
    """One report as the pages show it; `obstacle` says why this person may not settle it."""

    report: Report
    asked_for: str
    what: str
    network: str | Promise
    browser: str | Promise
    obstacle: str
    form: ReasonForm

    @property
    def address(self) -> str:
        """The network address the request came from."""
        return str(self.report.facts.get("asked_from", ""))


def row(request: Badged, report: Report, theirs: Powers, book: Book, sent: ReasonForm | None = None) -> Row:
    """A report for this member of staff; `sent` is the form that has to be corrected."""
    facts, code = report.facts, str(report.pk)
    return Row(
        report,
        asked_for=value_words("purpose", facts.get("purpose")),
        what=value_words("what", facts.get("what")),
        network=NETWORKS[is_campus(facts.get("asked_from"), book)],
        browser=recognised(facts.get("browser", "")).name,
        obstacle="" if report.settled_at else why_not(RIGHT, report.account, request.user, request.powers, theirs),
        form=sent if sent and sent.code == code else NoteForm(code=code),
    )


def reports_of(request: Badged, account: Account, theirs: Powers, sent: ReasonForm | None) -> list[Row]:
    """Those of one account for its page, the open ones first."""
    mine = (
        Report.objects.filter(account=account).select_related("settled_by").order_by(F("settled_at").desc(nulls_first=True), "-reported_at")
    )
    found = list(mine[:OF_ACCOUNT])
    for report in found:
        report.account = account
    book = book_along(account)
    return [row(request, report, theirs, book, sent) for report in found]


def my_reports(request: Badged) -> Q:
    """The reports that this person may look into."""
    return request.powers.among(RIGHT, "account__")


@require_safe
@for_staff(RIGHT)
def listed(request: Badged) -> HttpResponse:
    """Those that are open, or with `?settled` those that are settled; the newest first."""
    return _page(request, settled="settled" in request.GET)


@acts(RIGHT, page=PAGE)
def settled(request: Badged, report_id: uuid.UUID) -> HttpResponse:
    """Close a report from the list."""
    report = get_object_or_404(Report.objects.select_related("account"), pk=report_id)
    looked_after(request, RIGHT, report.account)
    form = NoteForm(request.POST, code=str(report_id))
    if not form.is_valid():
        return _page(request, sent=form, status=400)
    try:
        settle_report(report, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _page(request, problem=refusal.told, status=status_of(refusal, request, report.account))
    messages.success(request, _("The report is settled."))
    return redirect(PAGE)


def _page(request: Badged, *, settled: bool = False, sent: ReasonForm | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    mine = my_reports(request)
    found = list(reports(settled=settled).filter(mine).select_related("account__affiliation", "settled_by")[:SHOWN])
    reading.note(request, [report.account for report in found])
    facts = {
        "rows": _rows(request, found, sent),
        "settled": settled,
        "open_reports": open_reports(mine) if settled or len(found) == SHOWN else len(found),
        "most": SHOWN,
        "fresh": has_fresh_proof(request),
        "problem": problem,
    }
    return render(request, "helpdesk/reports.html", facts, status=status)


def _rows(request: Badged, found: Sequence[Report], sent: ReasonForm | None) -> list[Row]:
    theirs = powers_of([report.account for report in found if report.settled_at is None])
    shown = partial(row, request, book=current_book(), sent=sent)
    return [shown(report, theirs.get(report.account_id, NO_POWERS)) for report in found]
