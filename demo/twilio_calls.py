"""Stands in for Twilio's Voice API: a call rings on the demo phone."""

import re
import secrets
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from demo import exchange
from demo.models import PhoneCall
from demo.twilio import API_VERSION, is_authentic, is_number, refusal

RINGS_SECONDS = 60
CALLER = re.compile(r"\+\d{8,15}")


@public
@csrf_exempt
@require_POST
def calls(request: HttpRequest, account_sid: str) -> HttpResponse:
    """Let a phone ring, or say what is wrong by Twilio's own error codes."""
    if not is_authentic(request, account_sid):
        return refusal(20003, HTTPStatus.UNAUTHORIZED)
    wrong = _mistake(request)
    if wrong is not None:
        return refusal(wrong, HTTPStatus.BAD_REQUEST)
    given = request.POST
    dialled = given.get("SendDigits", "")
    call = PhoneCall.objects.create(
        sid=f"CA{secrets.token_hex(16)}",
        number=given["To"],
        caller=given["From"],
        asks_at=given["Url"],
        reports_to=given.get("StatusCallback", ""),
        dialled=dialled,
        detects_machines=bool(given.get("MachineDetection")) and not dialled,
    )
    exchange.ring(call, int(given.get("Timeout", RINGS_SECONDS)))
    return JsonResponse(_as_twilio_says(call), status=HTTPStatus.CREATED)


def _mistake(request: HttpRequest) -> int | None:
    if not is_number(request.POST.get("To", "")):
        return 21211
    if not request.POST.get("Url", "").startswith("http"):
        return 21205
    return None if CALLER.fullmatch(request.POST.get("From", "")) else 21213


def _as_twilio_says(call: PhoneCall) -> dict[str, Any]:
    made = format_datetime(call.rang_at)
    uri = f"/{API_VERSION}/Accounts/{settings.TWILIO_ACCOUNT_SID}/Calls/{call.sid}"
    return {
        "account_sid": settings.TWILIO_ACCOUNT_SID,
        "answered_by": None,
        "api_version": API_VERSION,
        "date_created": made,
        "date_updated": made,
        "direction": "outbound-api",
        "duration": None,
        "end_time": None,
        "from": call.caller,
        "price": None,
        "price_unit": "USD",
        "sid": call.sid,
        "start_time": None,
        "status": "queued",
        "subresource_uris": {},
        "to": call.number,
        "uri": f"{uri}.json",
    }
