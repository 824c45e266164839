"""Who may open the pages of policies: administrators in a verified session; for every change a fresh proof by the strongest they have."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.badge import Badged
from methods.gate import for_staff
from methods.stepup import has_fresh_proof, page_of, prove_first
from policies.drafting import RIGHT

P = ParamSpec("P")
Page = Callable[Concatenate[Badged, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def reads(view: Page[P]) -> View[P]:
    """A page that changes nothing."""
    return require_safe(for_staff(RIGHT)(view))


def edits(view: Page[P]) -> View[P]:
    """A page with a form; the fresh proof is asked for before it is filled in, so that nothing typed is lost."""

    @wraps(view)
    def guarded(request: Badged, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not has_fresh_proof(request):
            return prove_first(request, page_of(request))
        return view(request, *args, **kwargs)

    return require_http_methods(["GET", "POST"])(for_staff(RIGHT)(guarded))
