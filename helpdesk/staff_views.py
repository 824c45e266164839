"""Who has which role, for which accounts; giving and taking roles, by administrators alone."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Account, Affiliation, RoleGrant
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import ROLES, Powers, powers_of
from helpdesk import reading, staffing
from helpdesk.denials import status_of
from helpdesk.offers import why_not
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from signin.password import canonical

PAGE, RIGHT = "helpdesk:staff", "role:grant"
AT_ONCE = 50


class RoleForm(ReasonForm):
    """Whom, which role, over which accounts, and why."""

    common_id = forms.CharField(
        label=gettext_lazy("Common ID"),
        max_length=64,
        error_messages={"required": gettext_lazy("Enter the Common ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    within = forms.ModelChoiceField(
        label=gettext_lazy("For the accounts of"),
        queryset=Affiliation.objects.all(),
        required=False,
        empty_label=gettext_lazy("all affiliations"),
        help_text=gettext_lazy("Whoever is limited to an affiliation neither sees nor finds other accounts."),
    )

    def __init__(self, data: Any = None, *, code: str, rank: int) -> None:
        super().__init__(data, code=code)
        below = [(role.code, role.label) for role in ROLES.values() if role.rank < rank]
        self.fields["role"].choices = below  # type: ignore[attr-defined]
        self.order_fields(["common_id", "role", "within", "reason"])

    def clean_common_id(self) -> str:
        """The id as it is written in the directory."""
        return canonical(self.cleaned_data["common_id"])


@dataclass(frozen=True)
class Row:
    """One role of somebody; `obstacle` says why this person may not take it."""

    grant: RoleGrant
    label: object
    obstacle: str
    form: ReasonForm


@require_safe
@for_staff(RIGHT)
def listed(request: Badged) -> HttpResponse:
    """Everybody with a role."""
    return _page(request)


@acts(RIGHT, page=PAGE)
def give(request: Badged) -> HttpResponse:
    """Give a role."""
    form = RoleForm(request.POST, code="give", rank=request.powers.rank)
    if not form.is_valid():
        return _page(request, sent=form, status=400)
    try:
        given = staffing.give(actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        account = Account.objects.filter(common_id=form.cleaned_data["common_id"]).first()
        return _page(request, sent=form, problem=refusal.told, status=status_of(refusal, request, account))
    done = _("%(name)s has the role “%(role)s” from now on.")
    messages.success(request, done % {"name": given.account.get_full_name(), "role": ROLES[given.role].label})
    return redirect(PAGE)


@acts(RIGHT, page=PAGE)
def take(request: Badged, grant_id: int) -> HttpResponse:
    """Take a role away."""
    given = get_object_or_404(RoleGrant.objects.select_related("account", "affiliation"), pk=grant_id)
    form = ReasonForm(request.POST, code=f"take-{grant_id}")
    if not form.is_valid():
        return _page(request, sent=form, status=400)
    try:
        staffing.take(given.account.common_id, given.role, within=given.affiliation, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return _page(request, problem=refusal.told, status=status_of(refusal, request, given.account))
    messages.success(request, _("The role is withdrawn. It counts no more from the next click on."))
    return redirect(PAGE)


def _page(request: Badged, *, sent: ReasonForm | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    grants = RoleGrant.objects.select_related("account__affiliation", "affiliation", "granted_by").order_by(
        "account__common_id", "role", "pk"
    )
    page: Page[RoleGrant] = Paginator(grants, AT_ONCE).get_page(request.GET.get("page"))
    theirs = powers_of([grant.account for grant in page])
    reading.note(request, [grant.account for grant in page])
    facts = {
        "page": page,
        "rows": [_row(request, grant, theirs[grant.account_id], sent) for grant in page],
        "form": sent if isinstance(sent, RoleForm) else RoleForm(code="give", rank=request.powers.rank),
        "fresh": has_fresh_proof(request),
        "problem": problem,
    }
    return render(request, "helpdesk/staff.html", facts, status=status)


def _row(request: Badged, grant: RoleGrant, theirs: Powers, sent: ReasonForm | None) -> Row:
    code = f"take-{grant.pk}"
    obstacle = why_not(RIGHT, grant.account, request.user, request.powers, theirs)
    role = ROLES.get(grant.role)
    return Row(grant, role.label if role else grant.role, obstacle, sent if sent and sent.code == code else ReasonForm(code=code))
