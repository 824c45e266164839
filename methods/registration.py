"""From an unfinished device to a method: what every kind's set-up pages do (R-142, R-045)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused, coded
from methods.answers import Judged, Outcome, Proof, Question, answer
from methods.challenges import RESEND_AFTER, ask, latest_challenges, newcomer
from methods.contract import Way
from methods.devices import MethodDevice
from methods.lifecycle import begin, register
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.naming import free_name
from methods.registrant import Registering, Registrant
from methods.registry import kind, kinds
from methods.waiting import standing, watched

PENDING_SECONDS = 600  # R-045; longer only where the code itself is valid for longer
D = TypeVar("D", bound=MethodDevice)


def start(registrant: Registrant, device: D) -> D:
    """Keep `device` unfinished, bound to this browser, and ask it for its first proof; Refused when it may not be.

    The same destination once more within half a minute is the same device, whose code is on its way.
    """
    if known := _just_asked(registrant, device):
        return known
    begin(registrant.account, device, binding=registrant.binding)
    challenge_of(registrant, device)
    return device


def _just_asked(registrant: Registrant, device: D) -> D | None:
    known = pending(registrant, type(device))
    if known is None or not known.asks_like(device):
        return None
    asked = Question(Purpose.REGISTER, registrant.binding, newcomer(known)).challenge(registrant.account)
    return known if asked and asked.issued_at + RESEND_AFTER > timezone.now() else None


def begun(registrant: Registrant, model: type[D]) -> D | None:
    """The unfinished device of this browser, however long ago it was begun."""
    found: D | None = model.objects.filter(user=registrant.account, binding=registrant.binding, confirmed=False).first()
    return found


def pending(registrant: Registrant, model: type[D]) -> D | None:
    """The same, for ten minutes or as long as its code is valid."""
    found = begun(registrant, model)
    return found if found and timezone.now() < found.created_at + timedelta(seconds=_patience(found)) else None


def meant(request: Registering, model: type[D]) -> D | None:
    """The unfinished device, as `pending`; Refused when the page that answers shows another one, which a second window has replaced."""
    device = pending(request.registrant, model)
    if device and request.POST.get("device", str(device.uid)) != str(device.uid):
        raise Refused("begun-elsewhere")
    return device


def _patience(device: MethodDevice) -> int:
    return max(PENDING_SECONDS, device.kind().way(device.first_way).lifetime_seconds)


def clear_unfinished() -> int:
    """Remove devices whose registration was given up, with their secrets."""
    long_ago = timezone.now() - timedelta(days=1)
    given_up = [known.device_model.objects.filter(confirmed=False, created_at__lt=long_ago) for known in kinds()]
    return sum(devices.delete()[0] for devices in given_up)


def challenge_of(registrant: Registrant, device: MethodDevice, *, again: bool = False) -> Challenge:
    """The open challenge of an unfinished device; `again` sends a new code."""
    return ask(registrant.account, newcomer(device), purpose=Purpose.REGISTER, binding=registrant.binding, again=again)


def asked_last(registrant: Registrant, device: MethodDevice) -> dict[str, Any]:
    """For a page that confirms: what the device was asked last, and what became of it; nothing when it was not asked."""
    mine = latest_challenges(registrant.account, purpose=Purpose.REGISTER, binding=registrant.binding)
    challenge = watched(mine).filter(kind=device.kind().code, device_id=device.pk).first()
    return {"challenge": challenge, "waiting": standing(challenge)} if challenge else {}


def send_again(request: Registering, model: type[MethodDevice]) -> None:
    """A new code for the unfinished device, half a minute after the last at the earliest (S-48)."""
    if device := pending(request.registrant, model):
        asked_at = timezone.now()
        say_whether_sent(request, challenge_of(request.registrant, device, again=True), since=asked_at)


def say_whether_sent(request: HttpRequest, challenge: Challenge, *, since: datetime) -> None:
    """Tell a person who asked once more what became of it; where the device answers by itself the page tells."""
    if kind(challenge.kind).way(challenge.way).waits:
        if challenge.issued_at < since:
            messages.info(request, _("Your phone was asked just now. If nothing happens within half a minute, ask again."))
    elif challenge.issued_at >= since:
        messages.info(request, _("A new code is on its way."))
    else:
        messages.info(request, _("A code was sent just now. If it does not arrive within half a minute, ask for another."))


def prove(registrant: Registrant, device: MethodDevice, code: str, *, name: str = "", hint: str = "", way: str = "") -> Judged:
    """Judge the first proof; when it is right the device becomes a method in the same transaction.

    Without a name of its owner's it is called what it is.
    """

    def make_method(account: Account, proof: Proof) -> None:
        called = name or free_name(account, proof.device.own_name or str(proof.device.kind().verbose_name))
        made = register(account, proof.device, name=called, hint=hint, way=way, keep_session=registrant.session)
        registrant.on_registered(account, made)

    if not device.kind().way(device.first_way).is_asked_first:
        challenge_of(registrant, device)
    question = Question(Purpose.REGISTER, registrant.binding, newcomer(device))
    return answer(registrant.account.pk, code, question, then=make_method)


@transaction.atomic
def adopt(registrant: Registrant, device: D, *, name: str = "") -> RegisteredMethod:
    """Make a method of a device that is never asked: the fresh proof of the person is enough. Refused where there was a password only."""
    if registrant.first or device.kind().ways:
        raise Refused("not-allowed")
    account = hold(registrant.account.pk)
    begin(account, device, binding=registrant.binding)
    return register(
        account, device, name=name or free_name(account, str(device.kind().verbose_name)), hint="", keep_session=registrant.session
    )


def problem_with(judged: Judged, way: Way | None = None) -> str:
    """What to tell a person whose answer was not accepted; `way` is how they were asked."""
    if judged.outcome is Outcome.WRONG:
        wrong = way.wrong if way and way.wrong else _("That code is not right. Check it and enter it again.")
        return coded(wrong, "wrong-code")
    if judged.outcome is Outcome.HELD:
        return Refused("verification-held").told
    if judged.outcome is Outcome.WITHDRAWN:
        return Refused("kind-withdrawn").told
    if judged.outcome is Outcome.WAITING:
        return coded(_("There is no answer from your phone yet. Answer there first."), "waiting-device")
    return _over(way)


def _over(way: Way | None) -> str:
    """There is no code to ask for where the device answers by itself."""
    if way and way.is_quiet:
        return coded(_("That took too long, or it was answered in another window. Try again."), "timed-out")
    if way and way.waits:
        return coded(_("It is over: it took too long, or it was answered already. Ask again."), "timed-out")
    return coded(_("That code is no longer valid. Ask for a new one."), "code-over")


def start_again(request: Registering, setup_url: str) -> HttpResponse:
    """Back to the first page of a kind, when nothing unfinished is left to be confirmed.

    On to the next page of a first registration that has its method: what was confirmed was sent twice, or gone back to.
    """
    if request.registrant.has_registered:
        return redirect(request.registrant.done_url)
    messages.info(request, _("There is nothing to confirm any more: it took too long, or it was done in another window. Start again here."))
    return redirect(setup_url)


def finished(request: Registering) -> HttpResponse:
    """On to the next page: the door's in the interrupt, the list of methods otherwise."""
    if not request.registrant.first:
        messages.success(request, _("Succeeded. The method has been added to your account."))
    return redirect(request.registrant.done_url)


def refusable(view: Callable[[Registering], HttpResponse]) -> Callable[[Registering], HttpResponse]:
    """Show a refusal as a message and go back to the choice of methods, losing nothing that is registered.

    Where a second window went on with another device, the page is shown anew as that one has it.
    """

    def guarded(request: Registering) -> HttpResponse:
        try:
            return view(request)
        except Refused as refusal:
            messages.error(request, refusal.told)
            return redirect(request.path if refusal.code == "begun-elsewhere" else "methods:choose")

    return guarded
