"""Wishes of account holders as the page of terminations shows them."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.roles import Powers
from helpdesk.offers import why_not
from policies.models import TerminationWish
from policies.models.wishes import WishState

RIGHT = "termination:request"
SHOWN = 50  # of a kind, wishes or requests


@dataclass(frozen=True)
class Row:
    """One wish; `obstacle` says why this person may not answer it."""

    wish: TerminationWish
    obstacle: str
    form: ReasonForm


def waiting_wishes(mine: Q) -> list[TerminationWish]:
    """Those that fit `mine` and that nobody has answered, the oldest first."""
    return list(TerminationWish.objects.filter(mine, state=WishState.OPEN).select_related("account").order_by("asked_at")[:SHOWN])


def rows(request: Badged, wishes: list[TerminationWish], theirs: dict[int, Powers], sent: ReasonForm | None) -> list[Row]:
    """The wishes for this member of staff; `sent` is the form that has to be corrected."""
    return [_row(request, wish, theirs[wish.account_id], sent) for wish in wishes]


def _row(request: Badged, wish: TerminationWish, theirs: Powers, sent: ReasonForm | None) -> Row:
    code = str(wish.uid)
    obstacle = why_not(RIGHT, wish.account, request.user, request.powers, theirs)
    return Row(wish, obstacle, sent if sent and sent.code == code else ReasonForm(code=code))
