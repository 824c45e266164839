"""The attempt of the browser at hand: its cookie, and what it may do with it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import public
from accounts.badge import asks_by_itself
from accounts.models import Account
from accounts.refusals import Refused
from methods.models import RegisteredMethod
from methods.registrant import Registrant
from policies.requirements import Outcome
from signin.flow import living, why_over
from signin.interrupt import note_registration
from signin.models import SignInAttempt

P = ParamSpec("P")


class Attempting(HttpRequest):
    """A request with a living attempt. For annotations."""

    attempt: SignInAttempt


class AttemptMiddleware:
    """A browser that was sent to register first may do so, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.first_registrant = None  # type: ignore[attr-defined]
        token = _token(request)
        if token and not request.user.is_authenticated and request.path.startswith("/security-info/"):
            attempt = living(token)
            if attempt and attempt.requirement == Outcome.REGISTER:
                request.first_registrant = _registrant(attempt)  # type: ignore[attr-defined]
        return self.get_response(request)


def _token(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SIGNIN_COOKIE_NAME, "")


def _registrant(attempt: SignInAttempt) -> Registrant:
    def note(account: Account, method: RegisteredMethod) -> None:
        note_registration(attempt, account, method)

    done_url, registered = reverse("signin:continue"), bool(attempt.registered_method)
    return Registrant(attempt.account, attempt.binding, first=True, done_url=done_url, on_registered=note, has_registered=registered)


def for_attempts(
    *outcomes: Outcome,
) -> Callable[[Callable[Concatenate[Attempting, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Only for a browser whose living attempt has one of these outcomes; everybody else starts with the password (R-003)."""

    def decorate(
        view: Callable[Concatenate[Attempting, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @public
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            attempt = living(_token(request))
            if attempt is None or attempt.requirement not in outcomes:
                return _stop_waiting(request) if asks_by_itself(request) else over(request)
            request.attempt = attempt  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        return guarded

    return decorate


def _stop_waiting(request: HttpRequest) -> HttpResponse:
    """The page that waits goes where it would go when loaded anew, and is told there why."""
    return render(request, "methods/waiting.html", {"leave": reverse("signin:verify")})


def over(request: HttpRequest, *, why: str = "") -> HttpResponse:
    """Back to the first step, saying why (a refusal's code); somebody who is signed in already goes where that sign-in leads."""
    if request.user.is_authenticated:
        return redirect(_where_it_leads(request))
    if token := _token(request):
        messages.warning(request, Refused(why or why_over(token)).told)
    response = redirect("signin:start")
    forget_cookie(response)
    return response


def _where_it_leads(request: HttpRequest) -> str:
    """Another window of the same sign-in, which waits for the same answer, may have been quicker."""
    attempt = SignInAttempt.objects.filter(pk=request.badge.attempt).first()  # type: ignore[attr-defined]
    return destination(attempt) if attempt else settings.LOGIN_REDIRECT_URL


def destination(attempt: SignInAttempt) -> str:
    """Where the person wanted to go; after a first registration not back to a page that registers, where nothing is left to be done."""
    home = reverse("selfservice:security-info")
    registered = attempt.requirement == Outcome.REGISTER
    return home if registered and attempt.next_path.startswith(home) else attempt.next_path


def explain_end(request: HttpRequest) -> bool:
    """Tell a browser that still holds an attempt that it has ended; whether there was something to tell."""
    token = _token(request)
    ended = bool(token) and living(token) is None
    if ended:
        messages.warning(request, Refused(why_over(token)).told)
    return ended


def set_cookie(response: HttpResponse, token: str) -> None:
    """Bind the attempt to this browser; the cookie outlives it by an hour, so that its end can be explained."""
    age = (settings.SIGNIN_ATTEMPT_MINUTES + 60) * 60
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(settings.SIGNIN_COOKIE_NAME, token, max_age=age, secure=secure, httponly=True, samesite="Lax")


def forget_cookie(response: HttpResponse) -> None:
    """Take the cookie of an attempt away from this browser."""
    response.delete_cookie(settings.SIGNIN_COOKIE_NAME, samesite="Lax")
