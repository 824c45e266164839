"""Setting up an authenticator app: what will happen, then the QR code and the first code."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from methods.forms import NamedCodeForm
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import issuer, key_text, new_device, qr
from methods.lifecycle import refuse_unsuitable
from methods.registrant import Registering, for_registrants
from methods.registration import finished, meant, problem_with, prove, refusable, start, start_again
from methods.registry import kind


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """The page “Set up your account”; Next makes the key."""
    refuse_unsuitable(request.registrant.account, kind("totp"))
    if request.method == "POST":
        start(request.registrant, new_device(request.registrant.account))
        return redirect("methods:totp:scan")
    return render(request, "totp/setup.html", {"registrant": request.registrant})


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def scan(request: Registering) -> HttpResponse:
    """The QR code, the key as text, and the code that proves the app has it (S-41)."""
    device = meant(request, TotpDevice)
    if device is None:
        return start_again(request, "methods:totp:setup")
    form = NamedCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = prove(request.registrant, device, form.cleaned_data["code"], name=form.cleaned_data["name"])
        if judged.proof:
            return finished(request)
        form.add_error("code", problem_with(judged))
    facts = {
        "form": form,
        "device": device,
        "qr": qr(device),
        "key": key_text(device),
        "issuer": issuer(),
        "account": request.registrant.account,
    }
    return render(request, "totp/scan.html", facts)
