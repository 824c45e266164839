"""A new phone, or a new number: the new comes first, then the old goes (S-93 to S-95, S-137)."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.badge import Badged
from accounts.refusals import Refused
from methods.models import RegisteredMethod
from methods.registry import kind
from methods.stepup import needs_fresh_proof
from methods.succession import let_stay, retire, successor
from methods.usable import listed, only_usable
from selfservice.guide_links import Links
from selfservice.models import Topic


@needs_fresh_proof
@require_GET
def new_phone(request: Badged) -> HttpResponse:
    """What to do in which order, and what is on the way."""
    methods = only_usable(listed(request.user))
    facts = {
        "rows": [_row(method, methods) for method in methods if not kind(method.kind).by_telephone],
        "numbers": [_row(method, methods) for method in methods if kind(method.kind).by_telephone],
        "days": settings.MFA_OLD_PHONE_DAYS,
        "links": Links().of([Topic.NEW_PHONE]),
    }
    return render(request, "selfservice/new_phone.html", facts)


def _row(method: RegisteredMethod, methods: list[RegisteredMethod]) -> dict[str, object]:
    return {"method": method, "icon": kind(method.kind).icon, "successor": successor(method, methods)}


@require_POST
@needs_fresh_proof
def retire_method(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Give the old phone an end."""
    return _done(request, lambda: retire(request.user, method_id, actor=request.user), _("It will end by itself. Until then both work."))


@require_POST
@needs_fresh_proof
def keep_method(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Take the end back."""
    return _done(request, lambda: let_stay(request.user, method_id, actor=request.user), _("It stays."))


def _done(request: Badged, verb: Callable[[], None], done: str) -> HttpResponse:
    try:
        verb()
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, done)
    return redirect("selfservice:new-phone")
