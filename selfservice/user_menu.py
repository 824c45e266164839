"""The user menu, with "multi-factor authentication setting": applying, progress, withdrawing (S-89 to S-92, S-97)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import open_badges
from methods.stepup import needs_fresh_proof
from methods.usable import listed
from policies.applications import decline, submit, withdraw
from policies.homes import only_reads
from policies.models import Application, ConnectedSystem
from policies.planning import enabled_systems, longest_wait
from policies.progress import SystemRow, progress, reached
from policies.standing import State, Use, standing, use_of
from policies.states import ApplicationState
from selfservice.guide import steps_for
from selfservice.user_menu_form import UseForm


@require_GET
def user_menu(request: Badged) -> HttpResponse:
    """Where the account stands, and where to go."""
    stands = standing(listed(request.user), use_of(request.user))
    return render(request, "selfservice/user_menu.html", {"standing": stands})


@require_http_methods(["GET", "HEAD", "POST"])
def mfa_setting(request: Badged) -> HttpResponse:
    """The instructions with the form, or the progress once MFA use has been applied for."""
    if request.method == "POST":
        return _save(request)
    use = use_of(request.user)
    if use.live:
        return render(request, "selfservice/user_menu_mfa.html", _progress_facts(use.live, use))
    systems = enabled_systems()
    return _form_page(request, use, systems, UseForm(cut=_cut(systems, request.user)))


def _save(request: Badged) -> HttpResponse:
    systems = enabled_systems()
    form = UseForm(request.POST, cut=_cut(systems, request.user))
    if not form.is_valid():
        return _form_page(request, use_of(request.user), systems, form)
    try:
        if form.cleaned_data["use"] == "yes":
            submit(request.user, actor=request.user, text_version=form.cleaned_data["text_version"])
        else:
            decline(request.user)
            messages.info(request, _("Nothing was changed: MFA use is off."))
    except Refused as refusal:
        return _refused(request, systems, form, refusal)
    return redirect("selfservice:mfa-setting")


def _refused(request: Badged, systems: list[ConnectedSystem], form: UseForm, refusal: Refused) -> HttpResponse:
    """In place, with what was entered; where there is no form any more, above the progress."""
    use = use_of(request.user)
    if use.live is None:
        form.add_error("use", refusal.told)
        return _form_page(request, use, systems, form)
    if refusal.code != "already-applied":
        messages.error(request, refusal.told)
    return redirect("selfservice:mfa-setting")


def _form_page(request: Badged, use: Use, systems: list[ConnectedSystem], form: UseForm) -> HttpResponse:
    account, methods = request.user, listed(request.user)
    stands = standing(methods, use)
    facts = {
        "form": form,
        "ended": stands if stands.state == State.TERMINATED else None,
        "unaware": _unaware(use.application) if use.application and not use.live else [],
        "readiness": standing(methods, Use()),
        "guide": steps_for(account, methods),
        "systems": systems,
        "takes": longest_wait(systems),
        "held": only_reads(),
        "cut": _cut(systems, account),
        "unverified": sum(badge.verified_at is None for badge in open_badges(account)),
    }
    return render(request, "selfservice/user_menu_apply.html", facts)


def _unaware(application: Application) -> list[SystemRow]:
    """Systems that do not know of the end of MFA use yet; nobody waits for them, as they are not required."""
    return [row for row in reached(application).rows if row.is_open]


def _cut(systems: list[ConnectedSystem], account: Account) -> list[ConnectedSystem]:
    """Systems that will cut what this person has open there (S-87)."""
    return [system for system in systems if system.ends_sessions and system.ends_sessions_of in {"", account.kind}]


def _progress_facts(application: Application, use: Use) -> dict[str, Any]:
    settled, reach = application.state == ApplicationState.IN_EFFECT, progress(application)
    return {
        "application": application,
        "standing": standing((), use),
        "settled": settled,
        "over": settled and reach.is_over,
        "progress": reach,
    }


@require_GET
def mfa_progress(request: Badged) -> HttpResponse:
    """The part of the setting page that brings itself up to date."""
    use = use_of(request.user)
    facts = _progress_facts(use.live, use) if use.live else {}
    return render(request, "selfservice/user_menu_progress.html", facts)


@require_POST
@needs_fresh_proof
def mfa_withdraw(request: Badged) -> HttpResponse:
    """Take the application back; only whoever can verify may do so, as it leaves the account less protected."""
    try:
        withdraw(request.user, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("Your application has been withdrawn."))
    return redirect("selfservice:mfa-setting")
