"""The gate: every view is closed to strangers unless it says `@public`, and to others unless they have its right."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from accounts.badge import Badged
from accounts.models import Account
from audit.catalogue import EventName
from audit.context import path_of
from audit.record import record

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., HttpResponse])


def public(view: View) -> View:
    """Open to everybody. The list of such views is pinned by a test (R-001)."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the door, and back to this page afterwards."""
    back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{back}" if back else resolve_url(settings.LOGIN_URL))


class GateMiddleware:
    """Refuses before any view runs, so that a new page is closed without anyone remembering."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(view, "is_public", False) or request.user.is_authenticated:
            return None
        return to_sign_in(request)


def needs_right(
    right: str,
) -> Callable[[Callable[Concatenate[Badged, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Only for accounts with this right; a refusal is recorded (R-185)."""

    def decorate(view: Callable[Concatenate[Badged, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            return view(with_right(request, right), *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def with_right(request: HttpRequest, right: str) -> Badged:
    """The request of somebody with this right; PermissionDenied for anybody else, which is recorded (R-185)."""
    badged: Badged = request  # type: ignore[assignment]
    if right not in badged.powers.rights:
        account: Account = badged.user
        record(EventName.ACCESS_DENIED, account=account, actor=account, after={"right": right, "path": path_of(request)})
        raise PermissionDenied
    return badged
