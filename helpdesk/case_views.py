"""The queue of cases, and what is done with a case as such."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from helpdesk import cases, reading
from helpdesk.case_page import NEW, shown
from helpdesk.denials import account_or_404, looked_after, status_of
from helpdesk.forms import CaseForm, CaseNoteForm, CloseForm
from helpdesk.models import Case, CaseKind
from helpdesk.page import Sent, account_page
from methods.gate import for_staff, works

PER_PAGE = 50
VIEWS = ("mine", "unassigned")


@require_safe
@for_staff(cases.RIGHT)
def listed(request: Badged) -> HttpResponse:
    """Every open case, or with `?mine` one's own, or with `?unassigned` those that nobody has."""
    view = next((name for name in VIEWS if name in request.GET), "")
    mine = request.powers.among(cases.RIGHT, "account__")
    found = cases.queue().filter(mine)
    if view:
        found = found.filter(owner=request.user if view == "mine" else None)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    reading.note(request, [case.account for case in page])
    facts = {"page": page, "view": view, "waiting_cases": cases.waiting(mine)}
    return render(request, "helpdesk/cases.html", facts)


@require_safe
@for_staff(cases.RIGHT)
def one(request: Badged, number: str) -> HttpResponse:
    """A case: on the page of its account while it is open, else by itself."""
    case = _case(request, number)
    return redirect("helpdesk:account", case.account.common_id) if case.account and case.is_open else _alone(request, case)


@works(cases.RIGHT)
def opened(request: Badged, common_id: str) -> HttpResponse:
    """A new case of an account."""
    account = account_or_404(request, cases.RIGHT, common_id)
    form = CaseForm(request.POST, code=NEW)

    def do(text: str) -> None:
        cases.open_case(account, actor=request.user, kind=CaseKind(form.cleaned_data["kind"]), text=text)

    return _carry_out(request, account, None, form, do, _("The case is open, and yours."))


@works(cases.RIGHT)
def taken(request: Badged, number: str) -> HttpResponse:
    """Make a case one's own."""
    case = _case(request, number)
    try:
        cases.take(case, actor=request.user)
    except Refused as refusal:
        return _again(request, case.account, case, Sent(problem=refusal.told), status=_status(refusal, request, case.account))
    messages.success(request, _("The case is yours now."))
    return redirect("helpdesk:account", case.account.common_id) if case.account else redirect("helpdesk:case", case.number)


@works(cases.RIGHT)
def noted(request: Badged, number: str) -> HttpResponse:
    """Write something down in a case."""
    case = _case(request, number)
    form = CaseNoteForm(request.POST, code=f"note-{case.number}")
    do = partial(cases.note, case, actor=request.user)
    return _carry_out(request, case.account, case, form, lambda text: do(text=text), _("The note is written."))


@works(cases.RIGHT)
def closed(request: Badged, number: str) -> HttpResponse:
    """End a case."""
    case = _case(request, number)
    form = CloseForm(request.POST, code=f"close-{case.number}")
    do = partial(cases.close, case, actor=request.user)
    return _carry_out(request, case.account, case, form, lambda text: do(text=text), _("The case is closed."))


def _case(request: Badged, number: str) -> Case:
    """Of an account that this person looks after; what concerns no account is for those whose right holds everywhere."""
    case = get_object_or_404(Case.objects.select_related("account__affiliation", "owner", "closed_by"), number=number.replace("-", ""))
    if case.account is not None:
        looked_after(request, cases.RIGHT, case.account)
    elif not request.powers.is_everywhere(cases.RIGHT):
        raise Http404
    return case


def _carry_out(
    request: Badged, account: Account | None, case: Case | None, form: ReasonForm, do: Callable[[str], None], done: str
) -> HttpResponse:
    if not form.is_valid():
        return _again(request, account, case, Sent(form), status=400)
    try:
        do(form.cleaned_data["reason"])
    except Refused as refusal:
        return _again(request, account, case, Sent(form, refusal.told), status=_status(refusal, request, account))
    messages.success(request, done)
    return redirect("helpdesk:account", account.common_id) if account else redirect("helpdesk:case", case.number if case else "")


def _status(refusal: Refused, request: Badged, account: Account | None) -> int:
    return status_of(refusal, request, account) if account else 409


def _again(request: Badged, account: Account | None, case: Case | None, sent: Sent, *, status: int) -> HttpResponse:
    if account is not None:
        return account_page(request, account, sent, status=status)
    assert case is not None  # noqa: S101  a case of nobody, or an account
    return _alone(request, case, sent, status=status)


def _alone(request: Badged, case: Case, sent: Sent | None = None, *, status: int = 200) -> HttpResponse:
    [one] = shown(request, [case], sent.form if sent else None)
    if case.account is not None and sent is None:
        with cases.within(case):
            record(EventName.ACCOUNT_VIEWED, account=case.account, actor=request.user)
    return render(request, "helpdesk/case.html", {"one": one, "problem": sent.problem if sent else ""}, status=status)
