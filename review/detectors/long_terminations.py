"""MFA use has been ended for a long time: the account is protected by its password alone."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from policies.models import Termination
from policies.models.applications import TerminationState
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import since


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each termination that goes on."""
    rows = Termination.objects.filter(state=TerminationState.APPROVED, decided_at__lt=since(limits["open_days"], now))
    for row in rows.select_related("application", "requested_by", "decided_by").order_by("decided_at").iterator():
        people = tuple(one for one in (row.application.account_id, row.requested_by_id, row.decided_by_id) if one)
        days = (now - row.decided_at).days if row.decided_at else 0
        facts = {"termination": str(row.uid), "days": days, "until": row.ends_at.isoformat() if row.ends_at else ""}
        yield Found(f"termination:{row.uid}", facts, row.application.account_id, people, 1)


DETECTOR = Detector(
    "long-termination",
    _("Termination open for long"),
    _(
        "Ask whether the reason still holds. MFA use returns by itself on the date below; without a date, or if the reason is gone, end the exception on the page of the account."
    ),
    (Limit("open_days", _("For more than how many days"), 90, 1, 366),),
    find,
)
