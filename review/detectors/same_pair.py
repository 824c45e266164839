"""One person's requests are nearly always approved by the same other: the second pair of eyes may be none.

Whatever takes two people says so in one event: who asked (`requested_by`) and who said yes (`approved_by`). What is then done carries
the second person alone, so a list of a thousand accounts counts as the one approval that it was.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from review.detectors.base import Detector, Found, Limit, Limits
from review.detectors.reading import recorded, since

PERCENT = 100
Pair = tuple[str, str]


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each pair; it is found again when it has approved more."""
    pairs = _approvals(since(limits["pair_days"], now))
    asked = Counter[str]()
    for (asker, _second), count in pairs.items():
        asked[asker] += count
    shares = {pair: PERCENT * count / asked[pair[0]] for pair, count in pairs.items()}
    chosen = [pair for pair in pairs if pairs[pair] >= limits["approvals"] and shares[pair] >= limits["percent"]]
    known = _known(one for pair in chosen for one in pair)
    for pair in chosen:
        facts = {"requested_by": pair[0], "approved_by": pair[1], "approvals": pairs[pair], "percent": round(shares[pair])}
        people = tuple(known[one] for one in pair if one in known)
        yield Found(f"pair:{known.get(pair[0], pair[0])}:{known.get(pair[1], pair[1])}", facts, None, people, pairs[pair])


def _approvals(begin: datetime) -> dict[Pair, int]:
    """How often each two have decided together since then; the index of approvers leads to them."""
    decided = recorded(begin).filter(after__has_key="approved_by").filter(after__has_key="requested_by")
    counted: Any = decided.order_by().values(asker=KT("after__requested_by"), second=KT("after__approved_by")).annotate(count=Count("pk"))
    return {(row["asker"], row["second"]): row["count"] for row in counted.order_by("-count", "asker") if row["second"]}


def _known(common_ids: Iterable[str]) -> dict[str, int]:
    return dict(Account.objects.filter(common_id__in=set(common_ids)).values_list("common_id", "pk"))


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
