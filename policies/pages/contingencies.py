"""What the draft prepares for an outage."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.badge import Badged
from methods.gate import acts
from policies.current import book_of
from policies.drafting import RIGHT, Change, new_id
from policies.pages.draft import PAGE, carried_out, draft_at_hand
from policies.pages.forms import ScopeForm, scope_initial
from policies.pages.gate import edits
from policies.rulebook.content import Book
from policies.rulebook.contingency import MOST_HOURS, Contingency
from policies.rulebook.contingency_words import way_names
from policies.rulebook.storing import rule_to_json

NEW = "new"


class ContingencyForm(ScopeForm):
    """Names that people read during the outage, what does not work then, for how long at most, and whom it concerns."""

    out = forms.MultipleChoiceField(label=gettext_lazy("What does not work then"), widget=forms.CheckboxSelectMultiple)
    hours = forms.IntegerField(label=gettext_lazy("For how many hours at most"), min_value=1, max_value=MOST_HOURS, initial=12)
    field_order = ("name_en", "name_ja", "out", "hours")

    def __init__(self, data: Any = None, *, book: Book, known: Contingency | None) -> None:
        initial = scope_initial(known) | {"out": list(known.out)} if known else None
        super().__init__(data, book=book, initial=initial)
        self._choices("out", list(way_names().items()))
        for name in ("name_en", "name_ja"):
            self.fields[name].help_text = _("People read it at sign-in, such as: Notifications do not arrive at the moment.")

    def contingency(self, code: str) -> Contingency:
        """What was entered."""
        given = self.cleaned_data
        return Contingency(given["name_en"], given["name_ja"], id=code, **self.scope(), out=tuple(given["out"]), hours=given["hours"])


@edits
def contingency(request: Badged, contingency: str) -> HttpResponse:
    """Add one, or change it."""
    draft = draft_at_hand()
    book = book_of(draft)
    known = _known(book, contingency)
    if known is None and contingency != NEW:
        raise Http404
    form = ContingencyForm(request.POST or None, book=book, known=known)
    if request.method == "POST" and form.is_valid():
        made = form.contingency(known.id if known else new_id())
        return carried_out(request, _change(known, made), _("It is kept in the draft."))
    facts = {"form": form, "thing": known, "draft": draft}
    return render(request, "policies/contingency.html", facts, status=400 if form.errors else 200)


def _known(book: Book, code: str) -> Contingency | None:
    return next((one for one in book.contingencies if one.id == code), None)


def _change(known: Contingency | None, made: Contingency) -> Change:
    def make(book: Book) -> Book:
        others = tuple(made if one.id == made.id else one for one in book.contingencies)
        return replace(book, contingencies=others if known else (*book.contingencies, made))

    return Change(make, _told(known) if known else {}, _told(made) | {"name": made.name_en})


def _told(one: Contingency) -> dict[str, Any]:
    return {key: value for key, value in rule_to_json(one).items() if key != "id"}


@acts(RIGHT, page=PAGE)
def remove(request: Badged, contingency: str) -> HttpResponse:
    """Take it out of the draft."""
    known = _known(book_of(draft_at_hand()), contingency)
    if known is None:
        raise Http404

    def make(book: Book) -> Book:
        return replace(book, contingencies=tuple(one for one in book.contingencies if one.id != contingency))

    wanted = Change(make, _told(known), {"name": known.name_en, "removed": True})
    return carried_out(request, wanted, _("It is taken out of the draft."))
