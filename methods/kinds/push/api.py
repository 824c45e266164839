"""What the app on the phone calls: JSON, signed by the device's key instead of a session; no cookie is read (R-056 to R-060)."""

import json
import time
import unicodedata
import uuid
from base64 import b32encode
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from accounts.browsers import recognised
from audit.context import where
from methods.kinds.push import pairing, requests, webpush
from methods.kinds.push.guesses import count_wrong, may_guess
from methods.kinds.push.models import PushDevice
from methods.kinds.push.number import is_number
from methods.kinds.push.signatures import canonical, is_recent, is_signed, known, offered, origins

LARGEST = 16 * 1024
Said = dict[str, Any]


class Odd(Exception):
    """Not something that the app says."""


class TooManyGuesses(Exception):
    """Short codes were tried too often from this network."""


def _answer(status: HTTPStatus = HTTPStatus.OK, **said: Any) -> JsonResponse:
    """Every answer tells the server's time, so that a phone with a wrong clock can sign with the right one."""
    return JsonResponse({**said, "now": int(time.time())}, status=status)


def _body(request: HttpRequest) -> tuple[bytes, Said]:
    """The body, and what it says; Odd when it is too large or no JSON object."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST or request.content_type != "application/json":
        raise Odd
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Odd from None
    if not isinstance(said, dict):
        raise Odd
    return request.body, said


def _is_signed(request: HttpRequest, who: str, key: EllipticCurvePublicKey, body: bytes) -> bool:
    at, signature = request.headers.get("X-Authenticator-Time", ""), request.headers.get("X-Authenticator-Signature", "")
    texts = [canonical(origin, path=request.path, who=who, at=at, body=body) for origin in origins()]
    return is_recent(at, now=time.time()) and any(is_signed(key, signature, text) for text in texts)


def _device(request: HttpRequest, body: bytes) -> PushDevice | None:
    """The device that signed the request; None for whatever else it may be."""
    who = request.headers.get("X-Authenticator-Device", "")
    try:
        uid = uuid.UUID(who)
    except ValueError:
        return None
    device = PushDevice.objects.filter(uid=uid).exclude(key="").select_related("user", "method").first()
    return device if device and _is_signed(request, who, known(device.key), body) else None


def _for_apps(view: Callable[[PushDevice, Said], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """For a device that is paired; every other caller gets the same answer."""

    @public
    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest) -> JsonResponse:
        try:
            body, said = _body(request)
            device = _device(request, body)
            return view(device, said) if device else _answer(HTTPStatus.UNAUTHORIZED, error="refused")
        except Odd:
            return _answer(HTTPStatus.BAD_REQUEST, error="odd")

    return guarded


@public
@csrf_exempt
@require_POST
def pair(request: HttpRequest) -> JsonResponse:
    """Bind this app to the account whose browser shows the code; signed with the new key, to prove that the app has it."""
    try:
        device, key = _wanted(request)
    except Odd:
        return _answer(HTTPStatus.BAD_REQUEST, error="odd")
    except TooManyGuesses:
        return _answer(HTTPStatus.TOO_MANY_REQUESTS, error="wait")
    paired = pairing.pair(device, key, installation=str(recognised(where().browser).name)) if device else None
    if paired is None:
        return _answer(HTTPStatus.FORBIDDEN, error="code")
    return _answer(device=str(paired.device.uid), seed=b32encode(paired.seed).decode(), **_facts(paired.device))


def _wanted(request: HttpRequest) -> tuple[PushDevice | None, EllipticCurvePublicKey]:
    """The device whose code was sent, and the key that is to be its own; Odd unless that key signed this."""
    body, said = _body(request)
    key = offered(said.get("key"))
    if key is None or not _is_signed(request, "", key, body):
        raise Odd
    return _named(said), key


def _named(said: Said) -> PushDevice | None:
    code, common_id = said.get("code"), said.get("account")
    if not isinstance(code, str) or len(code) > 64:
        raise Odd
    if common_id is None:
        return pairing.by_link(code)
    if not isinstance(common_id, str) or len(common_id) > 64:
        raise Odd
    meant, short = "".join(unicodedata.normalize("NFKC", common_id).split()), unicodedata.normalize("NFKC", code)
    if not (meant + short).isprintable():
        raise Odd
    if not may_guess(meant):
        raise TooManyGuesses
    found = pairing.by_typed(meant, short)
    if found is None:
        count_wrong(meant)
    return found


def _facts(device: PushDevice) -> dict[str, Any]:
    names = {"en": settings.MFA_ORGANISATION_NAME, "ja": settings.MFA_ORGANISATION_NAME_JA}
    return {"account": device.user.common_id, "organisation": names, "digits": settings.MFA_PUSH_NUMBER_DIGITS}


@_for_apps
def asked(device: PushDevice, said: Said) -> JsonResponse:
    """What waits for an answer; never with the number (R-050)."""
    requests.note_seen(device)
    waiting = [requests.shown(challenge) for challenge in requests.waiting_for(device)]
    return _answer(state=requests.state_of(device), requests=waiting, woken=bool(device.subscription), **_facts(device))


@_for_apps
def answer(device: PushDevice, said: Said) -> JsonResponse:
    """“Yes” with the number, or “No, it's not me”. There is no yes without a number, at any version."""
    decision, number = said.get("decision"), said.get("number")
    try:
        challenge_id = uuid.UUID(str(said.get("request")))
    except ValueError:
        raise Odd from None
    if decision == "yes" and is_number(number):
        outcome = requests.approve(device, challenge_id, str(number))
    elif decision == "report" and number is None:
        outcome = requests.report(device, challenge_id)
    else:
        raise Odd
    return _answer(outcome=outcome)


@_for_apps
def subscribe(device: PushDevice, said: Said) -> JsonResponse:
    """Where to wake this app, or nothing any more."""
    given = said.get("subscription")
    kept = webpush.subscription(given)
    if given is not None and kept is None:
        raise Odd
    PushDevice.objects.filter(pk=device.pk).update(subscription=kept)
    return _answer(woken=kept is not None)
