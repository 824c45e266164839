"""What a campaign asks of whoever is signed in: where they stand, what is next, and putting it off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.badge import Badged
from accounts.destination import safe_path
from accounts.refusals import Refused
from campaigns.asking import asked_of, snooze
from campaigns.steps import progress_of
from methods.usable import listed

ASKED = {
    "registered": gettext_lazy("Register a method"),
    "tested": gettext_lazy("Try signing in with it"),
    "second": gettext_lazy("Add a second method"),
    "applied": gettext_lazy("Apply for MFA use"),
}  # in the order in which `next_of` asks for them


@require_safe
def page(request: Badged) -> HttpResponse:
    """The page after a sign-in; where nothing is asked, on to where the person wanted to go."""
    going_to = safe_path(request, request.GET.get("next", ""))
    asked = asked_of(request.user)
    if asked is None:
        return redirect(going_to)
    progress = progress_of(request.user, listed(request.user))
    done = {name: getattr(progress, name) for name in ASKED if name != "second" or asked.member.campaign.second_method}
    current = next((name for name, is_done in done.items() if not is_done), "")
    steps = [
        {"title": ASKED[name], "state": "done" if is_done else "current" if name == current else "todo"} for name, is_done in done.items()
    ]
    facts: dict[str, Any] = {
        "asked": asked,
        "campaign": asked.member.campaign,
        "steps": steps,
        "next": going_to,
        "may_go_on": not (asked.overdue and asked.member.campaign.requires),
    }
    return render(request, "campaigns/asked.html", facts)


@require_POST
def later(request: Badged) -> HttpResponse:
    """Put it off, and on to where the person wanted to go."""
    going_to = safe_path(request, request.POST.get("next", ""))
    try:
        until = snooze(request.user, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
        return redirect("asked:page")
    messages.success(request, _("You are reminded again on %(day)s.") % {"day": date_format(until, "DATE_FORMAT")})
    return redirect(going_to)
