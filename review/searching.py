"""Running the detectors: every night, and when an auditor asks. What was found before is found once."""

from datetime import datetime, timedelta
from itertools import islice

import structlog
from celery import current_app
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from review.detectors.base import Detector, Found, detectors
from review.models import Finding, Search
from review.thresholds import limits_of

TASK = "review.tasks.run_detectors"
MOST = 1000  # findings of one detector and run: more can nobody read, and a threshold is wrong
KEPT = timedelta(days=400)
UNDER_WAY = timedelta(minutes=15)
log = structlog.get_logger(__name__)


def ask() -> bool:
    """Have the detectors run in a worker; False when nobody could be told."""
    try:
        current_app.send_task(TASK, queue="default", ignore_result=True)
    except (OperationalError, OSError):
        log.warning("broker unavailable", task=TASK)
        return False
    return True


def run() -> int:
    """Run every detector; how many findings are new. One that breaks off keeps none of the others from running."""
    now = timezone.now()
    search, new, failed = Search.objects.create(began_at=now), 0, []
    for detector in detectors().values():
        try:
            new += _run(detector, now)
        except (DatabaseError, ValueError, TypeError, KeyError, ArithmeticError) as error:
            log.exception("a detector broke off", detector=detector.code, problem=type(error).__name__)
            failed.append(detector.code)
    search.ended_at, search.found, search.failed = timezone.now(), new, failed
    search.save()
    Search.objects.filter(began_at__lt=now - KEPT).delete()
    return new


def last() -> Search | None:
    """The latest run; one that has not ended for long was killed."""
    return Search.objects.order_by("-pk").first()


def is_under_way(search: Search | None) -> bool:
    """Whether the detectors are running now."""
    return bool(search and search.ended_at is None and timezone.now() - search.began_at < UNDER_WAY)


def _run(detector: Detector, now: datetime) -> int:
    return sum(_keep(detector, found) for found in islice(detector.find(limits_of(detector), now), MOST))


def _keep(detector: Detector, found: Found) -> bool:
    """A new finding, or one that was closed and has grown since; two runs at once make one of it."""
    known = Finding.objects.filter(detector=detector.code, subject=found.subject).first()
    if known is None:
        return _new(detector, found)
    if found.measure > known.measure:
        _grown(known, found)
    return False


def _new(detector: Detector, found: Found) -> bool:
    account = Account.objects.filter(pk=found.account).first() if found.account else None
    try:
        with transaction.atomic():
            finding = Finding.objects.create(
                detector=detector.code,
                subject=found.subject,
                account=account,
                people=list(found.people),
                measure=found.measure,
                facts=found.facts,
            )
            after = {"detector": detector.code, "finding": str(finding.pk)}
            record(EventName.FINDING_MADE, account=account, after=after)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def _grown(known: Finding, found: Found) -> None:
    finding = Finding.objects.select_for_update(of=("self",)).select_related("account").get(pk=known.pk)
    if found.measure <= finding.measure:
        return
    reopens = finding.closed_at is not None
    finding.measure, finding.facts, finding.people = found.measure, found.facts, list(found.people)
    finding.closed_at = finding.closed_by = None
    finding.save()
    if reopens:
        record(EventName.FINDING_REOPENED, account=finding.account, after={"detector": finding.detector, "finding": str(finding.pk)})
