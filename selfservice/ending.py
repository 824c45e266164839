"""The page “Terminate MFA Use”: what it means, and asking staff for it; nobody ends it alone (S-97 to S-99)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from methods.stepup import has_fresh_proof, needs_fresh_proof
from policies.homes import only_reads
from policies.planning import enabled_systems, longest_wait
from policies.standing import standing, use_of
from policies.states import CAN_TERMINATE
from policies.wishes import open_wish, take_back, wish

PAGE, FORM = "selfservice:mfa-termination", "wish"


@require_GET
def termination(request: Badged) -> HttpResponse:
    """What it means, what will stop working, and the form."""
    return _page(request, ReasonForm(code=FORM))


@require_http_methods(["GET", "POST"])
def ask(request: Badged) -> HttpResponse:
    """Ask staff for it; what this answers to a form can be loaded anew, and leads to the page then."""
    return redirect(PAGE) if request.method == "GET" else _ask(request)


@needs_fresh_proof
def _ask(request: Badged) -> HttpResponse:
    """Only for whoever can verify, as it may leave the account less protected."""
    form = ReasonForm(request.POST, code=FORM)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        wish(request.user, actor=request.user, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("The support desk has your wish. Nothing changes until they have decided."))
    return redirect(PAGE)


@require_POST
@needs_fresh_proof
def unask(request: Badged) -> HttpResponse:
    """Not to want it any more."""
    try:
        take_back(request.user, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("You have taken your wish back. MFA use stays on."))
    return redirect(PAGE)


def _page(request: Badged, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    use, systems = use_of(request.user), enabled_systems()
    facts = {
        "days": settings.MFA_TERMINATION_DAYS,
        "closed_to_them": [system for system in systems if system.needs_mfa],
        "takes": longest_wait(systems),
        "exception": standing((), use) if use.is_exception else None,
        "held": only_reads(),
        "wish": open_wish(request.user),
        "requested": use.termination_open,
        "can_ask": use.live is not None and use.live.state in CAN_TERMINATE and not use.termination_open,
        "fresh": has_fresh_proof(request),
        "form": form,
    }
    return render(request, "selfservice/user_menu_termination.html", facts, status=status)
