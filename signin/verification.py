"""The pages of the second factor, at sign-in."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import Refused
from accounts.sessions import Verified
from methods.challenges import Outcome as Judgement
from methods.challenges import open_challenges
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.registration import problem_with
from methods.registry import kind
from methods.usable import usable
from policies.requirements import Outcome
from signin import flow
from signin.attempts import Attempting, for_attempts, over
from signin.views import signed_in


def _challenge(request: Attempting) -> Challenge | None:
    attempt = request.attempt
    mine = open_challenges(attempt.account, purpose=Purpose.SIGN_IN, binding=attempt.binding)
    return mine.select_related("method").first()


@for_attempts(Outcome.VERIFY)
@require_http_methods(["GET", "POST"])
def verify(request: Attempting) -> HttpResponse:
    """One page per kind, the default method first (S-71, S-79). Looking at it sends nothing."""
    if request.method == "POST":
        return _judge(request)
    challenge = _challenge(request)
    if challenge is None:
        return redirect("signin:options")
    return _page(request, challenge, kind(challenge.kind).answer_form())


def _page(request: Attempting, challenge: Challenge, form: object) -> HttpResponse:
    facts = {"form": form, "challenge": challenge, "method": challenge.method, "account": request.attempt.account}
    return render(request, kind(challenge.kind).challenge_template, facts)


def _judge(request: Attempting) -> HttpResponse:
    proof: list[Verified] = []
    try:
        judged = flow.verify(request.attempt, request.POST.get("code", ""), proof.append)
    except Refused:
        return over(request)
    if judged.passed:
        return signed_in(request, request.attempt, proof[0])
    if judged.held_until:
        messages.error(request, Refused("verification-held").sentence)
        return over(request)
    if judged.challenge is None or judged.outcome is Judgement.OVER:
        messages.info(request, problem_with(judged))
        return redirect("signin:options")
    form = kind(judged.challenge.kind).answer_form(request.POST)
    if form.is_valid():
        form.add_error("code", problem_with(judged))
    return _page(request, judged.challenge, form)


@for_attempts(Outcome.VERIFY)
@require_GET
def options(request: Attempting) -> HttpResponse:
    """The methods of this person, the default among them (S-80)."""
    choices = [(method, kind(method.kind)) for method in usable(request.attempt.account)]
    described = [(method.pk, known.describe(method), known.icon) for method, known in choices]
    return render(request, "signin/options.html", {"options": described})


def _mine(request: Attempting, method_id: uuid.UUID) -> RegisteredMethod | None:
    return next((method for method in usable(request.attempt.account) if method.pk == method_id), None)


@for_attempts(Outcome.VERIFY)
@require_POST
def use(request: Attempting, method_id: uuid.UUID) -> HttpResponse:
    """Verify with this method instead; sends what the kind sends."""
    chosen = _mine(request, method_id)
    if chosen is None:
        return redirect("signin:options")
    return _ask(request, chosen, again=False)


@for_attempts(Outcome.VERIFY)
@require_POST
def resend(request: Attempting) -> HttpResponse:
    """A new code, half a minute after the last at the earliest."""
    challenge = _challenge(request)
    if challenge is None or challenge.method is None:
        return redirect("signin:options")
    return _ask(request, challenge.method, again=True)


def _ask(request: Attempting, chosen: RegisteredMethod, *, again: bool) -> HttpResponse:
    try:
        challenge = flow.choose(request.attempt, chosen, again=again)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return over(request)
    if again and challenge.messages.filter(attempts=0).exists():
        messages.info(request, _("A new code is on its way."))
    return redirect("signin:verify")
