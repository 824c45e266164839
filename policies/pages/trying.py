"""What if, and the dry run of a draft."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.models import Account, Affiliation
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.countries import country_name
from methods.gate import acts
from methods.stepup import has_fresh_proof
from policies.clock import database_now
from policies.current import book_of, current_book
from policies.drafting import RIGHT, open_version
from policies.explaining import explain_rule
from policies.facts import HERE, Circumstances
from policies.models import ConnectedSystem, Found, Replay
from policies.models.replays import Finding, ReplayState
from policies.pages.gate import reads
from policies.pages.showing import names
from policies.pages.tables import table_answer
from policies.replaying import STALE, by_affiliation, resume, start, stop, tried
from policies.requirements import Outcome
from policies.rulebook.addresses import read_address
from policies.rulebook.content import Book
from policies.rulebook.method_words import lines
from policies.rulebook.words import MISSES, Names, aloud, who_words
from policies.tasks import send_replay
from policies.what_if import Answer, what_if

PAGE, OVERVIEW = "policies:dry-run", "policies:overview"
DECISIONS: dict[Outcome, Promise] = {
    Outcome.ALLOW: _("Signed in with the password alone"),
    Outcome.VERIFY: _("A verification is asked for"),
    Outcome.REGISTER: _("A first method is registered"),
    Outcome.PASS: _("A Temporary Access Pass is asked for, then a method is registered"),
    Outcome.ADDRESS: _("A code is mailed to the recovery address, then a method is registered"),
    Outcome.REFUSE: _("The sign-in is refused"),
}
FINDINGS: dict[Finding, Promise] = {
    Finding.MORE: _("Asked more"),
    Finding.LESS: _("Asked less"),
    Finding.REFUSED: _("Refused"),
    Finding.NO_METHOD: _("Without a usable method"),
}


class WhatIfForm(forms.Form):
    """Who, from where, to what, when, and by which version."""

    account = forms.CharField(label=_("Common ID"), max_length=64)
    address = forms.CharField(label=_("Network address"), max_length=64, help_text=_("Such as 192.0.2.7 or 2001:db8::7."))
    system = forms.ChoiceField(label=_("System signed in to"), required=False)
    moment = forms.DateTimeField(
        label=_("When"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), help_text=_("Left empty: now.")
    )
    sensitive = forms.BooleanField(label=_("To Security info"), required=False)
    draft = forms.BooleanField(label=_("By the draft"), required=False)

    def __init__(self, data: Any = None, *, has_draft: bool) -> None:
        super().__init__(data, label_suffix="")
        systems: Any = self.fields["system"]
        systems.choices = [(one.code, str(one)) for one in ConnectedSystem.objects.order_by("pk")]
        systems.initial = HERE
        if not has_draft:
            del self.fields["draft"]

    def clean_address(self) -> str:
        """An address that can be read."""
        if read_address(self.cleaned_data["address"]) is None:
            raise forms.ValidationError(_("This is not a network address."))
        return str(self.cleaned_data["address"]).strip()

    def clean_account(self) -> Account:
        """An account that there is."""
        found = Account.objects.select_related("affiliation").filter(common_id=self.cleaned_data["account"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this Common ID."))
        return found


@reads
def asking(request: Badged) -> HttpResponse:
    """One account, address, system and moment: the decision, the rule, and why no other rule was it. It is recorded who was asked about."""
    draft = open_version()
    form = WhatIfForm(request.GET if "account" in request.GET else None, has_draft=draft is not None)
    facts: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        book = book_of(draft) if draft and given.get("draft") else current_book()
        at = Circumstances(given["sensitive"], given["address"], given["system"] or HERE, given["moment"])
        facts |= _answered(what_if(given["account"], book, at), book) | {"account": given["account"]}
        record(EventName.POLICY_TRIED, account=given["account"], actor=request.user, after={"policy": book.number})
    return render(request, "policies/what_if.html", facts)


def _answered(answer: Answer, book: Book) -> dict[str, Any]:
    known = names()
    rule = next((looked.rule for looked in answer.looked if looked.decided), None)
    return {
        "decision": DECISIONS[answer.requirement.outcome],
        "strong": answer.requirement.strong,
        "trial": DECISIONS[answer.trial.outcome] if answer.trial else "",
        "trial_rule": _named(answer.trial.rule, book) if answer.trial else "",
        "why": f"“{rule}”: {aloud(rule, book, known)}" if rule else explain_rule(answer.requirement.rule),
        "book": book,
        "countries": [country_name(code) for code in sorted(answer.facts.countries)],
        "methods": _methods(answer, book, known),
        "networks": [str(book.network_named[code]) for code in sorted(answer.facts.networks)],
        "looked": [
            {
                "rule": one.rule,
                "sentence": aloud(one.rule, book, known),
                "reasons": [MISSES[miss] for miss in one.reasons],
                "decided": one.decided,
            }
            for one in answer.looked
        ],
    }


def _named(ref: str, book: Book) -> str:
    """The rule as what is asked calls it: by its name, or in the words of the site's own."""
    rule = book.rule_named.get(ref.rpartition(":")[2])
    return f"“{rule}”" if rule else explain_rule(ref)


def _methods(answer: Answer, book: Book, known: Names) -> dict[str, Any]:
    """The rule about methods that counts for the account, and what of its methods it leaves."""
    return {
        "rule": answer.methods.rule,
        "who": who_words(answer.methods.rule, book, known),
        "lines": lines(answer.methods.rule),
        "usable": [f"{one.name} {one.hint}".strip() for one in answer.methods.usable],
        "refused": [f"{one.name} {one.hint}".strip() for one in answer.methods.refused],
    }


@reads
def dry_run(request: Badged) -> HttpResponse:
    """How far the newest dry run has come, and what it found."""
    return render(request, "policies/dry_run.html", _facts() | {"fresh": has_fresh_proof(request), "tried": tried()})


@reads
def progress(request: Badged) -> HttpResponse:
    """The part of the page that goes on by itself."""
    return render(request, "policies/dry_run_progress.html", _facts() | {"fresh": has_fresh_proof(request), "tried": tried()})


def _facts() -> dict[str, Any]:
    replay = Replay.objects.defer("content").order_by("-pk").first()
    if replay is None:
        return {"replay": None}
    at_work = replay.state in {ReplayState.WAITING, ReplayState.RUNNING}
    stuck = at_work and replay.seen_at < database_now() - STALE
    found = by_affiliation(replay)
    titles = {one.code: str(one) for one in Affiliation.objects.filter(code__in=found)}
    rows = [
        (titles.get(code) or gettext("Without affiliation"), [of.get(finding.value, (0, 0)) for finding in Finding])
        for code, of in found.items()
    ]
    return {
        "replay": replay,
        "at_work": at_work and not stuck,
        "may_resume": stuck or replay.state == ReplayState.STOPPED,
        "percent": 100 if not replay.total else 100 * replay.done // replay.total,
        "columns": list(FINDINGS.values()),
        "rows": rows,
    }


@acts(RIGHT, page=PAGE)
def begin_dry_run(request: Badged) -> HttpResponse:
    """Plan one, and wake a worker."""
    try:
        replay = start(actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
        return redirect(OVERVIEW)
    _wake(request, replay)
    return redirect(PAGE)


def _wake(request: Badged, replay: Replay) -> None:
    if not send_replay(str(replay.uid)):
        messages.error(request, gettext("No worker could be reached. Tell whoever runs this site, then resume."))


@acts(RIGHT, page=PAGE)
def stop_dry_run(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """No further stretch."""
    stop(get_object_or_404(Replay, uid=uid), actor=request.user)
    return redirect(PAGE)


@acts(RIGHT, page=PAGE)
def resume_dry_run(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Go on where it stopped."""
    replay = get_object_or_404(Replay, uid=uid)
    resume(replay, actor=request.user)
    _wake(request, replay)
    return redirect(PAGE)


@reads
def found_list(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Whom it found, as a table for a spreadsheet; who took it is recorded."""
    replay = get_object_or_404(Replay, uid=uid)
    if request.method == "HEAD":
        raise Http404
    record(EventName.POLICY_TRIED, actor=request.user, after={"policy": replay.number})
    rows = Found.objects.filter(replay=replay).values_list(
        "account__common_id", "account__name_en", "account__affiliation__code", "finding"
    )
    counted = rows.annotate(Sum("signins")).order_by("finding", "account__common_id").iterator(chunk_size=2000)
    return table_answer(f"dry-run-{replay.number}", ["common_id", "name_en", "affiliation", "finding", "sign_ins"], counted)
