"""The pages of the door: id, password, and what the requirement asks for."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import public
from accounts.badge import asks_by_itself
from accounts.destination import safe_path
from accounts.error_codes import OF_PERSONS
from accounts.numbers import give_number
from accounts.refusals import Refused
from campaigns.asking import detour
from methods.registry import governed_kinds
from methods.usable import listed
from policies.explaining import explain_rule
from policies.requirements import Outcome
from signin import flow
from signin.attempts import Attempting, destination, explain_end, for_attempts, forget_cookie, over, set_cookie
from signin.counter import helps
from signin.forms import IdForm, NumberForm, PasswordForm
from signin.interrupt import needs_address, needs_number
from signin.known_browser import COOKIE as KNOWN
from signin.known_browser import remember
from signin.models import SignInAttempt
from signin.password import prove
from signin.typed import forget_typed, keep_typed, typed_id

NEXT_PAGE = {
    Outcome.VERIFY: "signin:verify",
    Outcome.PASS: "signin:verify",
    Outcome.ADDRESS: "signin:verify",
    Outcome.REGISTER: "signin:more-information",
    Outcome.REFUSE: "signin:refused",
}


@public
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The Common ID; somebody who is signed in already goes on (S-24, S-108)."""
    going_to = safe_path(request, request.POST.get("next", request.GET.get("next", "")))
    if request.user.is_authenticated:
        return redirect(going_to)
    form = IdForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        second = redirect(f"{reverse('signin:password')}?{urlencode({'next': going_to})}")
        keep_typed(second, form.cleaned_data["common_id"])
        return second
    ended = request.method == "GET" and not asks_by_itself(request) and explain_end(request)  # what poll.js reads here nobody sees
    response = render(request, "signin/start.html", {"form": form, "next": going_to})
    if ended:
        forget_cookie(response)
    return response


@public
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The password; every refusal reads the same (R-011)."""
    going_to = safe_path(request, request.POST.get("next", request.GET.get("next", "")))
    common_id = request.POST.get("common_id", "") or typed_id(request)
    if request.user.is_authenticated or not common_id:
        return redirect(f"{reverse('signin:start')}?{urlencode({'next': going_to})}")
    form = PasswordForm(request.POST or None, initial={"common_id": common_id})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        proved = prove(given["common_id"], given["password"], browser=request.COOKIES.get(KNOWN, ""))
        begun = flow.begin(proved, next_path=going_to) if proved else None
        if begun is not None:
            return _go_on(request, begun)
        form.add_error(None, Refused("wrong-password").told)
    return render(request, "signin/password.html", {"form": form, "common_id": common_id, "next": going_to})


def _go_on(request: HttpRequest, begun: flow.Begun) -> HttpResponse:
    page = NEXT_PAGE.get(Outcome(begun.attempt.requirement))
    if page is None:
        return _complete(request, begun.attempt)
    if begun.not_asked:
        messages.warning(request, begun.not_asked.told)
    response = redirect(page)
    set_cookie(response, begun.token)
    return response


def _complete(request: HttpRequest, attempt: SignInAttempt) -> HttpResponse:
    try:
        flow.complete(request, attempt)
    except Refused:
        return over(request)
    return signed_in(request, attempt)


def signed_in(request: HttpRequest, attempt: SignInAttempt) -> HttpResponse:
    """Go where the person wanted to go, now that the attempt has been spent for a session."""
    response = redirect(detour(attempt.account, destination(attempt)))
    forget_cookie(response)
    forget_typed(response)
    remember(request, response, attempt.account)
    if attempt.account.language_chosen and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        age, secure = settings.LANGUAGE_COOKIE_AGE, settings.LANGUAGE_COOKIE_SECURE
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, attempt.account.language, max_age=age, secure=secure, samesite="Lax")
    return response


@for_attempts(Outcome.REFUSE)
@require_GET
def refused(request: Attempting) -> HttpResponse:
    """Why this sign-in is not possible, and whom to ask."""
    attempt = request.attempt
    code = "key-missing" if attempt.strong else attempt.rule if attempt.rule in OF_PERSONS else "refused-by-rule"
    facts = {"reason": explain_rule(attempt.rule), "key_missing": attempt.strong, "code": code, "counter_helps": helps(attempt.account)}
    return render(request, "signin/refused.html", facts, status=403)


@for_attempts(Outcome.REGISTER)
@require_GET
def more_information(request: Attempting) -> HttpResponse:
    """The page “More information required”: a method must be registered first (S-25)."""
    return render(request, "signin/more_information.html", {"account": request.attempt.account, "strong": request.attempt.strong})


@for_attempts(Outcome.REGISTER)
@require_GET
def registered(request: Attempting) -> HttpResponse:
    """After a method was registered: the recovery address when it is missing (S-36), then "Succeeded" (S-39)."""
    attempt = request.attempt
    if not attempt.registered_method or not flow.is_enough(attempt, attempt.registered_kind):
        return redirect("signin:more-information")
    if needs_address(attempt.account):
        return redirect("methods:email:setup")
    if needs_number(attempt.account):
        return redirect("signin:number")
    own = {known.code: known for known in governed_kinds()}  # no pass that staff handed out
    methods = [method for method in listed(attempt.account) if method.kind in own]
    rows = [(method, "" if own[method.kind].for_sign_in else _("Not for sign-in")) for method in methods]
    return render(request, "signin/succeeded.html", {"rows": rows, "applied": attempt.account.methods_needed})


@for_attempts(Outcome.REGISTER)
@require_http_methods(["GET", "POST"])
def number(request: Attempting) -> HttpResponse:
    """The student or staff number, where the institution wants it (S-118)."""
    account = request.attempt.account
    if not request.attempt.registered_method or not needs_number(account):
        return redirect("signin:continue")
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_number(account, form.cleaned_data["number"], actor=account)
        except Refused as refusal:
            form.add_error("number", refusal.told)
        else:
            return redirect("signin:continue")
    return render(request, "signin/number.html", {"form": form})


@for_attempts(Outcome.REGISTER)
@require_POST
def finish(request: Attempting) -> HttpResponse:
    """Open the session that the registration has earned, once address and number are known where they are asked for."""
    attempt = request.attempt
    unfinished = attempt.registered_method and not flow.is_enough(attempt, attempt.registered_kind)
    if unfinished or needs_address(attempt.account) or needs_number(attempt.account):
        return redirect("signin:continue")
    return _complete(request, request.attempt)
