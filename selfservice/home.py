"""The landing page: what MFA is and the four steps, for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import public
from selfservice.guide import TITLES, Step


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Works signed out, too: it tells before it asks (S-01)."""
    steps = [Step(title, "todo", "") for title in TITLES]
    return render(request, "selfservice/home.html", {"steps": steps})
