"""From an unfinished device to a method: what every kind's set-up pages do (R-142, R-045)."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.refusals import Refused
from methods.challenges import Judged, Outcome, Proof, answer, ask, newcomer
from methods.devices import MethodDevice
from methods.lifecycle import begin, register
from methods.models import Challenge, Purpose
from methods.registrant import Registering, Registrant

PENDING = timedelta(minutes=10)
D = TypeVar("D", bound=MethodDevice)


def start(registrant: Registrant, device: D) -> D:
    """Keep `device` unfinished, bound to this browser, and ask it for its first proof; Refused when it may not be."""
    begin(registrant.account, device, binding=registrant.binding)
    challenge_of(registrant, device)
    return device


def pending(registrant: Registrant, model: type[D]) -> D | None:
    """The unfinished device of this browser, for ten minutes."""
    mine = model.objects.filter(user=registrant.account, binding=registrant.binding, confirmed=False)
    found: D | None = mine.filter(created_at__gt=timezone.now() - PENDING).first()
    return found


def challenge_of(registrant: Registrant, device: MethodDevice, *, again: bool = False) -> Challenge:
    """The open challenge of an unfinished device; `again` sends a new code."""
    return ask(registrant.account, newcomer(device), purpose=Purpose.REGISTER, binding=registrant.binding, again=again)


def prove(registrant: Registrant, device: MethodDevice, code: str, *, name: str, hint: str, way: str = "") -> Judged:
    """Judge the first proof; when it is right the device becomes a method in the same transaction."""

    def make_method(account: Account, proof: Proof) -> None:
        registrant.on_registered(account, register(account, proof.device, name=name, hint=hint, way=way))

    if not device.kind().sends:
        challenge_of(registrant, device)
    return answer(registrant.account.pk, code, purpose=Purpose.REGISTER, binding=registrant.binding, then=make_method)


def problem_with(judged: Judged) -> str:
    """What to tell a person whose code was not accepted."""
    if judged.outcome is Outcome.WRONG:
        return _("That code is not right. Check it and enter it again.")
    if judged.outcome is Outcome.HELD:
        return Refused("verification-held").sentence
    return _("That code is no longer valid. Ask for a new one.")


def finished(request: Registering) -> HttpResponse:
    """On to the next page: the door's in the interrupt, the list of methods otherwise."""
    if not request.registrant.first:
        messages.success(request, _("Succeeded. The method has been added to your account."))
    return redirect(request.registrant.done_url)


def refusable(view: Callable[[Registering], HttpResponse]) -> Callable[[Registering], HttpResponse]:
    """Show a refusal as a message and go back to the choice of methods, losing nothing that is registered."""

    def guarded(request: Registering) -> HttpResponse:
        try:
            return view(request)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return redirect("methods:choose")

    return guarded
