"""What an account was asked lately and what came of it, for whoever helps its owner: never a code, nor a number (S-84)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Account
from audit.terms import value_words
from methods.models import Challenge, ChallengeState, Ending, Message, Purpose
from methods.registry import kind
from methods.sent import FOLLOWED, Became, became

KEPT = timedelta(days=29)  # a challenge is removed after a month; from then on only events tell of it
OF_MESSAGES = ("channel", "state", "report", "report_code", "problem")
Words = str | Promise


@dataclass(frozen=True)
class Outcome:
    """One question to one device. `code` is the name of the page that the person sees meanwhile, as in `accounts.error_codes`."""

    challenge: Challenge
    sentence: str
    tone: str
    code: str
    message: Became | None

    @property
    def steps(self) -> list[str]:
        """The text or call, where there was one, and what came of the question."""
        if self.message is None:
            return [self.sentence]
        why = f" ({self.message.why})" if self.message.why else ""
        what = _("Call") if self.message.is_call else _("Text")
        return [f"{what}: {self.message.state}{why}", self.sentence]


def outcomes(account: Account, *, since: datetime | None = None, until: datetime | None = None, most: int = 60) -> list[Outcome]:
    """What the owner was asked in this time, the newest first; what the desk asked of a caller stands in its case. One query."""
    mine = Challenge.objects.filter(account=account).exclude(purpose=Purpose.CALLER).select_related("method").order_by("-issued_at")
    if since:
        mine = mine.filter(issued_at__gte=since)
    if until:
        mine = mine.filter(issued_at__lt=until)
    sent = {f"sent_{name}": F(f"messages__{name}") for name in OF_MESSAGES}
    found: dict[uuid.UUID, Outcome] = {}
    for challenge in mine.annotate(**sent)[:most]:
        found.setdefault(challenge.pk, _outcome(challenge))
    return list(found.values())


def _outcome(challenge: Challenge) -> Outcome:
    came, tone, code = _became_of(challenge)
    known = kind(challenge.kind)
    name = challenge.method.name if challenge.method else str(known.verbose_name)
    sentence = _("“%(name)s” (%(kind)s): %(outcome)s") % {"name": name, "kind": known.verbose_name, "outcome": came}
    return Outcome(challenge, sentence, tone, code, _message(challenge))


def _became_of(challenge: Challenge) -> tuple[str, str, str]:
    """In words, in tone, and as the page that the person saw last."""
    way = kind(challenge.kind).way(challenge.way)
    waits = way.waits
    if challenge.state == ChallengeState.PASSED:
        return _("verified"), "success", ""
    if challenge.state == ChallengeState.FAILED:
        words = value_words("problem", challenge.ending) if challenge.ending else _("the code was wrong")
        return (
            words,
            "danger" if challenge.ending == Ending.REPORTED else "warning",
            f"ending-{challenge.ending}" if challenge.ending else "wrong-code",
        )
    if challenge.state == ChallengeState.CLOSED:
        return _("ended, because something else happened to the account or another request took its place"), "neutral", ""
    if challenge.approved_at:
        return _("yes on the device; the browser has not gone on"), "neutral", ""
    over = challenge.expires_at <= timezone.now()
    if waits:
        return (_("no answer in time"), "warning", "timed-out") if over else (_("waits for an answer"), "info", "waiting-device")
    sent = "waiting-code" if way.sends else ""  # an app shows codes whenever it likes: its page says nothing of a message
    return (_("no code was entered in time"), "warning", "code-over") if over else (_("waits for a code"), "info", sent)


def _message(challenge: Challenge) -> Became | None:
    """The text or call that asked; mails are not followed."""
    facts = {name: vars(challenge)[f"sent_{name}"] for name in OF_MESSAGES}
    return became(Message(**facts)) if facts["channel"] in FOLLOWED else None
