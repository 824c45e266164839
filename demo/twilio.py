"""Stands in for Twilio's Messaging API, so that the real client is used unchanged. `twilio_calls` has its calls."""

import base64
import binascii
import secrets
import threading
from contextlib import suppress
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import phonenumbers
import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from accounts.access import public
from demo.models import Text

API_VERSION = "2010-04-01"
REPORTS = [(0.5, "sent"), (1.5, "delivered")]  # seconds after the answer, state
SENTENCES = {
    20003: "Authenticate",
    21211: "Invalid 'To' Phone Number",
    21205: "Url parameter is not a valid URL.",
    21213: "The 'From' phone number is required to place a call.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
}


@public
@csrf_exempt
@require_POST
def messages(request: HttpRequest, account_sid: str) -> HttpResponse:
    """Accept a text message, or say what is wrong with it by Twilio's own error codes."""
    if not is_authentic(request, account_sid):
        return refusal(20003, HTTPStatus.UNAUTHORIZED)
    wrong = _mistake(request)
    if wrong is not None:
        return refusal(wrong, HTTPStatus.BAD_REQUEST)
    sender = request.POST.get("From") or request.POST["MessagingServiceSid"]
    sid = f"SM{secrets.token_hex(16)}"
    text = Text.objects.create(sid=sid, number=request.POST["To"], sender=sender, body=request.POST["Body"])
    if request.POST.get("StatusCallback"):
        _report_later(request.POST["StatusCallback"], text)
    return JsonResponse(_as_twilio_says(text, request.POST.get("MessagingServiceSid")), status=HTTPStatus.CREATED)


def is_authentic(request: HttpRequest, account_sid: str) -> bool:
    """Whether the request carries our account and its token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(token, validate=True) if scheme.lower() == "basic" else b""
    except binascii.Error:
        return False
    right = f"{settings.TWILIO_ACCOUNT_SID}:{settings.TWILIO_AUTH_TOKEN}"
    return account_sid == settings.TWILIO_ACCOUNT_SID and secrets.compare_digest(given, right.encode())


def _mistake(request: HttpRequest) -> int | None:
    """Twilio's code for what is wrong with the request."""
    if not is_number(request.POST.get("To", "")):
        return 21211
    if not request.POST.get("Body"):
        return 21602
    if not (request.POST.get("From") or request.POST.get("MessagingServiceSid")):
        return 21603
    return None


def is_number(text: str) -> bool:
    """Whether this is a number as Twilio wants it: E.164."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and text == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def refusal(code: int, status: HTTPStatus) -> JsonResponse:
    """No, in Twilio's words."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JsonResponse({"code": code, "message": SENTENCES[code], "more_info": more, "status": status}, status=status)


def _as_twilio_says(text: Text, service: str | None) -> dict[str, Any]:
    made = format_datetime(text.arrived_at)
    uri = f"/{API_VERSION}/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages/{text.sid}"
    return {
        "account_sid": settings.TWILIO_ACCOUNT_SID,
        "api_version": API_VERSION,
        "body": text.body,
        "date_created": made,
        "date_sent": None,
        "date_updated": made,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": None if service else text.sender,
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.number,
        "uri": f"{uri}.json",
    }


def _report_later(address: str, text: Text) -> None:
    """Signed status callbacks, after the answer has gone out."""
    facts = {
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "ApiVersion": API_VERSION,
        "From": text.sender,
        "MessageSid": text.sid,
        "SmsSid": text.sid,
        "To": text.number,
    }
    for seconds, state in REPORTS:
        timer = threading.Timer(seconds, report, (address, facts | {"MessageStatus": state, "SmsStatus": state}))
        timer.daemon = True
        timer.start()


def report(address: str, facts: dict[str, str]) -> None:
    """One signed callback. Like Twilio, it does not insist when nobody listens."""
    with suppress(requests.RequestException):
        signed_post(address, facts)


def signed_post(address: str, facts: dict[str, str]) -> requests.Response:
    """A callback as Twilio makes it, and what was answered."""
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(address, facts)
    return requests.post(address, data=facts, headers={"X-Twilio-Signature": signature}, timeout=10)
