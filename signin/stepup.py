"""A fresh verification in a session that is open (R-130, R-131)."""

import uuid

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.badge import Badged
from accounts.refusals import Refused
from accounts.sessions import prove_again
from methods.answers import Judged, Question, answer
from methods.answers import Outcome as Judgement
from methods.challenges import ask, method, open_challenges
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.registration import problem_with
from methods.registry import kind
from methods.stepup import to_step_up
from methods.usable import usable
from signin.destination import safe_path


def _binding(request: Badged) -> str:
    return f"session:{request.badge.uid}"


@require_http_methods(["GET", "POST"])
def step_up(request: Badged) -> HttpResponse:
    """A page for the code, after a click where something would be sent. Looking sends nothing."""
    methods = usable(request.user)
    if not methods:
        return render(request, "signin/step_up_impossible.html", status=403)
    going_to = safe_path(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method == "POST":
        return _judge(request, going_to, methods)
    return _page(request, going_to, methods)


def _open(request: Badged) -> list[Challenge]:
    mine = open_challenges(request.user, purpose=Purpose.STEP_UP, binding=_binding(request))
    return list(mine.filter(expires_at__gt=timezone.now()))


def _asked(request: Badged, methods: list[RegisteredMethod], challenges: list[Challenge]) -> RegisteredMethod:
    """The method that the page names, else the one asked last, else the default."""
    named = [request.POST.get("method"), *(str(one.method_id) for one in challenges)]
    return next((one for name in named for one in methods if str(one.pk) == name), methods[0])


def _page(request: Badged, going_to: str, methods: list[RegisteredMethod], form: Form | None = None) -> HttpResponse:
    challenges = _open(request)
    asked = _asked(request, methods, challenges)
    known = kind(asked.kind)
    facts = {
        "next": going_to,
        "form": form or known.answer_form(),
        "method": asked,
        "description": known.describe(asked),
        "sends": known.sends,
        "ready": not known.sends or any(one.method_id == asked.pk for one in challenges),
        "others": [(one.pk, kind(one.kind).describe(one), kind(one.kind).icon) for one in methods if one.pk != asked.pk],
    }
    return render(request, "signin/step_up.html", facts)


def _judge(request: Badged, going_to: str, methods: list[RegisteredMethod]) -> HttpResponse:
    asked = _asked(request, methods, _open(request))
    form = kind(asked.kind).answer_form(request.POST)
    if form.is_valid():
        judged = _answered(request, asked, form.cleaned_data["code"])
        if judged.proof:
            prove_again(request, request.badge, judged.proof.verified())
            return redirect(going_to)
        form.add_error("code", problem_with(judged))
    return _page(request, going_to, methods, form)


def _answered(request: Badged, asked: RegisteredMethod, code: str) -> Judged:
    """A device that makes its own codes needs no message: it is asked with the answer."""
    question = Question(Purpose.STEP_UP, _binding(request), method(asked))
    if not question.asked.kind.sends:
        try:
            ask(request.user, question.asked, purpose=question.purpose, binding=question.binding)
        except Refused:
            return Judged(Judgement.HELD)
    return answer(request.user.pk, code, question)


@require_POST
def use(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Verify with this method; sends what the kind sends."""
    chosen = next((one for one in usable(request.user) if one.pk == method_id), None)
    if chosen is not None:
        try:
            ask(request.user, method(chosen), purpose=Purpose.STEP_UP, binding=_binding(request), again=True)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
    return to_step_up(safe_path(request, request.POST.get("next", "")))
