"""Setting up a phone: its number, then the code that was texted to it, or the call that is answered."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import Refused
from methods.allowance import allowance_of
from methods.answers import Judged
from methods.forms import CodeForm
from methods.kinds.phone.forms import NumberForm
from methods.kinds.phone.models import PhoneDevice, Slot
from methods.lifecycle import refuse_unsuitable
from methods.phones import masked, written
from methods.registrant import Registering, Registrant, for_registrants
from methods.registration import asked_last, begun, finished, meant, problem_with, prove, refusable, send_again, start, start_again
from methods.registry import kind


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """The number that is usually at hand."""
    return _setup(request, Slot.PHONE)


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup_alternate(request: Registering) -> HttpResponse:
    """A number that stands in."""
    return _setup(request, Slot.ALTERNATE)


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup_office(request: Registering) -> HttpResponse:
    """A number at work, perhaps with an extension."""
    return _setup(request, Slot.OFFICE)


def _setup(request: Registering, slot: Slot) -> HttpResponse:
    """The page “What phone number would you like to use?”; Next texts or calls (S-47)."""
    known = kind(slot)
    if not known.is_offered(first=request.registrant.first):
        return redirect("methods:phone:setup")
    account = request.registrant.account
    refuse_unsuitable(account, known)
    form = NumberForm(known, allowance_of(account), request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        device = PhoneDevice(slot=slot, number=facts["phone"], way=facts.get("way", known.ways[0].code))
        if device.is_in_another_slot(account):
            form.add_error("number", Refused("number-of-another-slot").told)
        else:
            start(request.registrant, device)
            return redirect("methods:phone:confirm")
    return render(request, "phone/setup.html", {"form": form, "registrant": request.registrant, "kind": known})


@for_registrants
@require_POST
def preview(request: Registering, slot: str) -> HttpResponse:
    """The number that would be texted or called, as the form is filled in; nothing while it is none (S-124)."""
    if slot not in Slot.values:
        raise Http404
    form = NumberForm(kind(slot), allowance_of(request.registrant.account), request.POST)
    said = _preview(form.cleaned_data) if form.is_valid() else ""
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


def _preview(facts: dict[str, Any]) -> str:
    words = _("We will text %(number)s.") if facts.get("way") == "text" else _("We will call %(number)s.")
    return words % {"number": written(facts["phone"])}


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def confirm(request: Registering) -> HttpResponse:
    """The code from the text message, or the call; loading the page again sends nothing."""
    device = meant(request, PhoneDevice)
    if device is None:
        given_up = begun(request.registrant, PhoneDevice)  # the page of another phone would put this number in the place of that one
        return start_again(request, given_up.kind().setup_url if given_up else "methods:choose")
    return _called(request, device) if device.first_way == "call" else _texted(request, device)


def _texted(request: Registering, device: PhoneDevice) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        judged = _proved(request.registrant, device, form.cleaned_data["code"])
        if judged.proof:
            return finished(request)
        form.add_error("code", problem_with(judged))
    return render(request, "phone/confirm.html", _page(device) | asked_last(request.registrant, device) | {"form": form})


def _called(request: Registering, device: PhoneDevice) -> HttpResponse:
    """Goes on by itself when the call was confirmed (S-50)."""
    if request.method == "POST":
        judged = _proved(request.registrant, device, "")
        if judged.proof:
            return finished(request)
        messages.info(request, problem_with(judged, device.kind().way(device.first_way)))
        return redirect("methods:phone:confirm")
    asked = asked_last(request.registrant, device)
    if not asked:
        return start_again(request, device.kind().setup_url)
    return render(request, "phone/confirm_call.html", _page(device) | asked | device.kind().facts(asked["challenge"]))


def _page(device: PhoneDevice) -> dict[str, object]:
    return {"device": device, "number": device.number.as_international, "kind": device.kind()}


def _proved(registrant: Registrant, device: PhoneDevice, code: str) -> Judged:
    name = str(device.kind().verbose_name)
    return prove(registrant, device, code, name=name, hint=masked(device.number), way=device.first_way)


@for_registrants
@require_POST
@refusable
def resend(request: Registering) -> HttpResponse:
    """A new code or call, half a minute after the last at the earliest unless that one is over (S-48)."""
    send_again(request, PhoneDevice)
    return redirect("methods:phone:confirm")
