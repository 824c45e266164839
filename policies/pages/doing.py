"""What a button on a page of policies does: the verb, then on to a page that says so; what is refused is said on the page it stands on."""

from collections.abc import Callable
from typing import Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.badge import Badged
from accounts.denials import status_of
from accounts.refusals import Refused


class Shown(Protocol):
    """A page that can say what went wrong."""

    def __call__(self, request: Badged, /, *, problem: str, status: int) -> HttpResponse: ...


def done(request: Badged, verb: Callable[[], object], on: Shown, *, said: str = "", to: str) -> HttpResponse:
    """Do it and go on to `to`, which says `said`; refused, the page `on` says why. A try at what is not theirs to do is recorded."""
    try:
        verb()
    except Refused as refusal:
        return on(request, problem=refusal.told, status=status_of(refusal, request))
    if said:
        messages.success(request, said)
    return redirect(to)


def seen_in(request: Badged) -> int:
    """How many changes what is decided on had when the page was shown; nothing that could be when it does not say."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else -1
