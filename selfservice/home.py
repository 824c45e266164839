"""The landing page: what MFA is and the four steps, for everybody; how far one has come, for whoever is signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import public
from accounts.models import Account
from methods.usable import listed
from selfservice.guide import TITLES, Step, steps_for


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Works signed out, too: it tells before it asks (S-01)."""
    if isinstance(request.user, Account):
        guide = steps_for(request.user, listed(request.user))
        return render(request, "selfservice/home.html", {"guide": guide, "steps": guide.steps})
    return render(request, "selfservice/home.html", {"steps": [Step(title, "todo", "") for title in TITLES]})
