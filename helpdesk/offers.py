"""The actions on an account's page: offered, or missing with the reason, so that nobody fails late."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import helpdesk.refusals  # noqa: F401  the sentences
from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import Powers, Target, objection
from helpdesk.forms import form_of
from helpdesk.risks import RISKS
from methods.models import RegisteredMethod
from policies.standing import Use
from policies.states import CAN_TERMINATE


@dataclass(frozen=True)
class Kind:
    """One thing that staff may do: the right it needs, its form and its words."""

    code: str
    right: str
    title: Promise
    effect: Promise
    button: Promise
    icon: str
    tone: str = "primary"


UNLOCK = Kind(
    "unlock",
    "account:unlock",
    _("Unlock"),
    _("Clears the lock, and the holds after wrong passwords and codes. Everything else stays as it is."),
    _("Unlock account"),
    "unlock",
)
LOCK = Kind(
    "lock",
    "account:lock",
    _("Lock"),
    _("Nobody can sign in until staff unlock the account, and every session ends at once. For an account that strangers may be using."),
    _("Lock account"),
    "lock",
    tone="danger",
)
PASS = Kind(
    "issue-pass",
    "methods:issue-pass",
    _("Temporary Access Pass"),
    _("Goes to the recovery address; you do not see it. With it and the password the person registers a new method within an hour."),
    _("Send a pass"),
    "pass",
)
GUIDE = Kind(
    "mail-guide",
    "guide:mail",
    _("Mail the guide"),
    _("Sends the next step of this person, and the guide, to every address on record."),
    _("Send the guide"),
    "mail",
)
REREGISTRATION = Kind(
    "require-reregistration",
    "methods:reset",
    _("Require re-registration"),
    _(
        "Somebody else has to approve it, and the owner has time to stop it. Then all methods are removed, and the person registers anew within three days."
    ),
    _("Remove all methods"),
    "refresh",
    tone="danger",
)
TERMINATION = Kind(
    "request-termination",
    "termination:request",
    _("Terminate MFA use"),
    _(
        "Somebody else has to approve it within a day. Then the connected systems ask for the password only until the date on which MFA use returns."
    ),
    _("Request termination"),
    "shield",
)
END_EXCEPTION = Kind(
    "end-exception",
    "termination:request",
    _("End the exception"),
    _("MFA use returns now and not on its date: the connected systems are told, and the person verifies again at every sign-in."),
    _("Bring MFA use back"),
    "shield-check",
)
KINDS = {kind.code: kind for kind in (UNLOCK, LOCK, PASS, GUIDE, REREGISTRATION, TERMINATION, END_EXCEPTION)}
END_SESSION = "session:end"


@dataclass(frozen=True)
class Offer:
    """One action on the page; `obstacle` says why it is missing."""

    kind: Kind
    obstacle: str
    form: ReasonForm

    @property
    def url_name(self) -> str:
        """Where the form is sent."""
        return f"helpdesk:{self.kind.code}"

    @property
    def is_open(self) -> bool:
        """Whether the form is shown unfolded: it has to be corrected, or it is what the caller most likely wants."""
        return self.form.is_bound or self.kind is UNLOCK


@dataclass(frozen=True)
class Situation:
    """What decides whether an action makes sense now."""

    locked: bool  # held after failures, or by staff
    locked_by_staff: bool
    closed: bool  # locked by staff or gone
    methods: Sequence[RegisteredMethod]
    use: Use
    score: int  # of the proofs that the caller has given


def why_not(right: str, account: Account, actor: Account, own: Powers, theirs: Powers) -> str:
    """Why this member of staff may not do this to this account: a sentence, or nothing."""
    code = objection(actor, own, right, Target(account, theirs))
    return Refused(code).foretold if code else ""


def pointless(kind: Kind, now: Situation) -> str:
    """Why an action would change nothing: a sentence, or nothing."""
    if kind is UNLOCK and not now.locked:
        return Refused("not-locked").foretold
    if kind is LOCK and now.locked_by_staff:
        return Refused("already-locked").foretold
    if kind is REREGISTRATION and not now.methods:
        return Refused("not-reset").foretold
    return _nothing_to_terminate(now) if kind is TERMINATION else ""


def _nothing_to_terminate(now: Situation) -> str:
    if now.closed:
        return Refused("closed-stays-protected").foretold
    if now.use.live is None or now.use.live.state not in CAN_TERMINATE:
        return Refused("no-mfa-use").foretold
    return Refused("termination-open").foretold if now.use.termination_open else ""


def unproved(kind: Kind, now: Situation) -> str:
    """Why this is too much for what the caller has proved so far: a sentence, or nothing."""
    needed = RISKS[kind.code].points
    return Refused("caller-unproved", needed=needed, score=now.score).foretold if now.score < needed else ""


def offers(request: Badged, account: Account, theirs: Powers, now: Situation, sent: ReasonForm | None) -> list[Offer]:
    """Every action on this account for this member of staff; `sent` holds the form that has to be corrected."""
    found = []
    for kind in KINDS.values():
        if kind is END_EXCEPTION and not now.use.can_be_cut_short:
            continue
        obstacle = why_not(kind.right, account, request.user, request.powers, theirs) or pointless(kind, now) or unproved(kind, now)
        found.append(Offer(kind, obstacle, sent if sent and sent.code == kind.code else form_of(kind.code, request.powers)(code=kind.code)))
    return found
