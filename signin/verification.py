"""The pages of the second factor, at sign-in."""

import uuid

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import Refused
from methods.answers import Judged
from methods.answers import Outcome as Judgement
from methods.challenges import asked_by, latest_challenges
from methods.models import Challenge, ChallengeState, Purpose
from methods.options import Option, option, options
from methods.registration import problem_with, say_whether_sent
from methods.registry import kind
from methods.waiting import Stand, standing, watched
from policies.outages import sentence_of
from policies.requirements import Outcome
from signin import flow
from signin.attempts import Attempting, for_attempts, over
from signin.door import Door, challenge_page
from signin.views import signed_in

ASKED = (Outcome.VERIFY, Outcome.PASS, Outcome.ADDRESS)


def _challenges(request: Attempting) -> list[Challenge]:
    attempt = request.attempt
    mine = latest_challenges(attempt.account, purpose=Purpose.SIGN_IN, binding=attempt.binding)
    return list(watched(mine) if request.method == "GET" else mine.select_related("method"))  # an answer has no use for how it stands


def _challenge(request: Attempting) -> Challenge | None:
    """What the page asks: the method and way that it names, so that two tabs do not answer for each other; without a name what was asked last."""
    mine = _challenges(request)
    if "method" in request.POST:
        named = (request.POST["method"], request.POST.get("way", ""))
        mine = [one for one in mine if (str(one.method_id), one.way) == named]
    return mine[0] if mine else None


@for_attempts(*ASKED)
@require_http_methods(["GET", "POST"])
def verify(request: Attempting) -> HttpResponse:
    """One page per way of verifying, the default first (S-71, S-79). Looking at it sends nothing."""
    challenge = _challenge(request)
    if challenge is None or challenge.method is None:
        if flow.was_withdrawn(request.attempt):
            messages.info(request, Refused("kind-withdrawn").told)
        return redirect("signin:options")
    if request.method == "POST":
        return _judge(request, challenge)
    return _page(request, challenge)


def _option(challenge: Challenge) -> Option:
    assert challenge.method is not None  # noqa: S101  sign-in asks registered methods alone
    return Option(challenge.method, kind(challenge.kind).way(challenge.way))


def _page(request: Attempting, challenge: Challenge, form: Form | None = None) -> HttpResponse:
    if _option(challenge).way.is_quiet and standing(challenge).stand is Stand.OVER:
        try:
            challenge = flow.choose(request.attempt, _option(challenge))
        except Refused as refusal:
            return _not_asked(request, refusal)
    door = Door(
        answer_url=reverse("signin:verify"),
        again_url=reverse("signin:resend"),
        different_url=reverse("signin:options"),
        use_url=reverse("signin:use", args=[challenge.method_id]),
        waiting_url=reverse("signin:waiting", args=[challenge.pk]),
        outage=sentence_of(request.attempt.facts.get("outage", "")),
    )
    return challenge_page(request, _option(challenge), challenge, door, form)


def _judge(request: Attempting, challenge: Challenge) -> HttpResponse:
    form = _option(challenge).way.form(request.POST)
    if not form.is_valid():
        return _page(request, challenge, form)
    try:
        judged = flow.verify(request, request.attempt, asked_by(challenge), form.cleaned_data.get("code", ""))
    except Refused:
        return over(request)
    if judged.proof:
        registers = request.attempt.requirement == Outcome.REGISTER
        return redirect("signin:more-information") if registers else signed_in(request, request.attempt)
    if judged.held_until:
        return over(request, why="verification-held")
    return _not_yet(request, challenge, form, judged)


def _not_yet(request: Attempting, challenge: Challenge, form: Form, judged: Judged) -> HttpResponse:
    """In place where the person may try again, else on the page that says how to go on."""
    if judged.outcome is Judgement.WRONG and not _option(challenge).way.one_try:
        form.add_error("code", problem_with(judged))
        return _page(request, challenge, form)
    way = _option(challenge).way
    messages.info(request, problem_with(judged, way))
    chooses_anew = judged.outcome is Judgement.WITHDRAWN or (judged.outcome is Judgement.OVER and not way.is_quiet)
    return redirect("signin:options" if chooses_anew else "signin:verify")


@for_attempts(*ASKED)
@require_GET
def waiting(request: Attempting, challenge_id: uuid.UUID) -> HttpResponse:
    """The part of the page that asks how the device answered; asking changes nothing (R-059)."""
    attempt = request.attempt
    mine = latest_challenges(attempt.account, purpose=Purpose.SIGN_IN, binding=attempt.binding)
    challenge = watched(mine).filter(pk=challenge_id).first()
    if challenge is None:
        return redirect("signin:options")
    return render(request, "methods/waiting.html", {"waiting": standing(challenge), "go_on": "#answer"})


@for_attempts(*ASKED)
@require_GET
def options_page(request: Attempting) -> HttpResponse:
    """What this person may verify with, the default among them (S-80)."""
    facts = {"options": options(flow.askable(request.attempt)), "outage": sentence_of(request.attempt.facts.get("outage", ""))}
    return render(request, "signin/options.html", facts)


@for_attempts(*ASKED)
@require_POST
def use(request: Attempting, method_id: uuid.UUID) -> HttpResponse:
    """Verify in this way instead; asks as the way asks."""
    chosen = option(flow.askable(request.attempt), method_id, request.POST.get("way", ""))
    if chosen is None:
        return redirect("signin:options")
    return _ask(request, chosen, again=False)


@for_attempts(*ASKED)
@require_POST
def resend(request: Attempting) -> HttpResponse:
    """A new code, call or request, half a minute after the last at the earliest unless that one is over."""
    challenge = _challenge(request)
    if challenge is None or challenge.method is None:
        return redirect("signin:options")
    return _ask(request, _option(challenge), again=True)


def _ask(request: Attempting, chosen: Option, *, again: bool) -> HttpResponse:
    asked_at = timezone.now()
    try:
        challenge = flow.choose(request.attempt, chosen, again=again)
    except Refused as refusal:
        return _not_asked(request, refusal)
    if again and chosen.way.sends and challenge.state == ChallengeState.OPEN:
        say_whether_sent(request, challenge, since=asked_at)
    return redirect("signin:verify")


def _not_asked(request: Attempting, refusal: Refused) -> HttpResponse:
    if refusal.code == "verification-held":
        return over(request, why=refusal.code)
    messages.error(request, refusal.told)
    return redirect("signin:options")
