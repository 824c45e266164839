"""The address of this site for print: short, and as a QR code (S-107)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import public
from selfservice.guide_links import qr


@public
@require_safe
def address(request: HttpRequest) -> HttpResponse:
    """One sheet to hang up or to hand out."""
    shown = settings.MFA_SHORT_URL or settings.MFA_PUBLIC_URL
    return render(request, "selfservice/address.html", {"address": shown, "qr": qr(shown)})
