"""The pages of the second factor, at sign-in."""

import uuid

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import Refused
from methods.answers import Outcome as Judgement
from methods.challenges import asked_by, open_challenges
from methods.delivery import in_trouble
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.registration import problem_with, say_whether_sent
from methods.registry import kind
from methods.usable import usable
from policies.requirements import Outcome
from signin import flow
from signin.attempts import Attempting, for_attempts, over
from signin.views import signed_in


def _challenge(request: Attempting) -> Challenge | None:
    """What the page asks: the method it names, so that two tabs do not answer for each other, else the one asked last."""
    attempt = request.attempt
    mine = list(open_challenges(attempt.account, purpose=Purpose.SIGN_IN, binding=attempt.binding).select_related("method"))
    return next((one for one in mine if str(one.method_id) == request.POST.get("method")), mine[0] if mine else None)


@for_attempts(Outcome.VERIFY)
@require_http_methods(["GET", "POST"])
def verify(request: Attempting) -> HttpResponse:
    """One page per kind, the default method first (S-71, S-79). Looking at it sends nothing."""
    challenge = _challenge(request)
    if challenge is None:
        return redirect("signin:options")
    if request.method == "POST":
        return _judge(request, challenge)
    return _page(request, challenge, kind(challenge.kind).answer_form())


def _page(request: Attempting, challenge: Challenge, form: Form) -> HttpResponse:
    known = kind(challenge.kind)
    facts = {"form": form, "method": challenge.method, "trouble": known.sends and in_trouble(challenge)}
    return render(request, known.challenge_template, facts)


def _judge(request: Attempting, challenge: Challenge) -> HttpResponse:
    form = kind(challenge.kind).answer_form(request.POST)
    if not form.is_valid():
        return _page(request, challenge, form)
    try:
        judged = flow.verify(request, request.attempt, asked_by(challenge), form.cleaned_data["code"])
    except Refused:
        return over(request)
    if judged.proof:
        return signed_in(request, request.attempt)
    if judged.held_until:
        return over(request, why="verification-held")
    if judged.outcome is Judgement.OVER:
        messages.info(request, problem_with(judged))
        return redirect("signin:options")
    form.add_error("code", problem_with(judged))
    return _page(request, challenge, form)


@for_attempts(Outcome.VERIFY)
@require_GET
def options(request: Attempting) -> HttpResponse:
    """The methods of this person, the default among them (S-80)."""
    choices = [(method, kind(method.kind)) for method in usable(request.attempt.account)]
    described = [(method.pk, known.describe(method), known.icon) for method, known in choices]
    return render(request, "signin/options.html", {"options": described})


@for_attempts(Outcome.VERIFY)
@require_POST
def use(request: Attempting, method_id: uuid.UUID) -> HttpResponse:
    """Verify with this method instead; sends what the kind sends."""
    chosen = next((method for method in usable(request.attempt.account) if method.pk == method_id), None)
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
    asked_at = timezone.now()
    try:
        challenge = flow.choose(request.attempt, chosen, again=again)
    except Refused as refusal:
        if refusal.code == "verification-held":
            return over(request, why=refusal.code)
        messages.error(request, refusal.sentence)
        return redirect("signin:options")
    if again:
        say_whether_sent(request, challenge, since=asked_at)
    return redirect("signin:verify")
