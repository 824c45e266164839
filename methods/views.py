"""Choosing a method to add, and changing, deleting or preferring one that is registered."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from methods import lifecycle
from methods.allowance import Allowance, allowance_of
from methods.challenges import latest_challenges
from methods.contract import Label, MethodKind
from methods.forms import NameForm
from methods.models import Purpose, RegisteredMethod
from methods.naming import shown_name
from methods.options import options
from methods.registrant import Registering, for_registrants
from methods.registration import refusable
from methods.registry import kind, kinds, ranked
from methods.stepup import needs_fresh_proof
from methods.usable import listed, only_usable, self_sufficient
from methods.waiting import standing, watched

FAMILIES: dict[str, Label] = {"app": gettext_lazy("Authenticator app")}


@dataclass(frozen=True)
class Choice:
    """One entry of "Which method would you like to add?"."""

    value: str
    label: Label
    icon: str
    for_sign_in: bool


def choices(registered: list[RegisteredMethod], account: Account, *, first: bool) -> list[Choice]:
    """What may still be added; the app kinds share one entry. In the first registration only what can sign in (S-20)."""
    offered: dict[str, Choice] = {}
    allowed = allowance_of(account)
    for known in ranked(kinds(), allowed):
        if not _is_full(known, registered, allowed) and known.is_offered(first=first) and not known.objection(account):
            value = known.family or known.code
            offered.setdefault(value, Choice(value, FAMILIES.get(value, known.verbose_name), known.icon, known.for_sign_in))
    return sorted(offered.values(), key=lambda choice: not choice.for_sign_in)


def _is_full(known: MethodKind, registered: list[RegisteredMethod], allowed: Allowance) -> bool:
    """Whether no other can be added; a new recovery address takes the place of the old one, so it is always offered (S-65)."""
    if known.is_single and not known.for_sign_in:
        return False
    return sum(method.kind == known.code for method in registered) >= allowed.limit(known.code, known.limit)


@for_registrants
@require_http_methods(["GET", "POST"])
def choose(request: Registering) -> HttpResponse:
    """The page “Which method would you like to add?”, or to use, in the interrupt (S-44, S-54)."""
    registrant = request.registrant
    offered = choices(listed(registrant.account), registrant.account, first=registrant.first)
    chosen = next((choice for choice in offered if choice.value == request.POST.get("method")), None)
    if request.method == "POST" and chosen:
        return redirect("methods:start-app" if chosen.value == "app" else kind(chosen.value).setup_url)
    facts = {
        "choices": offered,
        "registrant": registrant,
        "wrong": request.method == "POST",
        "obstacles": obstacles(ranked(kinds(), allowance_of(registrant.account))),
    }
    return render(request, "methods/choose.html", facts)


def obstacles(known: Iterable[MethodKind]) -> list[tuple[Label, Label]]:
    """Those of the kinds that may be neither the only nor the default method, by name, each with the reason (S-14)."""
    return [(one.verbose_name, why) for one in known if (why := one.obstacle())]


@for_registrants
@require_http_methods(["GET"])
def waiting(request: Registering, challenge_id: uuid.UUID) -> HttpResponse:
    """The part of a set-up page that asks how the device answered (S-35); asking changes nothing."""
    registrant = request.registrant
    mine = latest_challenges(registrant.account, purpose=Purpose.REGISTER, binding=registrant.binding)
    challenge = watched(mine).filter(pk=challenge_id).first()
    if challenge is None:
        return redirect("methods:choose")
    goes_on = "#answer" if "go-on" in request.GET else ""
    return render(request, "methods/waiting.html", {"waiting": standing(challenge), "go_on": goes_on})


def app_kinds(account: Account) -> list[MethodKind]:
    """Kinds that are apps on a smartphone and that this account may register, the institution's first choice first; Refused without any."""
    apps = [known for known in ranked(kinds(), allowance_of(account)) if known.family == "app"]
    if not apps:
        raise Refused("kind-not-allowed")
    return apps


@for_registrants
@require_http_methods(["GET"])
@refusable
def start_app(request: Registering) -> HttpResponse:
    """The page “Start by getting the app”: the first app kind, with a way to the others (S-40, S-43, S-55)."""
    first, *others = app_kinds(request.registrant.account)
    facts = {"next_url": first.setup_url, "other_url": (others or [first])[0].setup_url, "registrant": request.registrant}
    return render(request, "methods/start_app.html", facts | {"getting": first.getting} | first.getting_facts())


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def change_default(request: Badged) -> HttpResponse:
    """Which method sign-in asks first (S-81, S-131)."""
    registered = only_usable(listed(request.user))
    eligible = options(self_sufficient(registered))
    if request.method == "POST":
        try:
            named, _dot, way = request.POST.get("method", "").partition(".")
            chosen = lifecycle.set_default(request.user, _uuid(named), actor=request.user, way=way)
        except Refused as refusal:
            messages.error(request, refusal.told)
            return redirect("methods:change-default")
        messages.success(request, _("%(method)s is now your default sign-in method.") % {"method": chosen.name})
        return redirect("selfservice:security-info")
    mine = [kind(code) for code in dict.fromkeys(method.kind for method in registered)]
    return render(request, "methods/change_default.html", {"options": eligible, "obstacles": obstacles(mine)})


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refused("method-gone") from None


def _own(request: Badged, method_id: uuid.UUID) -> RegisteredMethod:
    for method in listed(request.user):
        if method.pk == method_id:
            return method
    raise Http404


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def change(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """A new number or address where there can be only one; another name otherwise (S-130)."""
    method = _own(request, method_id)
    known = kind(method.kind)
    if not known.setup_url:
        raise Http404  # its holder did not set it up
    if known.is_single:
        return redirect(known.setup_url)
    form = NameForm(request.POST or None, initial={"name": method.name})
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.rename(request.user, method_id, form.cleaned_data["name"], actor=request.user)
        except Refused:
            raise Http404 from None
        messages.success(request, _("The name has been changed."))
        return redirect("selfservice:security-info")
    return render(request, "methods/change.html", {"form": form, "method": method})


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def delete(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Asks once, saying what is left, then removes; says so at once where that would be refused (R-132)."""
    method = _own(request, method_id)
    left = [other for other in only_usable(listed(request.user)) if other.pk != method_id]
    if request.method == "POST":
        try:
            lifecycle.remove(request.user, method_id, actor=request.user, keep_session=request.badge.uid)
        except Refused as refusal:
            messages.error(request, refusal.told)
        else:
            messages.success(request, _("%(method)s has been deleted.") % {"method": shown_name(method)})
        return redirect("selfservice:security-info")
    stays = lifecycle.why_it_stays(request.user, method, left)
    facts = {"name": shown_name(method), "hint": method.hint, "left": left, "must_stay": stays.told if stays else ""}
    return render(request, "methods/delete.html", facts)
