"""Where an account stands with MFA use: one state, one sentence, one next action for every page that shows it (S-141)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery
from django.utils import formats, timezone
from django.utils.functional import Promise, keep_lazy_text
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from methods.models import RegisteredMethod
from methods.usable import only_usable, tested_at
from policies.applications import is_recent
from policies.models import Application, Termination
from policies.models.applications import TerminationState
from policies.states import ApplicationState


class State(StrEnum):
    """The first three are read from methods and sign-ins, the others from the application."""

    NONE = "none"
    REGISTERED = "registered"
    TESTED = "tested"
    APPLIED = "applied"
    WITHDRAWING = "withdrawing"
    IN_EFFECT = "in-effect"
    TERMINATION_REQUESTED = "termination-requested"
    TERMINATING = "terminating"
    TERMINATED = "terminated"


@dataclass(frozen=True)
class Action:
    """What the account holder does next: a page by URL name, and the words on the link."""

    url_name: str
    label: str | Promise


@dataclass(frozen=True)
class Standing:
    """What a page says of an account's MFA use."""

    state: State
    sentence: str | Promise
    action: Action | None = None


@dataclass(frozen=True)
class Use:
    """An account's latest application, its termination that waits for approval, and whether one that was approved has not ended yet.

    `returns_at` is when that one ends; None when it has no end.
    """

    application: Application | None = None
    asked: Termination | None = None
    terminated: bool = False
    returns_at: datetime | None = None

    @property
    def termination_open(self) -> bool:
        """Whether somebody has asked for its termination and nobody has decided."""
        return self.asked is not None

    @property
    def is_exception(self) -> bool:
        """Whether a termination is in force: it stands until an application made since can no longer be withdrawn (C-08)."""
        return self.terminated and self.application is not None and self.application.state != ApplicationState.IN_EFFECT

    @property
    def can_be_cut_short(self) -> bool:
        """Whether staff can bring MFA use back before its time: not while it comes back anyway, by an application or because its day is here."""
        is_due = self.returns_at is not None and self.returns_at <= timezone.now()
        comes_back = self.live is not None and self.live.state == ApplicationState.APPLIED
        return self.is_exception and not (is_due or comes_back)

    @property
    def live(self) -> Application | None:
        """The application that is on its way or in effect."""
        over = {ApplicationState.WITHDRAWN, ApplicationState.TERMINATED}
        return self.application if self.application and self.application.state not in over else None


SETTING = "selfservice:mfa-setting"
STANDINGS: dict[State, Standing] = {
    standing.state: standing
    for standing in (
        Standing(
            State.NONE,
            _("No verification method is registered yet."),
            Action("selfservice:security-info", _("Register a verification method")),
        ),
        Standing(
            State.REGISTERED,
            _("A verification method is registered, but signing in with it has not been tried yet."),
            Action("signin:signout", _("Sign out and try")),
        ),
        Standing(
            State.TESTED,
            _("Your verification method works. MFA use has not been applied for yet."),
            Action(SETTING, _("Apply for MFA use")),
        ),
        Standing(
            State.APPLIED,
            _("MFA use has been applied for and is being reflected in the connected systems."),
            Action(SETTING, _("See the progress")),
        ),
        Standing(
            State.WITHDRAWING,
            _("The application has been withdrawn. Systems that were told already are being told the reverse."),
            Action(SETTING, _("See the progress")),
        ),
        Standing(State.IN_EFFECT, _("MFA use is in effect: you verify your identity at every sign-in.")),
        Standing(
            State.TERMINATION_REQUESTED,
            _("The support desk has requested that MFA use be terminated. Until that is approved, nothing changes."),
        ),
        Standing(
            State.TERMINATING,
            _("MFA use is being terminated. Systems that do not know yet keep asking for a verification."),
            Action(SETTING, _("See the progress")),
        ),
        Standing(
            State.TERMINATED,
            _(
                "MFA use has been terminated. The connected systems ask for your password only; this site may go on verifying you while a method "
                "is registered. You can apply for MFA use again at any time."
            ),
            Action(SETTING, _("Apply for MFA use")),
        ),
    )
}


RETURNS = _(
    "MFA use has been terminated. It returns by itself on %(day)s. Until then the connected systems ask for your password only; this site may "
    "go on verifying you while a method is registered. You can apply for MFA use again at any time."
)


def use_of(account: Account) -> Use:
    """What `standing` needs to know of an account's applications; one query."""
    waiting = Q(terminations__state=TerminationState.REQUESTED, terminations__expires_at__gt=timezone.now())  # one at most, by a constraint
    approved = Termination.objects.filter(application__account=OuterRef("account"), state=TerminationState.APPROVED)
    related = ("return_of", "asked__requested_by")
    returns_at = Subquery(approved.order_by("-decided_at").values("ends_at")[:1])
    asked = FilteredRelation("terminations", condition=waiting)
    latest = Application.objects.annotate(asked=asked, terminated=Exists(approved), returns_at=returns_at)
    found = latest.filter(account=account).select_related(*related).order_by("-revision").first()
    return Use(found, getattr(found, "asked", None), found.terminated, found.returns_at) if found else Use()


def standing(methods: Sequence[RegisteredMethod], use: Use, *, now: datetime | None = None) -> Standing:
    """Where an account with these methods and this use stands; asks the database nothing."""
    stands = STANDINGS[_state(methods, use, now or timezone.now())]
    ends = stands.state == State.TERMINATED and use.returns_at
    return replace(stands, sentence=_until(RETURNS, ends)) if ends else stands


@keep_lazy_text
def _until(sentence: Promise, returns_at: datetime) -> str:
    return str(sentence) % {"day": formats.date_format(timezone.localtime(returns_at), "DATE_FORMAT")}


def _state(methods: Sequence[RegisteredMethod], use: Use, now: datetime) -> State:
    if use.live and use.termination_open:
        return State.TERMINATION_REQUESTED
    if use.application and use.application.state != ApplicationState.WITHDRAWN:
        return State(use.application.state)
    if use.is_exception:
        return State.TERMINATED
    usable = only_usable(methods)
    tested = tested_at(usable)
    if tested and is_recent(tested, now):
        return State.TESTED
    return State.REGISTERED if usable else State.NONE
