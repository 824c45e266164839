"""Who tries what is not theirs to do is refused, and the try is recorded (R-185)."""

from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import path_of
from audit.record import record
from audit.terms import name_codes

FORBIDDEN = {
    "not-allowed": _("the right is missing"),
    "own-account": _("it is their own account"),
    "own-request": _("it is their own request"),
    "equal-or-higher-role": _("the account has an equal or higher role"),
}
name_codes("why", FORBIDDEN)


def status_of(refusal: Refused, request: Badged, account: Account) -> int:
    """403 for what this person may not do, 409 for what is not possible now."""
    if refusal.code not in FORBIDDEN:
        return 409
    after = {"path": path_of(request), "why": refusal.code}
    record(EventName.ACCESS_DENIED, account=account, actor=request.user, after=after)
    return 403
