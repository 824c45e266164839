"""Setting up a card: it is shown, and its first code crossed out."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from methods.forms import CodeForm
from methods.kinds.paper.kind import code_of
from methods.kinds.paper.models import PaperDevice, new_card
from methods.registrant import Registering, for_registrants
from methods.registration import finished, pending, problem_with, prove, refusable, start, start_again


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    if request.method == "POST":
        start(request.registrant, new_card(request.registrant.account))
        return redirect("methods:paper:card")
    return render(request, "paper/setup.html")


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def card(request: Registering) -> HttpResponse:
    device = pending(request.registrant, PaperDevice)
    if device is None:
        return start_again(request, "methods:paper:setup")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = prove(request.registrant, device, form.cleaned_data["code"])
        if judged.proof:
            return finished(request)
        form.add_error("code", problem_with(judged))
    return render(request, "paper/setup.html", {"form": form, "code": code_of(device)})
