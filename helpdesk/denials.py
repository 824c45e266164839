"""Who tries at the desk what is not theirs to do: how the page answers."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounts import denials
from accounts.badge import Badged
from accounts.denials import UNKNOWN, denied, forbid
from accounts.models import Account
from accounts.refusals import Refused

forbid(
    {
        "staff-limit": _("they have reached the limit of what one person may do"),
        "own-request": _("it is their own request"),
        "own-approval": _("it is their own request"),
        "own-question": _("it is their own request"),
    }
)


def status_of(refusal: Refused, request: Badged, account: Account | None) -> int:
    """As `accounts.denials.status_of`; Http404 for an account that they do not look after."""
    status = denials.status_of(refusal, request, account)
    if refusal.code == UNKNOWN:
        raise Http404
    return status


def account_or_404(request: Badged, right: str, common_id: str, *, among: QuerySet[Account] | None = None) -> Account:
    """The account with this id; Http404 as in `looked_after`."""
    accounts = Account.objects.select_related("affiliation") if among is None else among
    return looked_after(request, right, get_object_or_404(accounts, common_id=common_id))


def looked_after(request: Badged, right: str, account: Account) -> Account:
    """The account; Http404, as for one that does not exist, for those to whose affiliation this person's right does not reach."""
    if right not in request.powers.over(account.affiliation_id).rights:
        denied(request, UNKNOWN, account)
        raise Http404
    return account
