"""The pages of counter mode on the person's own screen."""

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from accounts.error_codes import OF_PERSONS
from accounts.refusals import Refused
from policies.requirements import Outcome
from signin import counter
from signin.attempts import Attempting, for_attempts, over
from signin.models import CounterRequest
from signin.verification import ASKED

AT_COUNTER = (Outcome.REFUSE, *ASKED)  # those whose pages lead here


@for_attempts(*AT_COUNTER)
@require_http_methods(["GET", "POST"])
def counter_page(request: Attempting) -> HttpResponse:
    """The code for the clerk; only asking for it makes one."""
    if request.method == "POST":
        try:
            counter.come(request.attempt)
        except Refused as refusal:
            return render(request, "signin/counter_start.html", {"problem": refusal.told}, status=409)
        return redirect("signin:counter")
    shown = _shown(request)
    if shown is None:
        return render(request, "signin/counter_start.html")
    if shown.taken_at is not None:
        return render(request, "signin/counter_taken.html", {"problem": Refused("counter-taken").told})
    return render(request, "signin/counter.html", {"shown": shown, "qr": _qr(shown)})


@for_attempts(*AT_COUNTER)
@require_GET
def counter_waiting(request: Attempting) -> HttpResponse:
    """The part of the page that waits for the clerk; asking changes nothing."""
    return render(request, "signin/counter_waiting.html", {"shown": _shown(request)})


@for_attempts(*AT_COUNTER)
@require_http_methods(["GET", "POST"])
def counter_take(request: Attempting) -> HttpResponse:
    """The pass, once the clerk has confirmed. Loaded anew it is gone, and the page of the code says so."""
    shown = _shown(request)
    if request.method == "GET" or (shown is not None and shown.confirmed_at is None):
        return redirect("signin:counter")
    try:
        code, issued = counter.take(request.attempt)
    except Refused as refusal:
        if refusal.code == "counter-taken":
            return redirect("signin:counter")
        return over(request, why=refusal.code if refusal.code in OF_PERSONS else "")  # the clerk's right is no matter of hers
    response = render(request, "signin/counter_pass.html", {"code": code, "method": issued, "shown_once": True})
    response["Cache-Control"] = "no-store"
    return response


def _shown(request: Attempting) -> CounterRequest | None:
    return CounterRequest.objects.filter(attempt=request.attempt).first()


def _qr(shown: CounterRequest) -> SafeString:
    """The clerk's page with the code filled in; who is no clerk is refused there."""
    address = f"{settings.MFA_PUBLIC_URL.rstrip('/')}{reverse('helpdesk:counter')}?code={shown.code}"
    svg: str = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True)
    return mark_safe(svg)  # noqa: S308  drawn by segno
