"""The travel check: what works abroad, for which days, and what to know of a country (S-134 to S-136)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.badge import Badged
from accounts.refusals import Refused
from methods import travel
from methods.options import Option
from methods.stepup import needs_fresh_proof
from selfservice.guide_links import Links
from selfservice.models import CountryNote, Topic


class JourneyForm(forms.Form):
    """What to be asked with, and when."""

    option = forms.ChoiceField(label=gettext_lazy("What do you want to sign in with?"), widget=forms.RadioSelect, label_suffix="")
    leaves_on = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    returns_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any = None, *, offered: list[Option]) -> None:
        super().__init__(data)
        self.offered = {f"{one.method.pk}.{one.way.code}": one for one in offered}
        self.fields["option"].choices = [(value, one.label) for value, one in self.offered.items()]  # type: ignore[attr-defined]
        self.initial = {"option": next(iter(self.offered), "")}


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def travelling(request: Badged) -> HttpResponse:
    """Checklist, form, and notes on countries."""
    form = JourneyForm(request.POST or None, offered=travel.works_abroad(request.user))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            chosen = form.offered[asked["option"]]
            travel.plan(request.user, chosen, leaves_on=asked["leaves_on"], returns_on=asked["returns_on"], actor=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.told)
        else:
            messages.success(
                request, _("Noted. You are reminded three days before, and everything goes back by itself after the last day.")
            )
            return redirect("selfservice:travel")
    facts = {
        "form": form,
        "journey": travel.journey_of(request.user),
        "notes": CountryNote.objects.filter(shown=True),
        "links": Links().of([Topic.TRAVEL]),
    }
    return render(request, "selfservice/travel.html", facts)


@require_POST
@needs_fresh_proof
def cancel_journey(request: Badged) -> HttpResponse:
    """Everything as it was before."""
    travel.cancel(request.user, actor=request.user)
    messages.success(request, _("The journey is cancelled. Everything is as it was before."))
    return redirect("selfservice:travel")
