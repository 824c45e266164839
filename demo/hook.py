"""The machine's side of a sample system: it receives signed notices and does what a careful system does.

It checks signature and age, applies each key once, and refuses a revision older than the one it knows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.access import public
from demo.models import Mood, Notice, Outcome, SampleSystem, SystemAccount, Use

SLOW_SECONDS = 20
RETRY_AFTER_SECONDS = 10
EVENT = "mfa_use.changed"


class NotUnderstood(Exception):
    """The notice is not one of ours."""


@dataclass(frozen=True)
class Told:
    """What a notice says."""

    key: str
    account: str
    state: str
    revision: int


@public
@csrf_exempt
@require_POST
def hook(request: HttpRequest, code: str) -> HttpResponse:
    """Receive one notice in the mood that the system's page chose."""
    try:
        body = _verified(request)
        if question := QUESTIONS.get(body.get("type") if isinstance(body, dict) else None):
            return JsonResponse(question(code, body.get("data") or {}))
        told = _read(body, request)
    except WebhookVerificationError as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.UNAUTHORIZED)
    except NotUnderstood as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
    return _answer(SampleSystem.objects.get_or_create(code=code)[0], told)


def _pong(code: str, data: dict[str, Any]) -> dict[str, Any]:
    """To whoever tries the connection."""
    return {"key": data.get("key")}


def _held(code: str, data: dict[str, Any]) -> dict[str, Any]:
    """The states of the accounts that are asked for, as far as they are known here."""
    known = SystemAccount.objects.filter(system__code=code, account__in=list(data.get("accounts") or []))
    return {"accounts": list(known.values("account", "state", "revision"))}


QUESTIONS: dict[Any, Callable[[str, dict[str, Any]], dict[str, Any]]] = {"ping": _pong, "mfa_use.asked": _held}


def _verified(request: HttpRequest) -> Any:
    """The body; WebhookVerificationError unless signature and time are right."""
    try:
        return Webhook(settings.MFA_WEBHOOK_DEMO_SECRET).verify(request.body, dict(request.headers))
    except ValueError:
        raise NotUnderstood("signature or body cannot be read") from None


def _read(body: Any, request: HttpRequest) -> Told:
    data = body.get("data") if isinstance(body, dict) and body.get("type") == EVENT else None
    if not isinstance(data, dict):
        raise NotUnderstood("unknown event")
    key, account, state, revision = (data.get(name) for name in ("key", "account", "state", "revision"))
    if not key == request.headers.get("Webhook-Id") == request.headers.get("Idempotency-Key"):
        raise NotUnderstood("the keys differ")
    if state not in Use.values or not isinstance(revision, int) or revision < 0:
        raise NotUnderstood("state or revision cannot be read")
    return Told(str(key), str(account), str(state), revision)


def _answer(system: SampleSystem, told: Told) -> HttpResponse:
    if system.mood == Mood.BROKEN:
        return JsonResponse({"error": "out of order"}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    if system.mood == Mood.BUSY:
        return JsonResponse({"error": "too busy"}, status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": RETRY_AFTER_SECONDS})
    if system.mood == Mood.SLOW:
        time.sleep(SLOW_SECONDS)
    answer = receive(system, told)
    if system.mood == Mood.FORGETFUL:
        return JsonResponse({"error": "the answer was lost"}, status=HTTPStatus.BAD_GATEWAY)
    return answer


@transaction.atomic
def receive(system: SampleSystem, told: Told) -> JsonResponse:
    """Apply a notice once; the same key again gets the same answer and changes nothing."""
    SampleSystem.objects.select_for_update().get(pk=system.pk)
    earlier = Notice.objects.filter(system=system, key=told.key)
    if earlier.update(times=F("times") + 1, last_at=timezone.now()):
        notice = earlier.get()
    else:
        known = SystemAccount.objects.filter(system=system, account=told.account).first()
        outcome = Outcome.OUTDATED if known and known.revision > told.revision else Outcome.APPLIED
        notice = Notice.objects.create(
            system=system, key=told.key, account=told.account, state=told.state, revision=told.revision, outcome=outcome
        )
        if outcome == Outcome.APPLIED:
            _apply(system, told)
    return _said(system, notice)


def _apply(system: SampleSystem, told: Told) -> None:
    SystemAccount.objects.update_or_create(
        system=system,
        account=told.account,
        defaults={"state": told.state, "revision": told.revision, "changed_at": timezone.now()},
    )


def _said(system: SampleSystem, notice: Notice) -> JsonResponse:
    """200 with what was applied, or 409 with the newer state that stands."""
    if notice.outcome == Outcome.APPLIED:
        return JsonResponse({"account": notice.account, "revision": notice.revision, "state": notice.state})
    stands = SystemAccount.objects.get(system=system, account=notice.account)
    answer = {"error": "outdated", "account": stands.account, "revision": stands.revision, "state": stands.state}
    return JsonResponse(answer, status=HTTPStatus.CONFLICT)
