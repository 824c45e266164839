"""Who may register a method just now: a signed-in person with fresh proof, or one whom the door sent to register first."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.access import public, to_sign_in
from accounts.badge import Badged
from accounts.models import Account
from methods.models import RegisteredMethod
from methods.stepup import has_fresh_proof, page_of, prove_first

P = ParamSpec("P")


@dataclass(frozen=True)
class Registrant:
    """The account, the browser it registers in, and where to go when a method has been registered.

    `first` is true in the "More information required" interrupt: the door has the evidence of the password only; `has_registered`
    once a method was registered there. The door learns through `on_registered`, in the transaction that made the method,
    what was registered.
    """

    account: Account
    binding: str
    first: bool
    done_url: str
    on_registered: Callable[[Account, RegisteredMethod], None]
    session: uuid.UUID | None = None
    has_registered: bool = False


class Registering(HttpRequest):
    """A request of somebody who may register. For annotations."""

    registrant: Registrant


def for_registrants(
    view: Callable[Concatenate[Registering, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Open to registrants alone; others are sent to verify or to sign in."""

    @public
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        registrant = _registrant(request)
        if isinstance(registrant, HttpResponse):
            return registrant
        request.registrant = registrant  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    guarded.for_registrants = True  # type: ignore[attr-defined]
    return guarded


def _registrant(request: HttpRequest) -> Registrant | HttpResponse:
    if not request.user.is_authenticated:
        first: Registrant | None = getattr(request, "first_registrant", None)
        return first or to_sign_in(request)
    badged: Badged = request  # type: ignore[assignment]
    if not has_fresh_proof(badged):
        return prove_first(request, page_of(request))
    session, done_url = badged.badge.uid, reverse("selfservice:security-info")
    return Registrant(badged.user, f"session:{session}", first=False, done_url=done_url, on_registered=_nothing, session=session)


def _nothing(account: Account, method: RegisteredMethod) -> None:
    """A session that is open already has all it needs."""
