"""The draft: its rules in order, and the forms that change them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from accounts.refusals import Refused
from methods.gate import acts
from methods.stepup import has_fresh_proof
from policies.current import book_of, current_book
from policies.drafting import RIGHT, Change, change, new_id, open_version
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.pages.doing import seen_in
from policies.pages.forms import ReasonForm, RuleForm
from policies.pages.gate import edits, reads
from policies.pages.left_without import left_without
from policies.pages.showing import compare, contingencies_of, methods_of, names, networks_of, parts_of
from policies.presets import PRESETS
from policies.rulebook.content import Book, Part, Rule
from policies.rulebook.storing import rule_to_json
from policies.switching import switch_on

PAGE, OVERVIEW = "policies:draft", "policies:overview"


def draft_at_hand() -> PolicyVersion:
    """The draft; Http404 when there is none that can be changed."""
    draft = open_version()
    if draft is None or draft.state != VersionState.DRAFT:
        raise Http404
    return draft


def carried_out(request: Badged, wanted: Change, done: str) -> HttpResponse:
    """Change the draft and go back to its page; what was refused is said there."""
    try:
        change(seen_in(request), wanted, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, done)
    return redirect(PAGE if open_version() else OVERVIEW)


@reads
def page(request: Badged) -> HttpResponse:
    """Rules, networks and groups of the draft."""
    draft = open_version()
    if draft is None or draft.state != VersionState.DRAFT:
        return redirect(OVERVIEW)
    book = book_of(draft)
    known = names()
    facts = {
        "draft": draft,
        "book": book,
        "parts": parts_of(book, known),
        "networks": networks_of(book),
        "methods": methods_of(book, known),
        "contingencies": contingencies_of(book, known),
        "presets": PRESETS.items(),
        "fresh": has_fresh_proof(request),
    }
    return render(request, "policies/draft.html", facts)


@edits
def rule(request: Badged, rule_id: str) -> HttpResponse:
    """Change a rule."""
    book = book_of(draft_at_hand())
    known = book.rule_named.get(rule_id)
    if known is None:
        raise Http404
    return _rule(request, book, known.part, known)


@edits
def new_rule(request: Badged, part: str) -> HttpResponse:
    """Add a rule, at the end."""
    if part not in set(Part):
        raise Http404
    return _rule(request, book_of(draft_at_hand()), Part(part), None)


def _rule(request: Badged, book: Book, part: Part, known: Rule | None) -> HttpResponse:
    form = RuleForm(request.POST or None, part=part, book=book, rule=known)
    if request.method == "POST" and form.is_valid():
        made = form.rule_with(known.id if known else new_id())
        return carried_out(request, _replacing(known, made), _("The rule is kept in the draft."))
    facts = {"form": form, "rule": known, "part": part, "draft": draft_at_hand()}
    return render(request, "policies/rule.html", facts, status=400 if form.errors else 200)


def _replacing(known: Rule | None, made: Rule) -> Change:
    def make(book: Book) -> Book:
        if known is None:
            return replace(book, rules=(*book.rules, made))
        return replace(book, rules=tuple(made if rule.id == made.id else rule for rule in book.rules))

    old, new = _told(known), _told(made)
    differing = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    before = {key: value for key, value in old.items() if key in differing}
    return Change(make, before, {"name": made.name_en} | {key: new.get(key, "") for key in new if key in differing})


def _told(rule: Rule | None) -> dict[str, Any]:
    stored = rule_to_json(rule) if rule else {}
    return {key: value for key, value in stored.items() if key != "id"}


@acts(RIGHT, page=PAGE)
def move(request: Badged, rule_id: str, way: str) -> HttpResponse:
    """One place up or down among the rules of its part."""
    book = book_of(draft_at_hand())
    known = book.rule_named.get(rule_id)
    if known is None or way not in {"up", "down"}:
        raise Http404
    same = [rule for rule in book.rules if rule.part is known.part]
    place = same.index(known)
    there = max(0, min(len(same) - 1, place + (-1 if way == "up" else 1)))
    same.insert(there, same.pop(place))

    def make(old: Book) -> Book:
        others = tuple(rule for rule in old.rules if rule.part is not known.part)
        return replace(old, rules=(*same, *others))

    wanted = Change(make, {"order": place + 1}, {"name": known.name_en, "order": there + 1})
    return carried_out(request, wanted, _("The order has changed."))


@acts(RIGHT, page=PAGE)
def remove_rule(request: Badged, rule_id: str) -> HttpResponse:
    """Take a rule out of the draft."""
    known = book_of(draft_at_hand()).rule_named.get(rule_id)
    if known is None:
        raise Http404

    def make(book: Book) -> Book:
        return replace(book, rules=tuple(rule for rule in book.rules if rule.id != rule_id))

    wanted = Change(make, _told(known), {"name": known.name_en, "removed": True})
    return carried_out(request, wanted, _("The rule is taken out of the draft."))


@acts(RIGHT, page=PAGE)
def preset(request: Badged, name: str) -> HttpResponse:
    """Begin with rules that many institutions have, or change the mode of all."""
    chosen = PRESETS.get(name)
    if chosen is None:
        raise Http404
    before = {"name": [rule.name_en for rule in book_of(draft_at_hand()).rules]}
    return carried_out(request, Change(chosen.make, before, {"preset": str(chosen.label)}), _("The draft has changed."))


@edits
def switching(request: Badged) -> HttpResponse:
    """What the draft changes, and the button that switches it on."""
    draft = draft_at_hand()
    without = left_without(book_of(draft))
    form: Form = ReasonForm(request.POST or None, strands=without["strands"])
    status, problem = 200, ""
    if request.method == "POST" and form.is_valid():
        switch: Callable[..., PolicyVersion] = switch_on
        try:
            given = form.cleaned_data
            version = switch(seen_in(request), actor=request.user, reason=given["reason"], without=given.get("without") or 0)
        except Refused as refusal:
            status, problem = 409, refusal.told
        else:
            waits = version.state == VersionState.WAITING
            said = (
                _("Some sign-ins are protected less, so somebody else has to switch it on within a day.")
                if waits
                else _("The new version is in force.")
            )
            messages.success(request, said)
            return redirect(OVERVIEW)
    differences = compare(current_book(), book_of(draft), names())
    facts = {"form": form, "draft": draft, "differences": [one for one in differences if one.differs], "problem": problem}
    return render(request, "policies/switch_on.html", facts | without, status=status)
