"""Lists of people, on screen and to take along; each reading is recorded."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator
from typing import cast

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.models import Account, Affiliation
from audit.catalogue import EventName
from audit.record import record
from audit.spreadsheets import defused
from campaigns.lists import never_applied as who_never_applied
from campaigns.lists import unfinished
from campaigns.models import Campaign, CampaignState
from policies.pages.gate import reads

SHOWN = 50


class FacultyForm(forms.Form):
    """One affiliation, or all."""

    affiliation = forms.ModelChoiceField(
        label=_("Affiliation"), queryset=Affiliation.objects.all(), to_field_name="code", required=False, empty_label=_("All")
    )

    def code(self) -> str:
        """The code that was chosen; of nothing, or of what there is not, all."""
        found = self.cleaned_data.get("affiliation") if self.is_valid() else None
        return str(found.code) if found else ""


@reads
def never_applied(request: Badged) -> HttpResponse:
    """Registered, but never applied (S-16)."""
    form = FacultyForm(request.GET, label_suffix="")
    people = who_never_applied(form.code())
    page = Paginator(people, SHOWN).get_page(request.GET.get("page"))
    record(EventName.CAMPAIGN_LISTED, actor=request.user, after={"found": page.paginator.count, "affiliation": form.code()})
    return render(request, "campaigns/never_applied.html", {"form": form, "page": page, "affiliation": form.code()})


@reads
def never_applied_file(request: Badged) -> HttpResponse:
    """The whole list for a spreadsheet."""
    form = FacultyForm(request.GET)
    people = who_never_applied(form.code())
    record(EventName.CAMPAIGN_LISTED, actor=request.user, after={"found": people.count(), "affiliation": form.code(), "format": "csv"})
    columns = ["common_id", "name_en", "name_ja", "affiliation", "methods", "registered_on", "last_sign_in"]
    return _file("registered-never-applied", columns, (_row(one) for one in people.iterator(chunk_size=2000)))


def _row(one: Account) -> list[str]:
    since, tried = getattr(one, "since"), getattr(one, "tried")  # noqa: B009  of the annotation
    return [*_who(one), str(getattr(one, "methods")), f"{localtime(since):%Y-%m-%d}", f"{localtime(tried):%Y-%m-%d}" if tried else ""]  # noqa: B009


def _who(one: Account) -> list[str]:
    return [one.common_id, one.name_en, one.name_ja, one.affiliation.code if one.affiliation else ""]


@reads
def unfinished_file(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Who has not finished a campaign, and what is next for each."""
    found = get_object_or_404(Campaign.objects.exclude(state=CampaignState.DRAFT), uid=uid)
    record(EventName.CAMPAIGN_LISTED, actor=request.user, after={"campaign": found.name_en, "format": "csv"})
    columns = ["common_id", "name_en", "name_ja", "affiliation", "state", "next", "last_mail", "put_off"]
    rows = (
        [
            *_who(member.account),
            standing.state.value,
            str(standing.action.label) if standing.action else "",
            f"{localtime(member.mailed_at):%Y-%m-%d}" if member.mailed_at else "",
            str(member.snoozed),
        ]
        for member, standing in unfinished(found)
    )
    return _file("campaign-unfinished", columns, rows)


def _file(name: str, columns: list[str], rows: Iterable[list[str]]) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    answer = StreamingHttpResponse(_lines(columns, rows), content_type="text/csv; charset=utf-8", headers=headers)
    return cast("HttpResponse", answer)  # the gate passes on whatever answers


def _lines(columns: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "\ufeff" + _line(columns)
    for row in rows:
        yield _line([defused(cell) for cell in row])


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
