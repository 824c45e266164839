"""Forms of a campaign: entered, changed, thrown away, and what is decided about it."""

import uuid
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.denials import keep_denial
from accounts.reasons import plain
from accounts.refusals import Refused
from campaigns.drafting import RIGHT, discard, draft, edit
from campaigns.forms import CampaignForm, MoveForm
from campaigns.models import Campaign, CampaignState, Wish
from campaigns.moving import move, needs_second_to_move
from campaigns.starting import approve, ask, needs_second, refuse
from campaigns.tasks import wake
from methods.gate import acts
from policies.pages.doing import seen_in
from policies.pages.gate import edits

OVERVIEW, PAGE = "campaigns:overview", "campaigns:campaign"
WAITS = _("It is asked for. Somebody else has to agree within a day.")


@edits
def new(request: Badged) -> HttpResponse:
    """Enter one."""
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(PAGE, draft(form.content(), actor=request.user).uid)
    return render(request, "campaigns/form.html", {"form": form}, status=400 if form.errors else 200)


@edits
def change(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Change a draft."""
    found = get_object_or_404(Campaign.objects.select_related("people"), uid=uid, state=CampaignState.DRAFT)
    form = CampaignForm(request.POST or None, campaign=found)
    if request.method == "POST" and form.is_valid():
        try:
            edit(found, seen_in(request), form.content(), actor=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.told)
        else:
            return redirect(PAGE, uid)
    return render(request, "campaigns/form.html", {"form": form, "campaign": found}, status=400 if form.errors else 200)


def _done(request: Badged, found: Campaign, verb: Callable[[], object], said: str | Promise) -> HttpResponse:
    try:
        verb()
    except Refused as refusal:
        keep_denial(refusal, request)
        messages.error(request, refusal.told)
    else:
        messages.success(request, str(said))
        wake()
    return redirect(PAGE, found.uid)


@acts(RIGHT, page=OVERVIEW)
def discarded(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Throw a draft away."""
    found = get_object_or_404(Campaign, uid=uid)
    return _done(request, found, lambda: discard(found, actor=request.user), _("The draft is discarded."))


@acts(RIGHT, page=OVERVIEW)
def asked(request: Badged, uid: uuid.UUID, wish: str) -> HttpResponse:
    """Start or end one, or ask a second person for it."""
    if wish not in {Wish.START, Wish.END}:  # a move has a form of its own
        raise Http404
    found, reason = get_object_or_404(Campaign, uid=uid), plain(request.POST.get("reason", ""))[:500]
    said = WAITS if needs_second(found, Wish(wish)) else _("It is done.")
    return _done(request, found, lambda: ask(found, Wish(wish), seen_in(request), actor=request.user, reason=reason), said)


@acts(RIGHT, page=OVERVIEW)
def moved(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Give people more time, or less."""
    found, form = get_object_or_404(Campaign, uid=uid), MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter a day and a reason. Nothing has changed."))
        return redirect(PAGE, uid)
    given = form.cleaned_data
    verb = partial(move, found, seen_in(request), given["due_on"], actor=request.user, reason=given["reason"])
    waits = needs_second_to_move(found, given["due_on"])
    return _done(request, found, verb, WAITS if waits else _("The last day is moved. Whoever has not finished gets a mail."))


@acts(RIGHT, page=OVERVIEW)
def approved(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Carry out what somebody else asked for."""
    found = get_object_or_404(Campaign, uid=uid)
    return _done(request, found, lambda: approve(found, seen_in(request), actor=request.user), _("It is done."))


@acts(RIGHT, page=OVERVIEW)
def refused(request: Badged, uid: uuid.UUID) -> HttpResponse:
    """Do nothing of what waits."""
    found = get_object_or_404(Campaign, uid=uid)
    return _done(request, found, lambda: refuse(found, actor=request.user), _("The request is off; nothing changes."))
