"""What a phone is asked, and what it says to that."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.browsers import recognised
from accounts.budgets import is_held
from accounts.refusals import Refused
from methods.devices import MethodDevice
from methods.hearing import Said, hear
from methods.kinds.push.models import PushDevice
from methods.kinds.push.number import matches
from methods.models import Challenge, ChallengeState, MethodState, Purpose
from methods.whereabouts import place_of

SEEN_EVERY = timedelta(minutes=1)


def state_of(device: PushDevice) -> str:
    """What the app shows beside the account: `ready`, `trying` before it is a method, or why nothing comes."""
    if not device.user.is_active:
        return "locked"
    if device.method is None:
        return "trying"
    return "ready" if device.method.state == MethodState.ACTIVE else "suspended"


def waiting_for(device: PushDevice) -> QuerySet[Challenge]:
    """Open requests to just this device that it has not answered yet."""
    mine = _to(device)
    if state_of(device) not in {"ready", "trying"} or is_held(device.user, timezone.now()):
        mine = mine.filter(purpose=Purpose.CALLER)  # the help desk asks to have the lock or the hold undone
    return mine.filter(state=ChallengeState.OPEN, approved_at=None, expires_at__gt=timezone.now()).order_by("-issued_at")


def _to(device: PushDevice) -> QuerySet[Challenge]:
    mine = Q(method=device.method, way="approve") if device.method_id else Q(method=None, device_id=device.pk, way="try")
    return Challenge.objects.filter(mine, ~Exists(_done()), account=device.user_id, kind="push")


def _done() -> QuerySet[Challenge]:
    """Whether the browser that asked has verified in another way meanwhile: nobody is to be asked what is done."""
    same = Challenge.objects.filter(account=OuterRef("account"), binding=OuterRef("binding"), purpose=OuterRef("purpose"))
    return same.filter(state=ChallengeState.PASSED, answered_at__gte=OuterRef("issued_at"))


def shown(challenge: Challenge) -> dict[str, Any]:
    """A request as the app shows it: what for, from where, with what, since when. Where staff ask, neither place nor browser is told."""
    by_staff = challenge.purpose == Purpose.CALLER
    purposes = {
        Purpose.SIGN_IN: _("Sign-in"),
        Purpose.STEP_UP: _("Confirming that it is you"),
        Purpose.REGISTER: _("Trying out this app"),
        Purpose.CALLER: _("You are on the telephone with the support desk. Type the number that they tell you only if you called them"),
    }
    return {
        "request": str(challenge.pk),
        "system": purposes[Purpose(challenge.purpose)],
        "place": "" if by_staff else place_of(challenge.address),
        "browser": "" if by_staff else str(recognised(challenge.browser).name),
        "asked": challenge.issued_at.isoformat(),
        "expires": challenge.expires_at.isoformat(),
    }


def approve(device: PushDevice, challenge_id: uuid.UUID, number: str) -> str:
    """“Yes”, with the number that the page shows; a wrong one ends the request (R-051)."""
    return _say(device, challenge_id, lambda challenge: Said.YES if matches(challenge, number) else Said.WRONG)


def report(device: PushDevice, challenge_id: uuid.UUID) -> str:
    """“No, it's not me”."""
    return _say(device, challenge_id, lambda challenge: Said.REPORT)


def _say(device: PushDevice, challenge_id: uuid.UUID, judged: Any) -> str:
    def listen(challenge: Challenge, answering: MethodDevice) -> Said:
        if not isinstance(answering, PushDevice) or answering.uid != device.uid or answering.key != device.key:
            raise Refused("method-gone")
        said: Said = judged(challenge)
        return said

    if not _to(device).filter(pk=challenge_id).exists():
        return "over"
    try:
        said = hear(challenge_id, listen)
    except Refused:
        return "over"
    return said.value if said else "over"


def note_seen(device: PushDevice) -> None:
    """When the app was last heard of, to the minute."""
    now = timezone.now()
    if device.last_seen is None or device.last_seen < now - SEEN_EVERY:
        PushDevice.objects.filter(pk=device.pk).update(last_seen=now)
