"""The pages of work on a list: making one, looking at it, deciding, following it, and taking the result along."""

import csv
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from audit.spreadsheets import defused
from helpdesk import bulk, reading
from helpdesk.denials import status_of
from helpdesk.models import BulkJob, BulkRow, JobState, RowState
from helpdesk.risks import RISKS, in_words
from methods.gate import View, acts, for_staff
from methods.stepup import has_fresh_proof

PAGE, LISTED, AT_ONCE = "helpdesk:bulk-job", "helpdesk:bulk", 50
LONGEST = 200_000  # characters
STATES = {
    RowState.READY: ("neutral", gettext_lazy("to be done")),
    RowState.EXCLUDED: ("warning", gettext_lazy("left out")),
    RowState.WAITING: ("info", gettext_lazy("told, waiting")),
    RowState.DONE: ("success", gettext_lazy("done")),
    RowState.FAILED: ("danger", gettext_lazy("not done")),
}
JOB_STATES = {
    JobState.PREVIEW: gettext_lazy("Preview"),
    JobState.REQUESTED: gettext_lazy("Waiting for a second person"),
    JobState.RUNNING: gettext_lazy("At work"),
    JobState.STOPPED: gettext_lazy("Stopped"),
    JobState.DONE: gettext_lazy("Done"),
    JobState.REFUSED: gettext_lazy("Refused"),
}
OVER = gettext_lazy("Not decided in time")
SAID = {
    "ask": gettext_lazy("Somebody else has to approve the list within a day."),
    "approve": gettext_lazy("Approved. The work begins within seconds."),
    "refuse": gettext_lazy("The list is closed. Nothing changes."),
    "stop": gettext_lazy("Stopped. What waited for its time does not happen."),
    "resume": gettext_lazy("The work goes on with what is left."),
}


class ListForm(ReasonForm):
    """What, on whom, and why."""

    action = forms.ChoiceField(label=gettext_lazy("Action"), choices=[(code, RISKS[code].label) for code in bulk.BULK])
    text = forms.CharField(
        label=gettext_lazy("Common IDs, one a line"),
        help_text=gettext_lazy("Paste them, or the lines of a CSV file whose first column they are."),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Enter at least one Common ID.")},
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        self.order_fields(["action", "text", "reason"])


@require_safe
@for_staff(bulk.ASK)
def listed(request: Badged) -> HttpResponse:
    """Every list that this person may see, the newest first."""
    return _list(request)


@acts(bulk.ASK, page=LISTED)
def new(request: Badged) -> HttpResponse:
    """A list, judged and shown before anybody asks for anything."""
    form = ListForm(request.POST, code="bulk")
    if not form.is_valid():
        return _list(request, form, status=400)
    found = form.cleaned_data
    try:
        job = bulk.prepare(found["action"], found["text"], actor=request.user, reason=found["reason"])
    except Refused as refusal:
        return _list(request, form, problem=refusal.told, status=status_of(refusal, request, request.user))
    return redirect(PAGE, job.pk)


def _list(request: Badged, form: ListForm | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
    page = Paginator(_visible(request).order_by("-made_at"), AT_ONCE).get_page(request.GET.get("page"))
    rows = [(job, RISKS[job.action].label, _state(job)) for job in page]
    facts = {"page": page, "rows": rows, "form": form or ListForm(code="bulk"), "fresh": has_fresh_proof(request), "problem": problem}
    return render(request, "helpdesk/bulk.html", facts, status=status)


@require_safe
@for_staff(bulk.ASK)
def one(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """One list with its rows."""
    return _one(request, _job(request, uid))


@require_safe
@for_staff(bulk.ASK)
def progress(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """The part of the page that moves."""
    return render(request, "helpdesk/bulk_progress.html", _standing(request, _job(request, uid)))


@require_safe
@for_staff(bulk.ASK)
def rows_csv(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """What came of each line."""
    job = _job(request, uid)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="list-{str(job.pk)[:8]}.csv"'
    writer = csv.writer(response)
    writer.writerow([_("Line"), _("Common ID"), _("Name"), _("Result"), _("Reason"), _("At")])
    rows = list(_rows(request, job))
    reading.note(request, (row.account for row in rows))
    for row in rows:
        name = row.account.get_full_name() if row.account else ""
        at = row.done_at.isoformat(timespec="seconds") if row.done_at else ""
        writer.writerow([row.line, *map(defused, (row.typed, name, str(STATES[RowState(row.state)][1]), _why(row), at))])
    return response


def step(name: str, right: str) -> View[[uuid.UUID]]:
    """The form of one step of a list."""
    verb: Callable[..., None] = getattr(bulk, name)

    @acts(right, page=LISTED)
    def view(request: Badged, uid: uuid.UUID) -> HttpResponse:
        job = _job(request, uid)
        try:
            verb(job, actor=request.user)
        except Refused as refusal:
            return _one(request, job, problem=refusal.told, status=status_of(refusal, request, request.user))
        messages.success(request, str(SAID[name]))
        return redirect(PAGE, job.pk)

    return view


def _visible(request: Badged) -> QuerySet[BulkJob]:
    """One's own; those of others where one's right holds everywhere."""
    everywhere = request.powers.is_everywhere(bulk.ASK)
    mine = Q() if everywhere else Q(made_by=request.user)
    return BulkJob.objects.filter(mine).exclude(~Q(made_by=request.user), state=JobState.PREVIEW).select_related("made_by", "decided_by")


def _job(request: Badged, uid: uuid.UUID) -> BulkJob:
    job = _visible(request).filter(pk=uid).first()
    if job is None:
        raise Http404
    return job


def _rows(request: Badged, job: BulkJob) -> QuerySet[BulkRow]:
    """The lines that this person may see: whoever made the list may have been limited to an affiliation since."""
    rows = job.rows.select_related("account__affiliation").order_by("line")
    if request.powers.is_everywhere(bulk.ASK):
        return rows
    return rows.filter(Q(account=None) | request.powers.among(bulk.ASK, "account__"))


def _one(request: Badged, job: BulkJob, *, problem: str = "", status: int = 200) -> HttpResponse:
    job.refresh_from_db()
    rows = _rows(request, job)
    shown = request.GET.get("state", "")
    page = Paginator(rows.filter(state=shown) if shown in RowState.values else rows, AT_ONCE).get_page(request.GET.get("page"))
    table = [(row, *STATES[RowState(row.state)], _why(row)) for row in page]
    reading.note(request, (row.account for row in page))
    return render(
        request, "helpdesk/bulk_job.html", _standing(request, job) | {"page": page, "table": table, "problem": problem}, status=status
    )


def _standing(request: Badged, job: BulkJob) -> dict[str, Any]:
    mine = job.made_by_id == request.user.pk
    is_open = job.expires_at > timezone.now()
    may_decide = is_open and job.state == JobState.REQUESTED and not mine and bulk.APPROVE in request.powers.rights
    found = bulk.counts(job)
    return {
        "job": job,
        "label": RISKS[job.action].label,
        "state": _state(job),
        "counts": found,
        "elsewhere": 0 if request.powers.is_everywhere(bulk.ASK) else found.total - _rows(request, job).count(),
        "waits": in_words(bulk.due_after(job)) if bulk.due_after(job) else "",
        "at_work": job.state == JobState.RUNNING,
        "may_ask": mine and is_open and job.state == JobState.PREVIEW and found.ready > 0,
        "may_approve": may_decide and request.powers.is_everywhere(bulk.APPROVE),
        "may_refuse": may_decide or (mine and job.state in {JobState.PREVIEW, JobState.REQUESTED}),
        "may_stop": job.state == JobState.RUNNING,
        "may_resume": job.state == JobState.STOPPED
        and request.user.pk in {job.made_by_id, job.decided_by_id}
        and not bulk.is_outdated(job),
        "fresh": has_fresh_proof(request),
    }


def _state(job: BulkJob) -> Promise:
    is_over = job.state in {JobState.PREVIEW, JobState.REQUESTED} and job.expires_at <= timezone.now()
    return OVER if is_over else JOB_STATES[JobState(job.state)]


def _why(row: BulkRow) -> str:
    return Refused(row.why).sentence if row.why else ""
