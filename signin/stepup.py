"""A fresh verification in a session that is open (R-130, R-131)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import Verified, prove_again
from methods.challenges import Proof, answer, ask, method, open_challenges
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.registration import problem_with
from methods.registry import kind
from methods.stepup import to_step_up
from methods.usable import usable
from signin.destination import safe_path


def _binding(request: Badged) -> str:
    return f"session:{request.badge.uid}"


def _open(request: Badged) -> Challenge | None:
    mine = open_challenges(request.user, purpose=Purpose.STEP_UP, binding=_binding(request))
    return mine.filter(expires_at__gt=timezone.now()).select_related("method").first()


@require_http_methods(["GET", "POST"])
def step_up(request: Badged) -> HttpResponse:
    """Choose a method where something would be sent; a code page otherwise. Looking sends nothing."""
    going_to = safe_path(request, request.POST.get("next", request.GET.get("next", "")))
    methods = usable(request.user)
    if not methods:
        return render(request, "signin/step_up_impossible.html", status=403)
    if request.method == "POST":
        return _judge(request, going_to, methods)
    challenge = _open(request)
    asked = challenge.method if challenge and challenge.method else methods[0]
    return _page(request, going_to, methods, asked, challenge)


def _page(
    request: Badged,
    going_to: str,
    methods: list[RegisteredMethod],
    asked: RegisteredMethod,
    challenge: Challenge | None,
    form: object = None,
) -> HttpResponse:
    known = kind(asked.kind)
    facts = {
        "next": going_to,
        "form": form or known.answer_form(),
        "method": asked,
        "description": known.describe(asked),
        "ready": challenge is not None or not known.sends,
        "others": [(one.pk, kind(one.kind).describe(one), kind(one.kind).icon) for one in methods if one.pk != asked.pk],
    }
    return render(request, "signin/step_up.html", facts)


def _judge(request: Badged, going_to: str, methods: list[RegisteredMethod]) -> HttpResponse:
    proof: list[Verified] = []

    def prove(account: Account, given: Proof) -> None:
        proof.append(given.verified())

    challenge = _open(request) or _ask_silently(request, methods[0])
    asked = challenge.method if challenge and challenge.method else methods[0]
    judged = answer(request.user.pk, request.POST.get("code", ""), purpose=Purpose.STEP_UP, binding=_binding(request), then=prove)
    if judged.passed:
        prove_again(request, request.badge, proof[0])
        return redirect(going_to)
    form = kind(asked.kind).answer_form(request.POST)
    if form.is_valid():
        form.add_error("code", problem_with(judged))
    return _page(request, going_to, methods, asked, _open(request), form)


def _ask_silently(request: Badged, asked: RegisteredMethod) -> Challenge | None:
    """A device that makes its own codes needs no message, so its challenge begins with the answer."""
    if kind(asked.kind).sends:
        return None
    try:
        return ask(request.user, method(asked), purpose=Purpose.STEP_UP, binding=_binding(request))
    except Refused:
        return None


@require_POST
def use(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Verify with this method; sends what the kind sends."""
    going_to = safe_path(request, request.POST.get("next", ""))
    chosen = next((one for one in usable(request.user) if one.pk == method_id), None)
    if chosen is not None:
        try:
            ask(request.user, method(chosen), purpose=Purpose.STEP_UP, binding=_binding(request), again=True)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
    return to_step_up(going_to)
