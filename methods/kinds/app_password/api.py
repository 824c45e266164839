"""`POST /api/app-passwords/check`: a connected system asks whether to let a program in. It answers for itself by its own secret (HTTP Basic)."""

import binascii
import json
from base64 import b64decode
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from accounts.budgets import SYSTEM_SECRET, count_failure, drawn_on, is_held
from audit.context import network, network_of
from methods.callers import Caller, caller_of
from methods.eligibility import Ability
from methods.kinds.app_password.checking import accepts

LARGEST = 4096


class Odd(Exception):
    """Not a question that can be answered; the words say why, to whoever connects the system."""


@public
@csrf_exempt
@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """{"account": …, "password": …, "address": …} → {"accepted": true or false}; the same false whatever the reason."""
    caller = _caller(request)
    if caller is None:
        refused = JsonResponse({"error": "unauthorized"}, status=HTTPStatus.UNAUTHORIZED)
        refused.headers["WWW-Authenticate"] = 'Basic realm="connected systems", charset="UTF-8"'
        return refused
    if Ability.APP_PASSWORDS not in caller.abilities:
        return JsonResponse({"error": "this system does not take app passwords"}, status=HTTPStatus.FORBIDDEN)
    try:
        account, password, address = _read(request)
    except Odd as odd:
        return JsonResponse({"error": str(odd)}, status=HTTPStatus.BAD_REQUEST)
    return JsonResponse({"accepted": accepts(caller, account, password, network=network_of(address) if address else "")})


def _caller(request: HttpRequest) -> Caller | None:
    """The system that calls; wrong secrets count on the network they come from."""
    thing = (SYSTEM_SECRET, network())
    if any(is_held(budget, timezone.now()) for budget in drawn_on(thing)):
        return None
    code, secret = _credentials(request.headers.get("Authorization", ""))
    found = caller_of(code, secret) if code and secret else None
    if found is None and secret:
        with transaction.atomic(durable=True):
            count_failure(thing)
    return found


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header[:1024].partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        code, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (code, secret) if code.isprintable() and secret.isprintable() else ("", "")


def _read(request: HttpRequest) -> tuple[str, str, str]:
    if request.content_type != "application/json":
        raise Odd("the body is not application/json")
    if len(request.body) > LARGEST:
        raise Odd("the body is too large")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Odd("the body is not JSON") from None
    if not isinstance(said, dict):
        raise Odd("the body is not an object")
    values = [said.get("account"), said.get("password"), said.get("address", "")]
    if not all(isinstance(value, str) for value in values):
        raise Odd("account, password and address are texts")
    account, password, address = values
    return account, password, address
