"""After a restore: what happened, how the systems differ, and the confirmation."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from methods.gate import acts, for_staff
from methods.stepup import has_fresh_proof
from policies.comparing import said
from policies.homes import home
from policies.models import ConnectedSystem
from policies.restoring import confirm_site, not_compared
from policies.tasks import wake_comparisons

RIGHT, PAGE = "site:configure", "policies:restore"
FORM = "confirm"
WHY: dict[str, Promise] = {
    "moved": gettext_lazy("The database is another one than before, or on another server: a backup was put back, or this is a copy."),
    "renamed": gettext_lazy("The name of the installation (MFA_INSTANCE) is another one than before: this is a copy, or was renamed."),
    "set-back": gettext_lazy("Events are known outside the database that it does not hold: it was put back to an earlier time."),
}


@require_safe
@for_staff(RIGHT)
def restore(request: Badged) -> HttpResponse:
    """How it stands."""
    return _page(request, ReasonForm(code=FORM))


@acts(RIGHT, page=PAGE)
def compare_all(request: Badged) -> HttpResponse:
    """Have every system compared, in the background; nothing is changed there."""
    systems = ConnectedSystem.objects.filter(enabled=True, stopped_reason="")
    if wake_comparisons([system.code for system in systems]):
        messages.success(request, _("The systems are being compared. Load this page again after a while."))
    else:
        messages.error(request, _("No worker could be reached. Tell whoever runs this site, then try again."))
    return redirect(PAGE)


@acts(RIGHT, page=PAGE)
def confirm(request: Badged) -> HttpResponse:
    """It is the site now."""
    form = ReasonForm(request.POST, code=FORM)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        confirm_site(actor=request.user, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        return _page(request, form, problem=refusal.told, status=409)
    messages.success(request, _("Confirmed. Changes are passed on to the connected systems again."))
    return redirect(PAGE)


def _page(request: Badged, form: ReasonForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    row = home()
    facts: dict[str, Any] = {
        "home": row,
        "why": WHY.get(row.why, ""),
        "systems": [(system, said(system)) for system in ConnectedSystem.objects.select_related("comparison").order_by("-enabled", "pk")],
        "open": not_compared(),
        "form": form,
        "problem": problem,
        "fresh": has_fresh_proof(request),
    }
    return render(request, "policies/restore.html", facts, status=status)
