"""How a challenge stands while its page waits for the device: one sentence, and whether to go on, to wait or to choose anew."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes
from methods.delivery import troubled
from methods.models import Challenge, ChallengeState, Ending


class Stand(StrEnum):
    """What the page does."""

    WAITING = "waiting"
    APPROVED = "approved"
    OVER = "over"


@dataclass(frozen=True)
class Standing:
    """`sentence` says why nothing came of it; `trouble`: what should ask did not go out."""

    stand: Stand
    sentence: str | Promise = ""
    trouble: bool = False


SENTENCES = {
    Ending.WRONG: _("The number did not match, so nothing was approved. Send another request and type the new number."),
    Ending.DECLINED: _("It was declined on your phone."),
    Ending.REPORTED: _(
        "It was reported as unknown on your phone, so this sign-in has ended. If it was not you, change your password and tell the support desk."
    ),
    Ending.MACHINE: _("An answering machine took the call. Answer it yourself, or use a different verification option."),
    Ending.SUPERSEDED: _("A newer request took the place of this one. Answer that one, or send another request here."),
    Ending.UNANSWERED: _("Nobody answered the call."),
    Ending.HELD: _(
        "There were too many wrong codes. Wait a while and try again, or contact the support desk, who can unlock your account."
    ),
}
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


def watched(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """`challenges` with all that `standing` looks at, in one query."""
    return challenges.select_related("method").annotate(trouble=Exists(troubled(OuterRef("pk"))))


def standing(challenge: Challenge) -> Standing:
    """How the page of `challenge` goes on."""
    if challenge.state in {ChallengeState.FAILED, ChallengeState.CLOSED, ChallengeState.PASSED}:
        ending = Ending(challenge.ending) if challenge.ending else None
        return Standing(Stand.OVER, SENTENCES[ending] if ending else TIMED_OUT)
    if challenge.expires_at <= timezone.now():
        return Standing(Stand.OVER, TIMED_OUT)
    trouble = challenge.trouble if hasattr(challenge, "trouble") else troubled(challenge.pk).exists()
    return Standing(Stand.APPROVED if challenge.approved_at else Stand.WAITING, trouble=bool(trouble))
