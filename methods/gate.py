"""Who may open the pages of staff, and who may act there: a right, a verified session, and for every action a fresh proof."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import needs_right
from accounts.badge import Badged
from methods.stepup import has_fresh_proof, page_of, prove_first, query_of

P = ParamSpec("P")
PAGE_NAMES = {"common_id", "code"}  # what in the address of a form names the page it stands on
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_staff(right: str) -> Callable[[Callable[Concatenate[Badged, P], HttpResponse]], View[P]]:
    """For accounts with this right whose session was verified; a password alone opens nothing of others."""

    def decorate(view: Callable[Concatenate[Badged, P], HttpResponse]) -> View[P]:
        @needs_right(right)
        @wraps(view)
        def guarded(request: Badged, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.badge.verified_at is None:
                return prove_first(request, page_of(request))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def works(right: str) -> Callable[[Callable[Concatenate[Badged, P], HttpResponse]], View[P]]:
    """For a form that keeps the desk's own books and touches no account: posted, without a verification of the last minutes."""

    def decorate(view: Callable[Concatenate[Badged, P], HttpResponse]) -> View[P]:
        return require_POST(for_staff(right)(view))

    return decorate


def acts(right: str, *, page: str) -> Callable[[Callable[Concatenate[Badged, P], HttpResponse]], View[P]]:
    """For a form on the page with this URL name: posted, by staff with this right, verified within the last ten minutes with the strongest they have."""

    def decorate(view: Callable[Concatenate[Badged, P], HttpResponse]) -> View[P]:
        @require_POST
        @for_staff(right)
        @wraps(view)
        def acting(request: Badged, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not has_fresh_proof(request):
                of = {name: value for name, value in kwargs.items() if name in PAGE_NAMES}
                return prove_first(request, reverse(page, kwargs=of) + query_of(request))
            return view(request, *args, **kwargs)

        return acting

    return decorate
