"""How a challenge stands while its page waits for the device: one sentence, and whether to go on, to wait or to choose anew."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes
from methods.contract import Way
from methods.delivery import troubles
from methods.models import CALL_GOES_ON, Call, Challenge, ChallengeState, Ending
from methods.registry import kind


class Stand(StrEnum):
    """What the page does."""

    WAITING = "waiting"
    APPROVED = "approved"
    OVER = "over"


@dataclass(frozen=True)
class Standing:
    """`sentence` says how it stands, or why nothing came of it; `trouble`: what should ask did not go out, in words in `problem`."""

    stand: Stand
    sentence: str | Promise = ""
    trouble: bool = False
    problem: str | Promise = ""
    code: str = ""  # of this state of the page, in `accounts.error_codes`
    waits: bool = True  # the page goes on by itself; else it only tells whether what was sent went out


SENTENCES = {
    Ending.WRONG: _("The number did not match, so nothing was approved. Send another request and type the new number."),
    Ending.DECLINED: _("It was declined on your phone."),
    Ending.REPORTED: _(
        "It was reported as unknown on your phone, so this sign-in has ended. If it was not you, change your password and tell the support desk."
    ),
    Ending.MACHINE: _("An answering machine took the call. Answer it yourself, or use a different verification option."),
    Ending.SUPERSEDED: _("A newer request took the place of this one. Answer that one, or send another request here."),
    Ending.UNANSWERED: _("Nobody answered the call, or no key was pressed."),
    Ending.HELD: _(
        "There were too many wrong codes. Wait a while and try again, or contact the support desk, who can unlock your account."
    ),
}
WAIT = _("Waiting for your phone. This page goes on by itself.")
NOT_SENT = _("The message could not be sent. Send a new code, or use a different verification option.")
LATE = _("Sending takes longer than usual. Wait a moment, or use a different verification option.")
CODE_OVER = _("That code is no longer valid. Ask for a new one.")
TIMED_OUT = _("No answer came in time. Send another request, or use a different verification option.")


name_codes(
    "problem",
    {
        Ending.WRONG: _("the number did not match"),
        Ending.DECLINED: _("it was declined"),
        Ending.REPORTED: _("it was reported as unknown"),
        Ending.MACHINE: _("an answering machine took the call"),
        Ending.UNANSWERED: _("nobody answered"),
        Ending.HELD: _("after too many wrong codes nothing may be tried for a while"),
    },
)
name_codes("why", {"request-reported": _("it was reported as unknown")})


def watched(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """`challenges` with all that `standing` looks at, in one query."""
    rung = Call.objects.filter(challenge=OuterRef("pk"), state__in=CALL_GOES_ON).order_by("-placed_at").values("asks_digits")
    return challenges.select_related("method").annotate(trouble=Subquery(troubles(OuterRef("pk"))[:1]), call_asks_digits=Subquery(rung[:1]))


def standing(challenge: Challenge) -> Standing:
    """How the page of `challenge` goes on."""
    known = kind(challenge.kind)
    way = known.way(challenge.way)
    if not way.waits:
        return _sent(challenge, way)
    if challenge.state in {ChallengeState.FAILED, ChallengeState.CLOSED, ChallengeState.PASSED}:
        return Standing(Stand.OVER, _why_over(challenge, way), code=f"ending-{challenge.ending}" if challenge.ending else "timed-out")
    if challenge.expires_at <= timezone.now():
        return Standing(Stand.OVER, TIMED_OUT, code="timed-out")
    if challenge.approved_at:
        return Standing(Stand.APPROVED, way.approved or _("Notification approved"))
    if trouble := _trouble(challenge):
        problem, code = _told(trouble, way)
        return Standing(Stand.WAITING, "" if way.sends else WAIT, trouble=True, problem=problem, code=code)
    return Standing(Stand.WAITING, known.note(challenge) or WAIT, code="waiting-device")


def _sent(challenge: Challenge, way: Way) -> Standing:
    """Of a code: whether it may still arrive and be entered."""
    if challenge.state != ChallengeState.OPEN or challenge.expires_at <= timezone.now():
        return Standing(Stand.OVER, CODE_OVER, code="code-over", waits=False)
    trouble = _trouble(challenge) if way.sends else ""
    problem, code = _told(trouble, way) if trouble else ("", "waiting-code" if way.sends else "")
    return Standing(Stand.WAITING, trouble=bool(trouble), problem=problem, code=code, waits=False)


def _trouble(challenge: Challenge) -> str:
    return (challenge.trouble if hasattr(challenge, "trouble") else troubles(challenge.pk).first()) or ""


def _told(trouble: str, way: Way) -> tuple[str | Promise, str]:
    """In words, and as a code; what only wakes a device is missed no more when it is late than when it failed."""
    if trouble == "late" and way.sends:
        return LATE, "sending-late"
    return way.trouble or NOT_SENT, "not-sent"


def _why_over(challenge: Challenge, way: Way) -> str | Promise:
    if challenge.ending == Ending.WRONG and way.wrong:
        return way.wrong
    return SENTENCES[Ending(challenge.ending)] if challenge.ending else TIMED_OUT
