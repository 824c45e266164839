"""A fresh verification in a session that is open (R-130, R-131)."""

import uuid
from contextlib import suppress
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.badge import Badged
from accounts.destination import safe_path
from accounts.refusals import Refused
from accounts.sessions import prove_again
from methods.allowance import allowance_of
from methods.answers import Judged, Question, answer
from methods.answers import Outcome as Judgement
from methods.challenges import ask, is_withdrawn, latest_challenges, method
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.options import Option, option, options
from methods.registration import problem_with
from methods.registry import kind
from methods.stepup import to_step_up
from methods.usable import for_sign_in, listed, usable
from methods.waiting import Stand, standing, watched
from signin.door import Door, challenge_page
from signin.strength import answerable


def _binding(request: Badged) -> str:
    return f"session:{request.badge.uid}"


@require_http_methods(["GET", "POST"])
def step_up(request: Badged) -> HttpResponse:
    """A page for the answer, after a click where something would be sent. Looking sends nothing."""
    methods = answerable(request)
    if not methods:
        return render(request, "signin/step_up_impossible.html", _missing(request), status=403)
    going_to = safe_path(request, request.POST.get("next", request.GET.get("next", "")))
    challenges = _challenges(request)
    chosen = _chosen(request, methods, challenges)
    if request.method != "POST":
        return _page(request, going_to, chosen, challenges)
    if _is_withdrawn(request, methods):
        messages.info(request, Refused("kind-withdrawn").told)
        return to_step_up(going_to)
    return _judge(request, going_to, chosen, challenges)


def _missing(request: Badged) -> dict[str, bool]:
    """What the page says where nothing can be asked."""
    key_missing = bool(usable(request.user))
    return {"key_missing": key_missing, "withdrawn": not key_missing and bool(for_sign_in(listed(request.user)))}


def _is_withdrawn(request: Badged, methods: list[RegisteredMethod]) -> bool:
    """Whether the answer is that of a method which was accepted when the page was opened, and is not any more."""
    named = request.POST.get("method", "")
    if not named or any(str(one.pk) == named for one in methods):
        return False
    kinds = [kind(one.kind) for one in listed(request.user) if str(one.pk) == named]
    return any(is_withdrawn(request.user, known, Purpose.STEP_UP) for known in kinds)


def _challenges(request: Badged) -> list[Challenge]:
    return list(watched(latest_challenges(request.user, purpose=Purpose.STEP_UP, binding=_binding(request))))


def _chosen(request: Badged, methods: list[RegisteredMethod], challenges: list[Challenge]) -> Option:
    """What the page names, else what was asked last, else the default."""
    asked = [(one.method_id, one.way) for one in challenges]
    named = [(request.POST.get("method", request.GET.get("method", "")), request.POST.get("way", "")), *asked]
    return next((one for name, way in named if (one := option(methods, name, way))), options(methods)[0])


def _named(request: Badged) -> dict[str, str]:
    """The method of a test; it stays in the address of the answer, which may be loaded anew."""
    return {"method": request.GET["method"]} if "method" in request.GET else {}


def _challenge(chosen: Option, challenges: list[Challenge]) -> Challenge | None:
    mine = (one for one in challenges if (one.method_id, one.way) == (chosen.method.pk, chosen.way.code))
    return next(mine, None)


def _asked(request: Badged, chosen: Option, challenges: list[Challenge]) -> Challenge | None:
    """What the page asks; where the person notices nothing of it, anew when it is over."""
    challenge = _challenge(chosen, challenges)
    if chosen.way.is_quiet and (challenge is None or standing(challenge).stand is Stand.OVER):
        with suppress(Refused):
            asked = method(chosen.method, chosen.way.code)
            return ask(request.user, asked, purpose=Purpose.STEP_UP, binding=_binding(request))
    return challenge


def _page(request: Badged, going_to: str, chosen: Option, challenges: list[Challenge], form: Form | None = None) -> HttpResponse:
    challenge = _asked(request, chosen, challenges)
    query = urlencode({"next": going_to})
    door = Door(
        answer_url=f"{reverse('signin:step-up')}?{urlencode({'next': going_to} | _named(request))}",
        again_url=reverse("signin:step-up-use", args=[chosen.method.pk]),
        different_url=f"{reverse('signin:step-up-options')}?{query}",
        use_url=reverse("signin:step-up-use", args=[chosen.method.pk]),
        waiting_url=reverse("signin:step-up-waiting", args=[challenge.pk]) if challenge else "",
        next=going_to,
        why=_why(going_to, chosen),
        outage=_outage(request),
    )
    if chosen.way.is_asked_first and (challenge is None or standing(challenge).stand is Stand.OVER):
        said = standing(challenge) if challenge and chosen.way.waits else None
        return render(request, "signin/step_up.html", {"option": chosen, "door": door, "said": said})
    return challenge_page(request, chosen, challenge if chosen.way.is_asked_first else None, door, form)


def _outage(request: Badged) -> str:
    declared = allowance_of(request.user).outage
    return declared.sentence if declared else ""


def _why(going_to: str, chosen: Option) -> str:
    if going_to.startswith(_tested("")):
        return _("This tests “%(method)s”: verify with it as you would when you sign in.") % {"method": chosen.method.name}
    return _("What you want to do needs a fresh verification.")


def _judge(request: Badged, going_to: str, chosen: Option, challenges: list[Challenge]) -> HttpResponse:
    form = chosen.way.form(request.POST)
    if form.is_valid():
        judged = _answered(request, chosen, form.cleaned_data.get("code", ""))
        if judged.proof:
            prove_again(request, request.badge, judged.proof.verified())
            return redirect(going_to)
        if chosen.way.waits or chosen.way.one_try:
            messages.info(request, problem_with(judged, chosen.way))
            return to_step_up(going_to)
        form.add_error("code", problem_with(judged))
    return _page(request, going_to, chosen, challenges, form)


def _answered(request: Badged, chosen: Option, code: str) -> Judged:
    """A device that makes its own codes is asked with the answer."""
    question = Question(Purpose.STEP_UP, _binding(request), method(chosen.method, chosen.way.code))
    if not chosen.way.is_asked_first:
        try:
            ask(request.user, question.asked, purpose=question.purpose, binding=question.binding)
        except Refused as refusal:
            return Judged(Judgement.WITHDRAWN if refusal.code == "kind-withdrawn" else Judgement.HELD)
    return answer(request.user.pk, code, question)


def _tested(method_id: object) -> str:
    return f"{reverse('selfservice:security-info')}?tested={method_id}"


@require_GET
def test(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """To a verification with exactly this method, and back to the list, which says that it works (S-18)."""
    if option(answerable(request), method_id) is None:
        if option(usable(request.user), method_id) is None:
            raise Http404
        messages.info(request, Refused("test-needs-key").told)
        return redirect("selfservice:security-info")
    query = urlencode({"next": _tested(method_id), "method": str(method_id)})
    return redirect(f"{reverse('signin:step-up')}?{query}")


@require_GET
def waiting(request: Badged, challenge_id: uuid.UUID) -> HttpResponse:
    """The part of the page that asks how the device answered; asking changes nothing (R-059)."""
    mine = latest_challenges(request.user, purpose=Purpose.STEP_UP, binding=_binding(request))
    challenge = watched(mine).filter(pk=challenge_id).first()
    if challenge is None:
        return redirect("signin:step-up")
    return render(request, "methods/waiting.html", {"waiting": standing(challenge), "go_on": "#answer"})


@require_GET
def options_page(request: Badged) -> HttpResponse:
    """What this person may verify with."""
    facts = {"options": options(answerable(request)), "next": safe_path(request, request.GET.get("next", "")), "step_up": True}
    facts["outage"] = _outage(request)
    return render(request, "signin/options.html", facts)


@require_POST
def use(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Verify in this way; asks as the way asks."""
    going_to = safe_path(request, request.POST.get("next", ""))
    chosen = option(answerable(request), method_id, request.POST.get("way", ""))
    if chosen is not None:
        asked = method(chosen.method, chosen.way.code)
        try:
            ask(request.user, asked, purpose=Purpose.STEP_UP, binding=_binding(request), again=True)
        except Refused as refusal:
            messages.error(request, refusal.told)
    return to_step_up(going_to)
