"""“I cannot sign in”: for everybody, without signing in. It answers nothing about whether an account exists (R-011)."""

import hashlib
from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import public
from accounts.budgets import DAY, UNKNOWN, Limit, count_failure
from accounts.models import Account
from accounts.reasons import plain
from audit.context import network, where
from helpdesk.cases import open_case
from helpdesk.models import CaseKind, CaseSource
from signin.forms import IdForm

FROM_NETWORK = Limit("form-network", cap=20, hold=timedelta(hours=1), longest=DAY, window=timedelta(hours=1))
FOR_ACCOUNT = Limit("form-account", cap=4, hold=timedelta(hours=6), longest=DAY, window=DAY)
REASONS = {
    "lost": _("My phone or key is lost, broken or new"),
    "locked": _("I am locked out"),
    "sign-in": _("No code or call arrives"),
    "other": _("Something else"),
}
KINDS = {"lost": CaseKind.LOST, "locked": CaseKind.LOCKED, "sign-in": CaseKind.SIGN_IN, "other": CaseKind.OTHER}


class HelpForm(IdForm):
    """Who, and what is the matter."""

    what = forms.ChoiceField(label=_("What is the matter?"), choices=list(REASONS.items()), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Anything that helps us"),
        help_text=_("Never write a password or a code here."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_text(self) -> str:
        """Plain words."""
        return plain(self.cleaned_data["text"])


@public
@require_http_methods(["GET", "POST"])
def cannot_sign_in(request: HttpRequest) -> HttpResponse:
    """The same answer for every Common ID, after the same work."""
    form = HelpForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "helpdesk/cannot_sign_in.html", {"form": form})
    number = _open(form.cleaned_data["common_id"], form.cleaned_data["what"], form.cleaned_data["text"])
    return render(request, "helpdesk/cannot_sign_in_sent.html", {"number": number}, status=200 if number else 429)


@transaction.atomic
def _open(common_id: str, what: str, text: str) -> str:
    """A case for the desk; its number as it is said, or nothing after too many from this network or for this id."""
    typed = UNKNOWN + hashlib.sha256(common_id.encode()).hexdigest()[:40]
    if not count_failure((FROM_NETWORK, network()), (FOR_ACCOUNT, typed)):
        return ""
    account = Account.objects.filter(common_id=common_id).first()
    facts = {"typed": common_id, "address": where().address}
    return open_case(account, actor=None, kind=KINDS[what], source=CaseSource.HOLDER, text=text, **facts).said
