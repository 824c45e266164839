"""The report of method changes, on screen, on paper and as files; and the list of what was taken along."""

import csv
import hashlib
import io
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from accounts.badge import Badged
from audit.catalogue import EventName
from audit.filters import YEARS, EventFilter
from audit.masking import masked
from audit.record import record
from audit.seals import exporting
from audit.search import matching_ids
from audit.spreadsheets import defused
from methods.gate import for_staff
from review import exports
from review.findings import RIGHT, open_findings
from review.models import Export
from review.month import BY, Line, Month, MonthReport, bars

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 50
Table = tuple[str, list[str], list[list[Any]]]


class MonthForm(forms.Form):
    """Which month, like 2026-04."""

    month = forms.RegexField(r"\A\d{4}-(0[1-9]|1[0-2])\Z", required=False)

    def chosen(self) -> Month:
        """The month that was asked for, else the last whole one."""
        text = self.cleaned_data.get("month") if self.is_valid() else ""
        if text and int(text[:4]) in YEARS:
            return Month(int(text[:4]), int(text[5:]))
        last: date = timezone.localdate().replace(day=1) - timedelta(days=1)
        return Month(last.year, last.month)


@require_safe
@for_staff(RIGHT)
def report(request: Badged) -> HttpResponse:
    """Charts with their tables; reading it is recorded."""
    month = MonthForm(request.GET).chosen()
    found = MonthReport(month)
    record(EventName.EVENTS_READ, actor=request.user, after={"path": request.path, "month": str(month)})
    parts = [(found.by_change(), _("What was changed"), True), (found.by_kind(), _("Kinds of method"), False)]
    parts.append((found.by_affiliation(), _("Affiliations"), False))
    sections = [
        {"title": title, "bars": bars(lines), "columns": _columns(title, earlier=earlier), "rows": _rows(lines, earlier=earlier)}
        for lines, title, earlier in parts
    ]
    this = Month(timezone.localdate().year, timezone.localdate().month)
    later = month.next if month.first < this.first else None
    facts = {"month": month, "report": found, "sections": sections, "later": later, "open_findings": open_findings()}
    return render(request, "review/report.html", facts)


def _columns(title: str, *, earlier: bool) -> list[str]:
    return [title, *map(str, BY.values()), _("In all"), *([_("Month before")] if earlier else [])]


def _rows(lines: Iterable[Line], *, earlier: bool) -> list[list[Any]]:
    return [[line.label, *line.figures, line.total, *([line.before] if earlier else [])] for line in lines]


def _tables(month: Month) -> list[Table]:
    found = MonthReport(month)
    parts = [(_("What was changed"), found.by_change(), True), (_("Kinds of method"), found.by_kind(), False)]
    parts.append((_("Affiliations"), found.by_affiliation(), False))
    return [(title, _columns(title, earlier=earlier), _rows(lines, earlier=earlier)) for title, lines, earlier in parts]


@require_safe
@for_staff(RIGHT)
def report_file(request: Badged, form: str) -> HttpResponse:
    """The same figures for a spreadsheet: signed, listed, an event."""
    if form not in FILES:
        raise Http404
    month = MonthForm(request.GET).chosen()
    name = f"method-changes-{month}.{form}"
    export = exports.begin(name, {"month": str(month)}, actor=request.user)
    kind, make = FILES[form]
    content, rows = make(_tables(month))
    exports.finish(export, hashlib.sha256(content).hexdigest(), rows=rows)
    return HttpResponse(content, content_type=kind, headers=_attached(name))


def _as_csv(tables: list[Table]) -> tuple[bytes, int]:
    text = io.StringIO()
    writer = csv.writer(text)
    for _title, columns, rows in tables:
        writer.writerow(map(_cell, columns))
        writer.writerows(map(_cell, row) for row in rows)
        writer.writerow([])
    return ("\ufeff" + text.getvalue()).encode(), sum(len(rows) for _title, _columns, rows in tables)


def _as_xlsx(tables: list[Table]) -> tuple[bytes, int]:
    book, out = Workbook(write_only=True), io.BytesIO()
    for title, columns, rows in tables:
        sheet = book.create_sheet(title[:31])
        sheet.append([_cell(column) for column in columns])
        for row in rows:
            sheet.append([_cell(cell) for cell in row])
    book.save(out)
    return out.getvalue(), sum(len(rows) for _title, _columns, rows in tables)


FILES = {"csv": ("text/csv; charset=utf-8", _as_csv), "xlsx": (XLSX, _as_xlsx)}


def _cell(value: Any) -> Any:
    return defused(value) if isinstance(value, str) else value


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


@require_safe
@for_staff(RIGHT)
def events_file(request: Badged) -> HttpResponse:
    """The events that a filter of the explorer finds, telephone numbers masked, row by row as they are read; for as many as there are."""
    form = EventFilter(request.GET)
    if not form.is_valid():
        return render(request, "audit/events.html", {"form": form}, status=400)
    export = exports.begin("events.csv", form.facts(), actor=request.user)
    pieces: Iterator[bytes] = exports.passing(export, exporting.table(matching_ids(form.wanted()), masked))
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=_attached("events.csv"))
    return cast("HttpResponse", answer)  # the gate passes on whatever answers


@require_safe
@for_staff(RIGHT)
def listed(request: Badged) -> HttpResponse:
    """Who took what along, the newest first."""
    record(EventName.EVENTS_READ, actor=request.user, after={"path": request.path})
    page = Paginator(Export.objects.select_related("by").order_by("-at"), SHOWN).get_page(request.GET.get("page"))
    return render(request, "review/exports.html", {"page": page})


@require_safe
@for_staff(RIGHT)
def signature(request: Badged, export_id: uuid.UUID) -> HttpResponse:
    """What vouches for a file: its digest, signed with the key of the seals."""
    export = get_object_or_404(Export.objects.exclude(digest=""), pk=export_id)
    record(EventName.EVENTS_READ, actor=request.user, after={"export": str(export_id)})
    said = {"file": export.name, "sha256": export.digest, "key": export.key, "signature": export.signature, "signed": "mfaadmin export 1"}
    return JsonResponse(said, headers=_attached(f"{export.name}.signature.json"))
