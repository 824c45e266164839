"""Setting up a security key: what will happen, then the key itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from methods.kinds.fido.forms import NewKeyForm
from methods.kinds.fido.models import FidoDevice
from methods.lifecycle import refuse_unsuitable
from methods.registrant import Registering, for_registrants
from methods.registration import challenge_of, finished, meant, problem_with, prove, refusable, start, start_again
from methods.registry import kind
from methods.usable import listed, self_sufficient

CODE = "fido"


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """What a key is and where it works; Next asks for it. Said at once where it cannot be registered yet (S-14)."""
    registrant = request.registrant
    refuse_unsuitable(registrant.account, kind(CODE))
    obstacle = kind(CODE).obstacle()
    too_early = bool(obstacle) and not self_sufficient(listed(registrant.account))
    if request.method == "POST":
        if too_early:
            raise Refused("key-alone")
        start(registrant, FidoDevice())
        return redirect("methods:fido:key")
    return render(request, "fido/setup.html", {"obstacle": obstacle, "too_early": too_early})


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def key(request: Registering) -> HttpResponse:
    """The key is asked to make a credential for this account; each try is asked anew (R-090)."""
    device = meant(request, FidoDevice)
    if device is None:
        return start_again(request, "methods:fido:setup")
    form = NewKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = prove(request.registrant, device, form.cleaned_data["code"], name=form.cleaned_data["name"])
        if judged.proof:
            return finished(request)
        messages.error(request, problem_with(judged, kind(CODE).way("")))
        return redirect("methods:fido:key")
    challenge = challenge_of(request.registrant, device)
    return render(request, "fido/key.html", {"form": form, "device": device} | kind(CODE).facts(challenge))
