"""The telephone network behind the demo phones: walks the site's markup by signed callbacks, exactly as Twilio does."""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings
from django.db import connections
from django.db.models import F

from demo.models import Line, PhoneCall
from demo.twilio import API_VERSION, report, signed_post

SILENCE_SECONDS = 10  # after a key, until those so far are sent
MOST_STEPS = 10  # of markup between two keys
LETTERS_PER_SECOND = {"ja": 6, "en": 13}  # a voice is slower than a reader; silence counts only after it


def ring(call: PhoneCall, seconds: int) -> None:
    """Ring until somebody answers, for so long at most."""
    _later(seconds, call, lambda: hang_up(call, "no-answer"))


def answer(call: PhoneCall, by: str) -> None:
    """Somebody (`human`) or a machine picks up."""
    if _turn(call, Line.RINGING, line=Line.OPEN):
        if call.dialled:
            _hear(call, "", call.dialled.strip("wW"))
        _go_on(call, call.asks_at, {"AnsweredBy": by} if call.detects_machines else {})


def press(call: PhoneCall, key: str) -> None:
    """One key. Like Twilio, what nobody listens to is lost."""
    if not call.keys_go_to or not _turn(call, Line.OPEN, keys=call.keys + key):
        return
    if len(call.keys) >= call.keys_wanted:
        _send_keys(call)
    else:
        _later(SILENCE_SECONDS, call, lambda: _send_keys(call))


def hang_up(call: PhoneCall, status: str = "completed") -> None:
    """The call is over."""
    if _turn(call, call.line, line=Line.OVER, keys_go_to="") and call.reports_to:
        report(call.reports_to, _facts(call) | {"CallStatus": status})


def _facts(call: PhoneCall) -> dict[str, str]:
    return {
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": "in-progress",
        "Called": call.number,
        "Caller": call.caller,
        "Direction": "outbound-api",
        "From": call.caller,
        "To": call.number,
    }


def _send_keys(call: PhoneCall) -> None:
    address, keys = call.keys_go_to, call.keys
    if _turn(call, Line.OPEN, keys_go_to="", keys="", keys_wanted=0):
        _go_on(call, address, {"Digits": keys})


def _go_on(call: PhoneCall, address: str, more: dict[str, str]) -> None:
    """Ask the site what to do, and do it; a site that does not answer ends the call."""
    spoken = 0.0
    for _ in range(MOST_STEPS):
        following = ""
        for verb in _markup(address, _facts(call) | more):
            if verb.tag == "Say":
                spoken += _hear(call, verb.get("language", ""), verb.text or "")
            elif verb.tag == "Redirect":
                following = verb.text or ""
                break
            elif verb.tag == "Gather":
                _listen(call, verb, spoken)
                return
            elif verb.tag == "Hangup":
                break
        if not following:
            break
        address, more = following, {}
    hang_up(call)


def _markup(address: str, facts: dict[str, str]) -> Any:
    try:
        answer = signed_post(address, facts)
        return ET.fromstring(answer.content) if answer.ok else ()  # noqa: S314  the site's own markup
    except (requests.RequestException, ET.ParseError):
        return ()


def _hear(call: PhoneCall, language: str, text: str) -> float:
    """Write on the phone's screen what is spoken; how long a voice takes for it, in seconds."""
    call.said = [*call.said, [language, text]]
    PhoneCall.objects.filter(pk=call.pk).update(said=call.said)
    return len(text) / LETTERS_PER_SECOND.get(language[:2], 13)


def _listen(call: PhoneCall, gather: ET.Element, spoken: float) -> None:
    wanted, action = int(gather.get("numDigits", "1")), gather.get("action", "")
    if _turn(call, Line.OPEN, keys_go_to=action, keys="", keys_wanted=wanted):
        _later(spoken + float(gather.get("timeout", "5")), call, lambda: _send_keys(call))


def _turn(call: PhoneCall, as_known: str, **facts: Any) -> bool:
    """Change a call that still is as it is known here."""
    mine = PhoneCall.objects.filter(pk=call.pk, turn=call.turn, line=as_known).exclude(line=Line.OVER)
    if not mine.update(turn=F("turn") + 1, **facts):
        return False
    call.turn += 1
    for name, value in facts.items():
        setattr(call, name, value)
    return True


def _later(seconds: float, call: PhoneCall, act: Callable[[], None]) -> None:
    """Unless something happens before."""
    turn = call.turn

    def wake() -> None:
        try:
            if PhoneCall.objects.filter(pk=call.pk, turn=turn).exclude(line=Line.OVER).exists():
                call.turn = turn
                act()
        finally:
            connections.close_all()

    timer = threading.Timer(seconds, wake)
    timer.daemon = True
    timer.start()
