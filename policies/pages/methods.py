"""The method policy of the draft."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from methods.gate import acts
from policies.current import book_of
from policies.drafting import RIGHT, Change, new_id
from policies.pages.draft import PAGE, carried_out, draft_at_hand
from policies.pages.gate import edits
from policies.pages.method_forms import MethodRuleForm
from policies.rulebook.content import Book
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import method_rules
from policies.rulebook.storing import rule_to_json


def _known(book: Book, rule_id: str) -> MethodRule:
    found = next((one for one in method_rules(book) if one.id == rule_id), None)
    if found is None:
        raise Http404
    return found


@edits
def rule(request: Badged, rule_id: str) -> HttpResponse:
    """Change a rule about methods."""
    book = book_of(draft_at_hand())
    return _rule(request, book, _known(book, rule_id), is_new=False)


@edits
def new_rule(request: Badged) -> HttpResponse:
    """Add one, before the others, which begins as a copy of what everybody may."""
    book = book_of(draft_at_hand())
    everybody = method_rules(book)[-1]
    return _rule(request, book, replace(everybody, id=new_id(), name_en="", name_ja=""), is_new=True)


def _rule(request: Badged, book: Book, shown: MethodRule, *, is_new: bool) -> HttpResponse:
    last = not is_new and shown.id == method_rules(book)[-1].id
    form = MethodRuleForm(request.POST or None, book=book, rule=shown, for_everybody=last)
    if request.method == "POST" and form.is_valid():
        made = form.rule_with(shown.id)
        return carried_out(request, _change(None if is_new else shown, made), _("The rule is kept in the draft."))
    facts = {"form": form, "rule": None if is_new else shown, "last": last, "draft": draft_at_hand()}
    return render(request, "policies/method_rule.html", facts, status=400 if form.errors else 200)


def _change(known: MethodRule | None, made: MethodRule) -> Change:
    def make(book: Book) -> Book:
        rules = method_rules(book)
        return replace(book, methods=(made, *rules) if known is None else tuple(made if one.id == made.id else one for one in rules))

    old, new = _told(known), _told(made)
    differing = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    before = {key: value for key, value in old.items() if key in differing}
    return Change(make, before, {"name": made.name_en} | {key: new.get(key, "") for key in new if key in differing})


def _told(rule: MethodRule | None) -> dict[str, Any]:
    stored = rule_to_json(rule) if rule else {}
    return {key: value for key, value in stored.items() if key != "id"}


@acts(RIGHT, page=PAGE)
def move(request: Badged, rule_id: str, way: str) -> HttpResponse:
    """One place up or down; the one for everybody stays the last."""
    *rules, everybody = method_rules(book_of(draft_at_hand()))
    known = next((one for one in rules if one.id == rule_id), None)
    if known is None or way not in {"up", "down"}:
        raise Http404
    place = rules.index(known)
    there = max(0, min(len(rules) - 1, place + (-1 if way == "up" else 1)))
    rules.insert(there, rules.pop(place))
    wanted = Change(
        lambda book: replace(book, methods=(*rules, everybody)), {"order": place + 1}, {"name": known.name_en, "order": there + 1}
    )
    return carried_out(request, wanted, _("The order has changed."))


@acts(RIGHT, page=PAGE)
def remove(request: Badged, rule_id: str) -> HttpResponse:
    """Take a rule out of the draft; the one for everybody stays."""
    *rules, everybody = method_rules(book_of(draft_at_hand()))
    known = next((one for one in rules if one.id == rule_id), None)
    if known is None:
        raise Http404
    kept = tuple(one for one in rules if one.id != rule_id)
    wanted = Change(lambda book: replace(book, methods=(*kept, everybody)), _told(known), {"name": known.name_en, "removed": True})
    return carried_out(request, wanted, _("The rule is taken out of the draft."))
