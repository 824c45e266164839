"""The clerk's page: a code from somebody's screen, an ID card, and one word (counter mode)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from helpdesk.actions import confirm_at_counter
from helpdesk.denials import status_of
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from signin.counter import RIGHT, read_code, waiting
from signin.models import CounterRequest
from signin.password import canonical

PAGE = "helpdesk:counter"


class CodeForm(forms.Form):
    """The code on the person's screen."""

    code = forms.CharField(
        label=gettext_lazy("Code on the person’s screen"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}),
    )


class CardForm(forms.Form):
    """What stands on the card, typed from it: so that the card has really been looked at."""

    common_id = forms.CharField(
        label=gettext_lazy("Common ID on the card"),
        max_length=64,
        error_messages={"required": gettext_lazy("Type the Common ID from the card.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )


@require_safe
@for_staff(RIGHT)
def counter(request: Badged) -> HttpResponse:
    """Which screen; then whose card it has to be."""
    return _page(request, read_code(request.GET.get("code", "")), CardForm())


@acts(RIGHT, page=PAGE)
def confirm(request: Badged) -> HttpResponse:
    """The card has been seen."""
    code, form = read_code(request.POST.get("code", "")), CardForm(request.POST)
    if not form.is_valid():
        return _page(request, code, form, status=400)
    try:
        confirm_at_counter(code, actor=request.user, common_id=canonical(form.cleaned_data["common_id"]))
    except Refused as refusal:
        shown = _waiting(request, code)
        status = status_of(refusal, request, shown.attempt.account) if shown else 409
        return _page(request, code, form, problem=refusal.told, status=status)
    messages.success(request, _("Confirmed. The pass is on the person’s own screen now."))
    return redirect(PAGE)


def _waiting(request: Badged, code: str) -> CounterRequest | None:
    return waiting(code, request.powers.among(RIGHT, "attempt__account__"))


def _page(request: Badged, code: str, form: CardForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    shown = _waiting(request, code)
    asked = bool(request.GET.get("code"))
    if shown is not None:
        record(EventName.ACCOUNT_VIEWED, account=shown.attempt.account, actor=request.user)
    facts = {
        "shown": shown,
        "code_form": CodeForm(initial={"code": code}),
        "form": form,
        "fresh": has_fresh_proof(request),
        "problem": problem or (Refused("counter-over").told if asked and shown is None else ""),
    }
    return render(request, "helpdesk/counter.html", facts, status=status)
