"""One person's requests are nearly always approved by the same other: the second pair of eyes may be none."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from policies.models import Termination
from policies.models.applications import TerminationState
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import since

APPROVED = (TerminationState.APPROVED, TerminationState.ENDED)
PERCENT = 100


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each pair; it is found again when it has approved more."""
    rows = Termination.objects.filter(state__in=APPROVED, decided_at__gte=since(limits["pair_days"], now))
    names = "requested_by", "decided_by", "requested_by__common_id", "decided_by__common_id"
    pairs = list(rows.order_by().values(*names).annotate(count=Count("pk")).order_by("-count"))
    asked = Counter[int]()
    for pair in pairs:
        asked[pair["requested_by"]] += pair["count"]
    for pair in pairs:
        share = PERCENT * pair["count"] / asked[pair["requested_by"]]
        if pair["count"] >= limits["approvals"] and share >= limits["percent"]:
            facts = {
                "requested_by": pair["requested_by__common_id"],
                "approved_by": pair["decided_by__common_id"],
                "approvals": pair["count"],
            }
            people = (pair["requested_by"], pair["decided_by"])
            yield Found(f"pair:{people[0]}:{people[1]}", facts | {"percent": round(share)}, None, people, pair["count"])


DETECTOR = Detector(
    "same-pair",
    _("Approvals always by the same pair"),
    _("Read some of the requests, and let somebody else approve for a while."),
    (
        Limit("approvals", _("How many approvals at least"), 5, 2, 1000),
        Limit("percent", _("Share of the requests, in per cent"), 80, 50, 100),
        Limit("pair_days", _("Approvals of how many days"), 180, 7, 1000),
    ),
    find,
)
