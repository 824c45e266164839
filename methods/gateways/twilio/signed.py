"""Only Twilio gets in: by its signature over the configured address and every field as it was sent (R-080 to R-085)."""

from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from accounts.access import public

MOST_BYTES = 16 * 1024
FORM = "application/x-www-form-urlencoded"
log = structlog.get_logger(__name__)
View = Callable[[HttpRequest, str], HttpResponse]


def from_twilio(view: View) -> View:
    """Closed to everybody but Twilio, on behalf of our account there; nothing is read or changed before that is certain."""

    @public
    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        if _length(request) > MOST_BYTES:
            return HttpResponse(status=413)
        if request.content_type != FORM or not _is_signed(request) or request.POST.get("AccountSid", "") != settings.TWILIO_ACCOUNT_SID:
            log.warning("callback refused", view=view.__name__)
            return HttpResponse(status=403)
        return view(request, token)

    return guarded


def _length(request: HttpRequest) -> int:
    text = request.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else MOST_BYTES + 1


def _is_signed(request: HttpRequest) -> bool:
    """By the auth token of now or, while it is being changed, by the one before; never by an empty one."""
    address = settings.MFA_PUBLIC_URL.rstrip("/") + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    tokens = [token for token in (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD) if token]
    return any(RequestValidator(token).validate(address, request.POST, signature) for token in tokens)
