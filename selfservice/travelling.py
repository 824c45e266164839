"""The travel plan: where and when, what works there, and what to know of the country (S-134 to S-136)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.badge import Badged
from accounts.refusals import Refused
from methods import travel
from methods.abroad import Prospective, Reach, prospects
from methods.countries import CODES, country_name, every_country
from methods.options import Option
from methods.stepup import needs_fresh_proof
from methods.usable import usable
from selfservice.guide_links import Links
from selfservice.models import CountryNote, Topic

AS_IT_IS = "as-it-is"


class JourneyForm(forms.Form):
    """Where, when, and what to be asked with."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    leaves_on = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    returns_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    option = forms.ChoiceField(label=gettext_lazy("What do you want to sign in with?"), widget=forms.RadioSelect, label_suffix="")

    def __init__(self, data: Any = None, *, offered: Sequence[Option], country: str = "") -> None:
        super().__init__(data, label_suffix="")
        self.offered: dict[str, Option | None] = {f"{one.method.pk}.{one.way.code}": one for one in offered}
        self.offered[AS_IT_IS] = None
        self._choices("option", [(value, one.label if one else _("Leave it as it is")) for value, one in self.offered.items()])
        self._choices("country", [("", _("Choose a country")), *every_country()])
        self.fields["returns_on"].help_text = _("Both days included, by the calendar here (time zone %(zone)s).") % {
            "zone": settings.TIME_ZONE
        }
        self.initial = {"option": next(iter(self.offered)), "country": country}

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def days(self) -> travel.Days:
        """From when to when."""
        return travel.Days(self.cleaned_data["leaves_on"], self.cleaned_data["returns_on"])


class WhereForm(forms.Form):
    """A country to look at before anything is planned."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)

    def __init__(self, country: str) -> None:
        super().__init__(initial={"country": country}, auto_id="where_%s", label_suffix="")
        field: Any = self.fields["country"]
        field.choices = [("", _("Choose a country")), *every_country()]


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def travelling(request: Badged) -> HttpResponse:
    """Checklist, form, what works in the country, and notes on countries."""
    asked = request.GET.get("country", "")
    form = JourneyForm(request.POST or None, offered=travel.works_abroad(request.user), country=asked if asked in CODES else "")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            travel.plan(request.user, form.offered[given["option"]], country=given["country"], days=form.days, actor=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.told)
        else:
            messages.success(
                request, _("Noted. You are reminded three days before, and everything goes back by itself after the last day.")
            )
            return redirect("selfservice:travel")
    return render(request, "selfservice/travel.html", _facts(request, form))


def _facts(request: Badged, form: JourneyForm) -> dict[str, Any]:
    journey = travel.journey_of(request.user)
    chosen = (form.data.get("country") if form.is_bound else form.initial["country"]) or (journey.country if journey else "")
    country = chosen if chosen in CODES else ""
    notes = list(CountryNote.objects.filter(shown=True))
    return {
        "form": form,
        "offline": len(form.offered) > 1,
        "journey": journey,
        "still_chosen": travel.still_chosen(request.user, journey) if journey else None,
        "journey_country": country_name(journey.country) if journey and journey.country else "",
        "where": WhereForm(country),
        "country": country_name(country) if country else "",
        "prospects": _prospects(request, country, notes),
        "notes": [one for one in notes if one.code == country] if country and any(one.code == country for one in notes) else notes,
        "links": Links().of([Topic.TRAVEL]),
    }


def _prospects(request: Badged, country: str, notes: Sequence[CountryNote]) -> list[Prospective]:
    known = next((one for one in notes if country and one.code == country), None)
    reach = {"text": Reach(known.texts), "call": Reach(known.calls)} if known else {}
    return prospects(usable(request.user), country, reach)


@require_POST
@needs_fresh_proof
def cancel_journey(request: Badged) -> HttpResponse:
    """Everything as it was before."""
    try:
        travel.cancel(request.user, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("The journey is cancelled. Everything is as it was before."))
    return redirect("selfservice:travel")
