"""What Twilio calls: how a call goes on, how it ended, and what became of a text. The token in the address says which."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from methods import calls, reports
from methods.calls import Answerer, Then
from methods.gateways.twilio import words  # noqa: F401  its codes join the table
from methods.gateways.twilio.signed import from_twilio
from methods.gateways.twilio.twiml import markup
from methods.models import Call

MACHINES = ("machine", "fax")


def _call(request: HttpRequest, token: str) -> Call | None:
    call = calls.called(token)
    given = request.POST
    return call if call and calls.is_the_one(call, sid=given.get("CallSid", ""), number=given.get("To", "")) else None


def _answer(call: Call, token: str, then: Then) -> HttpResponse:
    with translation.override(call.challenge.account.language):
        return HttpResponse(markup(call, token, then), content_type="text/xml")


@from_twilio
def answered(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody answered, or a machine did."""
    call = _call(request, token)
    if call is None:
        return HttpResponse(status=403)
    return _answer(call, token, calls.answered(call, _answerer(request.POST.get("AnsweredBy", ""))))


def _answerer(said: str) -> Answerer:
    if said.startswith(MACHINES):
        return Answerer.MACHINE
    return Answerer.HUMAN if said == "human" else Answerer.UNKNOWN


@from_twilio
def listen(request: HttpRequest, token: str) -> HttpResponse:
    """The question was spoken to its end."""
    call = _call(request, token)
    if call is None:
        return HttpResponse(status=403)
    return _answer(call, token, calls.listening(call))


@from_twilio
def keys(request: HttpRequest, token: str) -> HttpResponse:
    """Keys were pressed, or none in time."""
    call = _call(request, token)
    if call is None:
        return HttpResponse(status=403)
    return _answer(call, token, calls.pressed(call, request.POST.get("Digits", "")))


@from_twilio
def ended(request: HttpRequest, token: str) -> HttpResponse:
    """The call is over."""
    call = _call(request, token)
    if call is None:
        return HttpResponse(status=403)
    calls.ended(call, request.POST.get("CallStatus", ""))
    return HttpResponse(status=204)


@from_twilio
def text(request: HttpRequest, token: str) -> HttpResponse:
    """A text was delivered, or was not."""
    given = request.POST
    report = reports.Report(given.get("MessageStatus", ""), given.get("ErrorCode", ""))
    known = reports.reported(token, report, sid=given.get("MessageSid", ""), number=given.get("To", ""))
    return HttpResponse(status=204 if known else 403)
