"""What staff read first: how things stand, the sentence to say to the caller, and what to do next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone, translation
from django.utils.functional import Promise, keep_lazy_text
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.error_codes import CATALOGUE
from accounts.models import Account
from methods.outcomes import Outcome
from policies.standing import Standing, State

Words = str | Promise
JUST_NOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Saying:
    """One thing to know about an account. `say` is meant for the caller, in the language of the reader."""

    tone: str
    icon: str
    headline: Words
    say: Words
    step: Words = ""


LOCKED = Saying(
    "danger",
    "lock",
    _("Locked by staff"),
    _("Your account is locked for its protection. I have to make sure that it is you before I can unlock it."),
    _("Read under “What happened” why it was locked. Make sure who is calling before you unlock it."),
)
REPORTED = Saying(
    "danger",
    "report",
    _("Reported a request or a change as not their own"),
    _("Somebody else probably knows your password. Change it now, and do not approve a request that you did not start."),
    _("Look at the open sessions, and lock the account if strangers may be using it. Then settle the report."),
)
LEFT = Saying(
    "danger",
    "person",
    _("Has left the institution"),
    _("This account has been closed because you have left the institution."),
    _("If that is a mistake, the office that keeps the directory has to correct it. Nothing can be done here."),
)

HEADLINES: dict[State, tuple[str, str, Words, Words]] = {
    State.NONE: (
        "warning",
        "shield",
        _("No verification method registered"),
        _("Ask the caller to open Security info and register a first method."),
    ),
    State.REGISTERED: (
        "info",
        "shield",
        _("Registered, not tried yet"),
        _("Ask the caller to sign out and to sign in again with the method (Step 3)."),
    ),
    State.TESTED: (
        "info",
        "shield",
        _("Tried, not applied for yet"),
        _("Ask the caller to apply: User menu, “multi-factor authentication setting” (Step 4)."),
    ),
    State.APPLIED: (
        "info",
        "clock",
        _("Applied for, on its way"),
        _("Nothing to do. Some systems may refuse the caller until they have confirmed."),
    ),
    State.WITHDRAWING: ("info", "clock", _("Withdrawn, on its way back"), _("Nothing to do until the systems have confirmed.")),
    State.IN_EFFECT: (
        "success",
        "shield-check",
        _("MFA use is in effect"),
        _("If the caller cannot verify: try another of the methods below before you require re-registration."),
    ),
    State.TERMINATION_REQUESTED: (
        "warning",
        "shield-check",
        _("The termination of MFA use waits for approval"),
        _("Somebody of the senior help desk has to decide on the request."),
    ),
    State.TERMINATING: ("warning", "clock", _("Being terminated, on its way"), _("Nothing to do until the systems have confirmed.")),
    State.TERMINATED: (
        "warning",
        "shield",
        _("MFA use is terminated"),
        _("Let the caller apply again, or end the exception below where there is one."),
    ),
}


def sayings(
    account: Account, standing: Standing, locked_until: datetime | None, *, reported: bool = False, seen: Saying | None = None
) -> list[Saying]:
    """What is to be known of an account, the most pressing first; `seen` is what stands on the person’s screen."""
    if account.left_at:
        return [LEFT]
    pressing = ([LOCKED] if account.locked_at else []) + ([REPORTED] if reported else [])
    if locked_until:
        pressing.append(_locked(locked_until))
    if seen:
        pressing.append(seen)
    if account.recovery_until and account.recovery_until > timezone.now():
        pressing.append(_recovering(account.recovery_until))
    return [*pressing, _stands(standing)]


def headline(state: str) -> str:
    """A state of MFA use in a few words."""
    return str(HEADLINES[State(state)][2])


def _clock(moment: datetime) -> str:
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")


@keep_lazy_text
def _with_time(words: Words, moment: datetime) -> str:
    """Filled in when it is read: the caller's language may not be the reader's."""
    return str(words) % {"time": _clock(moment)}


def _locked(until: datetime) -> Saying:
    say = _("After too many wrong passwords or codes nothing can be tried until %(time)s. I can unlock your account now.")
    step = _("Make sure who is calling. Then unlock the account.")
    return Saying("danger", "lock", _with_time(_("Locked until %(time)s"), until), _with_time(say, until), step)


def _recovering(until: datetime) -> Saying:
    say = _("Sign in with your password and register a method again. This is possible until %(time)s.")
    step = _("Stay on the line until the first method is registered.")
    return Saying("warning", "refresh", _with_time(_("May register anew until %(time)s"), until), _with_time(say, until), step)


def _stands(standing: Standing) -> Saying:
    tone, icon, words, step = HEADLINES[standing.state]
    return Saying(tone, icon, words, standing.sentence, step)


def on_screen(asked: Outcome | None) -> Saying | None:
    """What the person sees who was asked within the last minutes and has not been let in; the sentences are those of the code on that page."""
    if asked is None or not asked.code or asked.challenge.issued_at < timezone.now() - JUST_NOW:
        return None
    page = CATALOGUE[asked.code]
    return Saying(asked.tone, "computer", _on_screen(page.cause), page.say, asked.sentence)


@keep_lazy_text
def _on_screen(cause: Words) -> str:
    return str(_("On the caller’s screen: %(what)s")) % {"what": cause}


def spoken(account: Account, said: list[Saying]) -> list[tuple[Saying, str]]:
    """Each with its sentence in the caller's language, where that is not the reader's."""
    if account.language == get_language():
        return [(one, "") for one in said]
    with translation.override(account.language):
        return [(one, str(one.say)) for one in said]
