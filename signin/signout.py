"""Signing out: a page that can be linked to (S-68), and says so only when it has really happened (S-69)."""

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import public
from audit.catalogue import EventName
from audit.record import record


def _asked_for(request: HttpRequest) -> bool:
    """Another site's page may not sign people out behind their backs; a clicked link, a bookmark and our own button may."""
    if request.method == "POST":
        return True
    headers = request.headers
    own_visit = headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"} or headers.get("Sec-Fetch-User") == "?1"
    return own_visit and headers.get("Sec-Fetch-Dest", "document") == "document"


@public
@require_http_methods(["GET", "POST"])
def signout(request: HttpRequest) -> HttpResponse:
    """End the session; from elsewhere, ask first."""
    if not request.user.is_authenticated:
        return render(request, "signin/signed_out.html")
    if not _asked_for(request):
        return render(request, "signin/sign_out.html")
    account = request.user
    with transaction.atomic():
        record(EventName.SESSION_ENDED, account=account, actor=account, after={"why": "signed-out"})
        logout(request)
    response = render(request, "signin/signed_out.html", {"menu": []})
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
