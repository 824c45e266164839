"""The keys of a demo phone: answer, decline, let the voicemail answer, press, hang up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import public
from demo import exchange
from demo.models import Line, PhoneCall

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")


def live_call(number: str) -> PhoneCall | None:
    """The call that rings or is open on this phone."""
    return PhoneCall.objects.filter(number=number).exclude(line=Line.OVER).first()


@public
@require_POST
def handle(request: HttpRequest, number: str) -> HttpResponse:
    """One press of a button of the phone."""
    call, pressed = live_call(number), request.POST.get("do", "")
    if call and call.line == Line.RINGING:
        _pick_up(call, pressed)
    elif call and pressed in KEYS:
        exchange.press(call, pressed)
    elif call and pressed == "hang-up":
        exchange.hang_up(call)
    return redirect("demo:phone", number)


def _pick_up(call: PhoneCall, pressed: str) -> None:
    if pressed == "answer":
        exchange.answer(call, "human")
    elif pressed == "voicemail":
        exchange.answer(call, "machine_start")
    elif pressed == "decline":
        exchange.hang_up(call, "busy")
