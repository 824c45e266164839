"""Outages: what is prepared, what is asked for or on, and reports of those that are over."""

import uuid
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from accounts.reasons import ReasonField
from audit.catalogue import EventName
from audit.record import record
from methods.gate import acts
from methods.stepup import has_fresh_proof
from policies.current import current_book
from policies.drafting import RIGHT
from policies.models import Outage
from policies.models.outages import OutageState
from policies.outage_report import people, used
from policies.outages import agree, ask_for, end, open_outage
from policies.pages.doing import done
from policies.pages.gate import reads
from policies.pages.showing import names
from policies.pages.tables import table_answer
from policies.rulebook.contingency import Contingency, contingency_from_json
from policies.rulebook.contingency_words import out_words
from policies.rulebook.words import who_words
from policies.two_people import is_alone

PAGE = "policies:outages"
SHOWN = 50


class AskForm(forms.Form):
    """For how long, and why."""

    reason = ReasonField()

    def __init__(self, data: Any = None, *, prepared: Contingency) -> None:
        super().__init__(data, label_suffix="", auto_id=f"id_{prepared.id}_%s", initial={"hours": min(2, prepared.hours)})
        help_text = _("At most %(hours)s. It ends by itself.") % {"hours": prepared.hours}
        hours = forms.IntegerField(label=_("For how many hours"), min_value=1, max_value=prepared.hours, help_text=help_text)
        self.fields = {"hours": hours, **self.fields}


@reads
def outages(request: Badged) -> HttpResponse:
    """The prepared ones, the open one, and the last ones."""
    return _page(request)


def _page(request: Badged, *, problem: str = "", status: int = 200, bound: dict[str, AskForm] | None = None) -> HttpResponse:
    book, known, row = current_book(), names(), open_outage()
    own = row is not None and row.asked_by_id == request.user.pk
    prepared = [
        {
            "one": one,
            "who": who_words(one, book, known),
            "out": out_words(one.out),
            "form": (bound or {}).get(one.id) or AskForm(prepared=one),
        }
        for one in book.contingencies
    ]
    past = Outage.objects.filter(state=OutageState.OVER).exclude(began_at=None).order_by("-pk")[:SHOWN]
    facts = {
        "prepared": prepared,
        "open": _shown(row) if row else None,
        "own": own,
        "alone": own and is_alone(request.user, RIGHT),
        "past": [_shown(one) for one in past],
        "fresh": has_fresh_proof(request),
        "problem": problem,
    }
    return render(request, "policies/outages.html", facts, status=status)


def _shown(row: Outage) -> dict[str, Any]:
    agreed = contingency_from_json(row.content)
    return {"row": row, "name": str(agreed), "out": out_words(agreed.out), "who": who_words(agreed, current_book(), names())}


@acts(RIGHT, page=PAGE)
def ask(request: Badged, contingency: str) -> HttpResponse:
    """Ask for what is prepared."""
    prepared = next((one for one in current_book().contingencies if one.id == contingency), None)
    if prepared is None:
        raise Http404
    form = AskForm(request.POST, prepared=prepared)
    if not form.is_valid():
        return _page(request, status=400, bound={prepared.id: form})
    verb = partial(ask_for, contingency, hours=form.cleaned_data["hours"], actor=request.user, reason=form.cleaned_data["reason"])
    return done(request, verb, _page, said=_("It is asked for. Somebody else has to agree within two hours."), to=PAGE)


@acts(RIGHT, page=PAGE)
def agreed(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Agree to what somebody else has asked for."""
    return done(request, partial(agree, uid, actor=request.user), _page, said=_("From now on what does not work is asked last."), to=PAGE)


@acts(RIGHT, page=PAGE)
def ended(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """The usual order again, or take back what was asked for."""
    return done(request, partial(end, uid, actor=request.user), _page, said=_("The usual order counts again."), to=PAGE)


@reads
def report(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Who signed in meanwhile, with what."""
    row = get_object_or_404(Outage.objects.select_related("asked_by", "agreed_by", "ended_by").exclude(began_at=None), uid=uid)
    return render(request, "policies/outage.html", _shown(row) | {"rows": used(row)})


@reads
def report_list(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """The same for a spreadsheet, sign-in by sign-in; who took it is recorded."""
    row = get_object_or_404(Outage.objects.exclude(began_at=None), uid=uid)
    if request.method == "HEAD":
        raise Http404
    record(EventName.OUTAGE_REPORTED, actor=request.user, after={"name": row.content["name_en"]})
    return table_answer("outage", ["at", "common_id", "name_en", "affiliation", "verified_with"], people(row))
