"""The pages of the installable app: one page that works offline, its manifest and its worker."""

import base64
import hashlib
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import public
from methods.kinds.push.signatures import origins
from methods.kinds.push.webpush import public_key

STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/frame.css",
    "css/buttons.css",
    "css/fields.css",
    "css/notice.css",
    "css/support.css",
    "push/css/app.css",
    "push/css/request.css",
    "push/css/account.css",
)
MODULES = ("main", "store", "api", "code", "accounts", "pairing", "prompt", "scan", "wake", "screen")
SCANNER = "vendor/jsqr/jsQR.js"
COLOURS = {"theme_color": "#0c5a6c", "background_color": "#f4f7f7"}


def module(name: str) -> str:
    """The address of one of the app's scripts."""
    return static(f"push/js/{name}.js")


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The app. It holds nothing of anybody: accounts and keys are on the phone."""
    facts = {
        "app": settings.MFA_AUTHENTICATOR_NAME,
        "styles": [static(name) for name in STYLES],
        "main": module("main"),
        "scanner": static(SCANNER),
        "site_url": settings.MFA_PUBLIC_URL,
        "sites": " ".join(origins()),
        "languages": settings.LANGUAGES,
        "language_cookie": settings.LANGUAGE_COOKIE_NAME,
        "application_key": base64.urlsafe_b64encode(public_key()).decode().rstrip("="),
        "digits": settings.MFA_PUSH_NUMBER_DIGITS,
    }
    return render(request, "push/app/page.html", facts)


@public
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the app."""
    icons = [(size, purpose) for purpose in ("any", "maskable") for size in (192, 512)]
    facts: dict[str, Any] = {
        "id": reverse("authenticator:app"),
        "name": _("%(organisation)s %(app)s") % {"organisation": _organisation(), "app": settings.MFA_AUTHENTICATOR_NAME},
        "short_name": settings.MFA_AUTHENTICATOR_NAME,
        "lang": get_language(),
        "start_url": reverse("authenticator:app"),
        "scope": reverse("authenticator:app"),
        "display": "standalone",
        "orientation": "portrait",
        "icons": [
            {"src": static(f"push/icons/{purpose}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size, purpose in icons
        ],
    }
    return JsonResponse(facts | COLOURS, content_type="application/manifest+json")


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, here so that it may serve this folder; it keeps the page and its files for when there is no network."""
    files = [*(static(name) for name in STYLES), *(module(name) for name in MODULES), static(SCANNER), static("push/icons/any-192.png")]
    version = hashlib.sha256(" ".join(files).encode()).hexdigest()[:12]
    shell = json.dumps({"page": reverse("authenticator:app"), "files": files, "version": version})
    facts = {"shell": shell.replace("<", "\\u003c"), "script": static("push/js/worker.js")}
    return render(request, "push/app/worker.js", facts, content_type="text/javascript")


def _organisation() -> str:
    return settings.MFA_ORGANISATION_NAME_JA if get_language() == "ja" else settings.MFA_ORGANISATION_NAME
