"""Who signed in while an outage was declared, and with what: read from the events of those sign-ins."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from methods.contract import Label
from policies.models import Outage
from policies.rulebook.method_words import names_of_kinds

LINGERS = timedelta(minutes=20)  # a sign-in that began before the end may be finished after it
BATCH = 2000


@dataclass(frozen=True)
class Used:
    """One kind of method, how many sign-ins were verified with it, and of how many people."""

    name: Label
    sign_ins: int
    people: int


def _events(outage: Outage) -> QuerySet[Event]:
    span = (outage.began_at, (outage.ended_at or outage.ends_at) + LINGERS)
    return Event.objects.filter(name=EventName.SIGNIN_SUCCEEDED, at__range=span, after__outage=str(outage.uid))


def used(outage: Outage) -> list[Used]:
    """What was used, the most frequent first; nothing where the password alone was enough."""
    counted = _events(outage).values_list("after__verified_with").annotate(Count("pk"), Count("account_id", distinct=True))
    names = names_of_kinds()
    return [Used(names.get(kind, kind), sign_ins, people) for kind, sign_ins, people in sorted(counted, key=lambda row: -row[1])]


def people(outage: Outage) -> Iterator[list[str]]:
    """Every sign-in: when, who, and with what."""
    rows = _events(outage).order_by("pk").values_list("at", "account_id", "after__verified_with")
    for start in range(0, rows.count(), BATCH):
        part = list(rows[start : start + BATCH])
        known = {one.pk: one for one in Account.objects.filter(pk__in={row[1] for row in part}).select_related("affiliation")}
        for at, account, kind in part:
            one = known.get(account or 0)
            cells = [one.common_id, one.name_en, one.affiliation.code if one.affiliation else ""] if one else ["", "", ""]
            yield [at.isoformat(timespec="seconds"), *cells, kind or ""]
