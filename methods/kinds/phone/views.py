"""Setting up a phone: its number, then the code that was texted to it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from methods.forms import CodeForm
from methods.kinds.phone.forms import NumberForm
from methods.kinds.phone.models import PhoneDevice, Slot
from methods.phones import masked
from methods.registrant import Registering, for_registrants
from methods.registration import finished, pending, problem_with, prove, refusable, send_again, start, start_again


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """The page “What phone number would you like to use?”; Next sends the code (S-47)."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        start(request.registrant, PhoneDevice(slot=Slot.PHONE, number=form.cleaned_data["phone"]))
        return redirect("methods:phone:confirm")
    return render(request, "phone/setup.html", {"form": form, "registrant": request.registrant})


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def confirm(request: Registering) -> HttpResponse:
    """The code from the text message; loading the page again sends nothing."""
    device = pending(request.registrant, PhoneDevice)
    if device is None:
        return start_again(request, "methods:phone:setup")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = prove(request.registrant, device, form.cleaned_data["code"], name=_("Phone"), hint=masked(device.number), way="text")
        if judged.proof:
            return finished(request)
        form.add_error("code", problem_with(judged))
    return render(request, "phone/confirm.html", {"form": form, "number": device.number.as_international})


@for_registrants
@require_POST
@refusable
def resend(request: Registering) -> HttpResponse:
    """A new code, half a minute after the last at the earliest (S-48)."""
    send_again(request, PhoneDevice)
    return redirect("methods:phone:confirm")
