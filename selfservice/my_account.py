"""My account: who you are here, the way to Security info, and where you are signed in."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.badge import Badged
from accounts.browsers import recognised
from accounts.models import SessionRecord
from accounts.refusals import Refused
from methods.stepup import is_fresh, to_step_up
from methods.usable import usable


@require_safe
def my_account(request: Badged) -> HttpResponse:
    """Name, language, the tile of Security info (S-129), and the sessions that are open (R-154)."""
    opened = [badge for badge in sessions.open_badges(request.user) if sessions.alive(badge, request.user, request.powers)]
    opened.sort(key=lambda badge: badge.uid != request.badge.uid)
    facts = {"sessions": [_row(badge, request.badge) for badge in opened], "elsewhere": len(opened) > 1}
    return render(request, "selfservice/my_account.html", facts)


def _row(badge: SessionRecord, own: SessionRecord) -> dict[str, object]:
    return {"badge": badge, "browser": recognised(badge.browser), "here": badge.uid == own.uid}


@require_POST
def end_session(request: Badged, session_id: uuid.UUID) -> HttpResponse:
    """Sign out one of one's own sessions; this needs no proof, because it only ever protects."""
    try:
        sessions.end_one(request.user, session_id, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("That session has been signed out."))
    return redirect("selfservice:my-account")


@require_POST
def end_other_sessions(request: Badged) -> HttpResponse:
    """Sign out everywhere but here: with fresh proof, so that a stolen session cannot throw its owner out."""
    if usable(request.user) and not is_fresh(request.badge):
        return to_step_up(reverse("selfservice:my-account"))
    ended = sessions.end_all(request.user, actor=request.user, why="own", keep=request.badge.uid)
    said = ngettext("%(ended)d other session has been signed out.", "%(ended)d other sessions have been signed out.", ended)
    messages.success(request, said % {"ended": ended})
    return redirect("selfservice:my-account")
