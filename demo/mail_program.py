"""A program that knows only an id and a password, at a sample system that asks this site whether to let it in."""

from http import HTTPStatus

import requests
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import public
from demo.world import SAMPLES

TAKING = frozenset(sample.code for sample in SAMPLES if sample.takes_app_passwords)
SECONDS = 10


@public
@require_POST
def sign_in(request: HttpRequest, code: str) -> HttpResponse:
    """Ask as a connected system does (docs/app-passwords.md); no answer is a no."""
    if code in TAKING and _accepted(code, request.POST.get("account", ""), request.POST.get("password", "")):
        messages.success(request, _("The program was let in."))
    else:
        messages.error(request, _("The program was not let in."))
    return redirect("demo:system", code=code)


def _accepted(code: str, account: str, password: str) -> bool:
    address = f"{settings.MFA_PUBLIC_URL}/api/app-passwords/check"
    said = {"account": account, "password": password, "address": "203.0.113.7"}
    try:
        answer = requests.post(address, json=said, auth=(code, settings.MFA_WEBHOOK_DEMO_SECRET), timeout=SECONDS)
        return answer.status_code == HTTPStatus.OK and answer.json()["accepted"] is True
    except (requests.RequestException, KeyError):
        return False
