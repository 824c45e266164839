"""Reports of requests that somebody did not make, open until staff have looked into them (S-127, S-143)."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.models import Report

HELD = timedelta(days=1)
_hearers: list[Callable[[Report], None]] = []


def heard_by(hearer: Callable[[Report], None]) -> None:
    """Learn, at start-up, who on the floors above hears of every report, in the transaction that wrote it; the last one counts."""
    _hearers[:] = [hearer]


def pass_on(report: Report) -> None:
    """Tell whoever hears of reports."""
    for hearer in _hearers:
        hearer(report)


def is_held(account: Account) -> bool:
    """Whether nothing rings or asks this person for now: a report holds for a day, or until the help desk has settled it (R-054)."""
    return Report.objects.filter(account=account, reported_at__gt=timezone.now() - HELD, settled_at=None).exists()


def reports(*, settled: bool) -> QuerySet[Report]:
    """Those that are settled or those that are open, the newest first."""
    return Report.objects.filter(settled_at__isnull=not settled).order_by("-settled_at" if settled else "-reported_at")


def open_reports(mine: Q) -> int:
    """How many of those that fit `mine` wait for somebody; stands in the desk's menu."""
    return reports(settled=False).filter(mine).count()


def with_open_reports(mine: Q) -> QuerySet[Account]:
    """Accounts, each with that number as `open_reports`: a list of accounts and the menu above it in one query."""
    counted = reports(settled=False).filter(mine).order_by().annotate(all=Value(1)).values("all").annotate(count=Count("pk"))
    return Account.objects.annotate(open_reports=Coalesce(Subquery(counted.values("count")), 0))


@transaction.atomic
def settle(report_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """Close a report with a word on what was found and done; Refused without the right, on one's own account, and a second time."""
    account_id = Report.objects.filter(pk=report_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise Refused("report-settled")
    account = hold(account_id)
    require(actor, "report:settle", on=account, reason=reason)
    still_open = Report.objects.filter(pk=report_id, settled_at=None)
    if not still_open.update(settled_at=timezone.now(), settled_by=actor, note=reason.strip()):
        raise Refused("report-settled")
    record(EventName.REPORT_SETTLED, account=account, actor=actor, reason=reason.strip(), after={"report": str(report_id)})
