"""The page behind the link in a notice. Looking at it changes nothing: programs that check mails open every link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import public
from accounts.refusals import Refused
from helpdesk.risks import RISKS
from helpdesk.stops import open_stop
from helpdesk.stops import stop as stop_it
from methods.stopping import meant


@public
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask, then stop."""
    found = open_stop(meant(signed))
    if found is None:
        return render(request, "helpdesk/stop_over.html", {"sentence": Refused("stop-over").told}, status=410)
    risk = RISKS[found.action]
    if request.method == "POST":
        try:
            stop_it(found.pk)
        except Refused as refusal:
            return render(request, "helpdesk/stop_over.html", {"sentence": refusal.told}, status=410)
        found.account.refresh_from_db()
        return render(request, "helpdesk/stopped.html", {"locked": found.account.locked_at is not None})
    return render(request, "helpdesk/stop.html", {"stop": found, "risk": risk})
