"""Setting up a recovery address: the address, then the code that was mailed to it (S-36, S-38)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from methods.allowance import allowance_of
from methods.forms import CodeForm
from methods.kinds.email.forms import AddressForm
from methods.kinds.email.models import EmailDevice
from methods.lifecycle import refuse_unsuitable
from methods.models import HINT_LENGTH
from methods.registrant import Registering, for_registrants
from methods.registration import asked_last, finished, meant, problem_with, prove, refusable, send_again, start, start_again
from methods.registry import kind
from methods.usable import listed


def masked(address: str) -> str:
    """The address as a list shows it: first letter and domain, of a long one its end."""
    local, _at, domain = address.rpartition("@")
    begin = f"{local[:1]}•••@"
    room = HINT_LENGTH - len(begin)
    return begin + (domain if len(domain) <= room else "…" + domain[1 - room :])


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """Which address."""
    account = request.registrant.account
    refuse_unsuitable(account, kind("email"))
    form = AddressForm(allowance_of(account), request.POST or None)
    if request.method == "POST" and form.is_valid():
        start(request.registrant, EmailDevice(address=form.cleaned_data["address"]))
        return redirect("methods:email:confirm")
    replaces = next((method.hint for method in listed(account) if method.kind == "email"), "")
    return render(request, "email/setup.html", {"form": form, "registrant": request.registrant, "replaces": replaces})


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def confirm(request: Registering) -> HttpResponse:
    """The code from the mail."""
    device = meant(request, EmailDevice)
    if device is None:
        return start_again(request, "methods:email:setup")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = prove(request.registrant, device, form.cleaned_data["code"], name=_("Email"), hint=masked(device.address))
        if judged.proof:
            return finished(request)
        form.add_error("code", problem_with(judged))
    facts = asked_last(request.registrant, device)
    return render(request, "email/confirm.html", facts | {"form": form, "device": device, "address": device.address})


@for_registrants
@require_POST
@refusable
def resend(request: Registering) -> HttpResponse:
    """A new code, half a minute after the last at the earliest."""
    send_again(request, EmailDevice)
    return redirect("methods:email:confirm")
