"""Setting up the Authenticator: pair it, try it out, done (S-26 to S-35)."""

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from methods.challenges import latest_challenges
from methods.kinds.push.kind import app_name
from methods.kinds.push.models import PushDevice
from methods.kinds.push.number import number_of
from methods.kinds.push.pairing import link, typed_code
from methods.kinds.push.start import app_address, qr
from methods.lifecycle import begin, refuse_unsuitable
from methods.models import Challenge, Purpose
from methods.registrant import Registering, for_registrants
from methods.registration import challenge_of, finished, meant, pending, problem_with, prove, refusable, start_again
from methods.registry import kind
from methods.usable import listed
from methods.waiting import standing, watched

PHONES = re.compile(r"\b(Android|iPhone|iPad|iPod|Mobile)\b")
IOS = re.compile(r"\b(iPhone|iPad|iPod)\b")


def _is_phone(request: Registering) -> bool:
    """Whether this page is open on a phone: as its browser says, unless the person says otherwise (S-27)."""
    said = request.GET.get("on", "")
    return said == "phone" if said in {"phone", "other"} else bool(PHONES.search(request.headers.get("User-Agent", "")))


def _facts(request: Registering) -> dict[str, object]:
    return {"app": app_name(), "app_address": app_address(), "registrant": request.registrant}


def _new_device(request: Registering) -> PushDevice:
    """A free row for an app to take; nothing is asked yet."""
    device = PushDevice(user=request.registrant.account, name="")
    begin(request.registrant.account, device, binding=request.registrant.binding)
    return device


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """On the phone itself a link to click; elsewhere “Set up your account”, whose Next makes the QR code."""
    refuse_unsuitable(request.registrant.account, kind("push"))
    if request.method == "POST":
        _new_device(request)
        return redirect("methods:push:pair")
    template = "push/setup_phone.html" if _is_phone(request) else "push/setup.html"
    on_ios = bool(IOS.search(request.headers.get("User-Agent", "")))
    return render(request, template, _facts(request) | {"on_ios": on_ios})


@for_registrants
@require_POST
@refusable
def open_app(request: Registering) -> HttpResponse:
    """“Pair your account to the app by clicking this link”: opens the app on this very phone, with a new code (S-28)."""
    return redirect(link(_new_device(request)).removeprefix(settings.MFA_PUBLIC_URL))


@for_registrants
@require_GET
@refusable
def pair(request: Registering) -> HttpResponse:
    """The QR code, and the short code for whoever has no camera (S-29, S-113)."""
    device = pending(request.registrant, PushDevice)
    if device is None:
        return start_again(request, "methods:push:setup")
    facts: dict[str, object] = {"device": device, "account": request.registrant.account}
    if not device.is_paired:
        facts |= {"qr": qr(link(device)), "typed": typed_code(device), "on_phone": _is_phone(request)}
    return render(request, "push/pair.html", _facts(request) | facts)


@for_registrants
@require_GET
def paired(request: Registering) -> HttpResponse:
    """The part of these pages that waits until an app has taken the code (S-115)."""
    device = pending(request.registrant, PushDevice)
    on_phone = request.GET.get("on") == "phone"
    leave = "" if device or on_phone else reverse("methods:push:setup")
    return render(request, "push/paired.html", _facts(request) | {"device": device, "leave": leave, "go_on": "" if on_phone else "#go-on"})


@for_registrants
@require_POST
@refusable
def ask(request: Registering) -> HttpResponse:
    """Next, and “Send another request”: asks the app that was paired."""
    device = pending(request.registrant, PushDevice)
    if device is None:
        return start_again(request, "methods:push:setup")
    if not device.is_paired:
        messages.warning(request, _("No app has been paired yet. Do that first; this page then goes on by itself."))
        return redirect("methods:push:pair")
    challenge_of(request.registrant, device, again=True)
    return redirect("methods:push:try")


def _challenge(request: Registering, device: PushDevice) -> Challenge | None:
    registrant = request.registrant
    mine = latest_challenges(registrant.account, purpose=Purpose.REGISTER, binding=registrant.binding)
    return watched(mine).filter(kind="push", device_id=device.pk).first()


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def try_out(request: Registering) -> HttpResponse:
    """The page “Let's try it out”: the number to type into the app, then “Notification approved” (S-34, S-35)."""
    device = meant(request, PushDevice)
    challenge = _challenge(request, device) if device else None
    if device is None or challenge is None:
        return start_again(request, "methods:push:setup") if device is None else redirect("methods:push:pair")
    if request.method == "POST":
        name = _free_name(request.registrant.account)
        judged = prove(request.registrant, device, "", name=name, hint=device.installation, way="approve")
        if judged.proof:
            return finished(request)
        messages.info(request, problem_with(judged, device.kind().way(device.first_way)))
        return redirect("methods:push:try")
    facts = {"device": device, "waiting": standing(challenge), "number": number_of(challenge), "challenge": challenge}
    return render(request, "push/try.html", _facts(request) | facts)


def _free_name(account: Account) -> str:
    """The app's name, with a number when there is one already (S-08)."""
    taken, name, number = {method.name for method in listed(account)}, app_name(), 2
    while name in taken:
        name, number = f"{app_name()} {number}", number + 1
    return name
