"""Who tries what is not theirs to do is refused, and the try is recorded (R-185)."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import path_of
from audit.record import record
from audit.terms import name_codes

UNKNOWN = "out-of-scope"
FORBIDDEN = {
    "not-allowed": _("the right is missing"),
    "own-account": _("it is their own account"),
    UNKNOWN: _("the account is not among those that they look after"),
    "staff-limit": _("they have reached the limit of what one person may do"),
    "own-request": _("it is their own request"),
    "own-approval": _("it is their own request"),
    "own-question": _("it is their own request"),
    "equal-or-higher-role": _("the account has an equal or higher role"),
}
name_codes("why", FORBIDDEN)


def status_of(refusal: Refused, request: Badged, account: Account | None) -> int:
    """403 for what this person may not do, 409 for what is not possible now. Http404 for an account that they do not look after."""
    if refusal.code not in FORBIDDEN:
        return 409
    _denied(request, account, refusal.code)
    if refusal.code == UNKNOWN:
        raise Http404
    return 403


def account_or_404(request: Badged, right: str, common_id: str, *, among: QuerySet[Account] | None = None) -> Account:
    """The account with this id; Http404 as in `looked_after`."""
    accounts = Account.objects.select_related("affiliation") if among is None else among
    return looked_after(request, right, get_object_or_404(accounts, common_id=common_id))


def looked_after(request: Badged, right: str, account: Account) -> Account:
    """The account; Http404, as for one that does not exist, for those to whose affiliation this person's right does not reach."""
    if right not in request.powers.over(account.affiliation_id).rights:
        _denied(request, account, UNKNOWN)
        raise Http404
    return account


def _denied(request: Badged, account: Account | None, why: str) -> None:
    record(EventName.ACCESS_DENIED, account=account, actor=request.user, after={"path": path_of(request), "why": why})
