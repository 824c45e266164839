"""Who tries what is not theirs to do is refused, and the try is recorded (R-185). Each floor names its own reasons at start-up."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import path_of
from audit.record import record
from audit.terms import name_codes

UNKNOWN = "out-of-scope"
_forbidden: set[str] = set()


def forbid(reasons: Mapping[str, Promise]) -> None:
    """Reason codes of refusals that are about who asks, not about how things stand, in the words that their events have."""
    _forbidden.update(reasons)
    name_codes("why", reasons)


def status_of(refusal: Refused, request: Badged, account: Account | None = None) -> int:
    """403 for what this person may not do, which is recorded; 409 for what is not possible now."""
    return 403 if keep_denial(refusal, request, account) else 409


def keep_denial(refusal: Refused, request: Badged, account: Account | None = None) -> bool:
    """Record what was refused because of who asked; whether it was that."""
    if refusal.code not in _forbidden:
        return False
    denied(request, refusal.code, account)
    return True


def denied(request: Badged, why: str, account: Account | None = None) -> None:
    """Record that this person was kept from acting on an account; where it was on none, their own stands for it."""
    record(EventName.ACCESS_DENIED, account=account or request.user, actor=request.user, after={"path": path_of(request), "why": why})


forbid(
    {
        "not-allowed": _("the right is missing"),
        "own-account": _("it is their own account"),
        UNKNOWN: _("the account is not among those that they look after"),
        "equal-or-higher-role": _("the account has an equal or higher role"),
    }
)
