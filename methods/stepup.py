"""Fresh proof: what changes methods, or acts on others, needs a verification of the last minutes (R-130, R-131)."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.badge import Badged
from accounts.models import SessionRecord
from methods.registry import kind
from methods.usable import phishing_resistant, usable

P = ParamSpec("P")


def is_fresh(badge: SessionRecord) -> bool:
    """Whether this very session was verified within the last ten minutes."""
    age = timedelta(minutes=settings.STEP_UP_MINUTES)
    return badge.verified_at is not None and timezone.now() - badge.verified_at < age


def has_fresh_proof(request: Badged) -> bool:
    """Whether this session may change methods or act on others now: fresh, and for people with a role by the strongest they have (R-130)."""
    return is_fresh(request.badge) and (request.powers.rank == 0 or _is_strongest(request))


def _is_strongest(request: Badged) -> bool:
    """Whether nothing stronger stands on the account than what the session was verified with: a key, where there is one."""
    return kind(request.badge.verified_kind).phishing_resistant or not phishing_resistant(usable(request.user))


def to_step_up(back: str) -> HttpResponse:
    """To the door for a fresh verification, then to `back`, a path of this site."""
    return redirect(f"{reverse('signin:step-up')}?{urlencode({'next': back})}")


def prove_first(request: HttpRequest, back: str) -> HttpResponse:
    """The same, from a page or a form that needs a fresh proof; whoever has sent a form is told that nothing came of it."""
    if request.method == "POST":
        messages.warning(request, _("Nothing has been done yet. Verify first, then send the form once more."))
    return to_step_up(back)


def needs_fresh_proof(
    view: Callable[Concatenate[Badged, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For a view of signed-in people; a form that came too late starts over from the page it was on, and is said not to have been sent."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        badged: Badged = request  # type: ignore[assignment]
        if has_fresh_proof(badged):
            return view(badged, *args, **kwargs)
        return prove_first(request, page_of(request))

    return guarded


def query_of(request: HttpRequest) -> str:
    """The filter and the page of a list, which stay with a form that is sent from it."""
    return f"?{request.GET.urlencode()}" if request.GET else ""


def page_of(request: HttpRequest) -> str:
    """The page a request was made from: itself, or for a form the page that held it, on this site."""
    if request.method == "GET":
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    prefix = request.build_absolute_uri("/")
    return "/" + referer.removeprefix(prefix) if referer.startswith(prefix) else "/"
