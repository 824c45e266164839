"""Running the detectors: every night, and when an auditor asks. What was found before is found once.

One detector after another; how far a search has come is kept, so that it can be stopped, and resumed by any worker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from celery import current_app
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from review.detectors.base import Detector, Found, detectors
from review.findings import RIGHT
from review.models import Finding, Search
from review.thresholds import limits_of

TASK = "review.tasks.run_detectors"
MOST = 1000  # new findings of one detector and run: more can nobody read, and a threshold is wrong
KEPT = timedelta(days=400)
UNDER_WAY = timedelta(minutes=15)
log = structlog.get_logger(__name__)


def ask(search: Search | None = None) -> bool:
    """Have the detectors run in a worker, or go on with a search; False when nobody could be told."""
    try:
        current_app.send_task(TASK, args=(search.pk,) if search else (), queue="default", ignore_result=True)
    except (OperationalError, OSError):
        log.warning("broker unavailable", task=TASK)
        return False
    return True


@transaction.atomic
def start(*, actor: Account) -> bool:
    """Have the detectors run now, unless they do; False when nobody could be told."""
    require(actor, RIGHT)
    if is_under_way(last()):
        return True
    record(EventName.DETECTORS_STARTED, actor=actor)
    told = ask()
    transaction.set_rollback(not told)  # otherwise the record would say what did not happen
    return told


def run(search_id: int | None = None) -> int:
    """Run every detector that has not looked yet; how many findings are new. One that breaks off keeps none of the others from running."""
    search = Search.objects.create() if search_id is None else Search.objects.filter(pk=search_id).first()
    if search is None or search.ended_at is not None:
        return 0
    new = 0
    for detector in detectors().values():
        if detector.code not in search.done:
            if not _is_mine(search):
                return new
            new += _step(search, detector)
    Search.objects.filter(pk=search.pk, attempt=search.attempt, stopped_at=None).update(ended_at=timezone.now())
    Search.objects.filter(began_at__lt=timezone.now() - KEPT).delete()
    return new


def _is_mine(search: Search) -> bool:
    """Nobody has stopped it, and no other worker has taken over."""
    mine = Search.objects.filter(pk=search.pk, attempt=search.attempt, stopped_at=None, ended_at=None)
    return bool(mine.update(seen_at=timezone.now()))


def _step(search: Search, detector: Detector) -> int:
    """One detector looks, as of the moment at which the search began; how far it came is kept with what it found."""
    new = 0
    try:
        new = _run(detector, search.began_at)
    except (DatabaseError, ValueError, TypeError, KeyError, ArithmeticError) as error:
        log.exception("a detector broke off", detector=detector.code, problem=type(error).__name__)
        search.failed.append(detector.code)
    search.done.append(detector.code)
    search.found += new
    mine = Search.objects.filter(pk=search.pk, attempt=search.attempt)
    mine.update(done=search.done, failed=search.failed, found=search.found, seen_at=timezone.now())
    return new


@transaction.atomic
def stop(*, actor: Account) -> None:
    """No further detector looks; what was found so far stays."""
    require(actor, RIGHT)
    running = list(Search.objects.select_for_update().filter(ended_at=None, stopped_at=None).order_by("pk"))
    if running:
        Search.objects.filter(pk__in=[search.pk for search in running]).update(stopped_at=timezone.now())
        _record(EventName.DETECTORS_STOPPED, running[-1], actor)


@transaction.atomic
def resume(*, actor: Account) -> Search | None:
    """Go on with the latest search where it stopped, or where a worker was lost; None when there is nothing to go on with."""
    require(actor, RIGHT)
    search = Search.objects.select_for_update().order_by("-pk").first()
    if search is None or search.ended_at is not None or is_under_way(search):
        return None
    search.stopped_at, search.seen_at, search.attempt = None, timezone.now(), search.attempt + 1
    search.save(update_fields=["stopped_at", "seen_at", "attempt"])
    _record(EventName.DETECTORS_RESUMED, search, actor)
    return search


def _record(name: EventName, search: Search, actor: Account) -> None:
    record(name, actor=actor, after={"done": len(search.done), "count": len(detectors())})


@dataclass(frozen=True)
class Progress:
    """How far a search has come."""

    done: int
    total: int
    under_way: bool
    may_resume: bool

    @property
    def percent(self) -> int:
        """For the bar."""
        return 100 * self.done // max(self.total, 1)


def progress(search: Search | None) -> Progress:
    """How far the latest search has come; nothing to show where there is none."""
    total = len(detectors())
    if search is None:
        return Progress(0, total, under_way=False, may_resume=False)
    under_way = is_under_way(search)
    return Progress(len(search.done), total, under_way, search.ended_at is None and not under_way)


def last() -> Search | None:
    """The latest run; one that has not come further for long was killed."""
    return Search.objects.order_by("-pk").first()


def is_under_way(search: Search | None) -> bool:
    """Whether the detectors are running now."""
    return bool(search and search.ended_at is None and search.stopped_at is None and timezone.now() - search.seen_at < UNDER_WAY)


def _run(detector: Detector, now: datetime) -> int:
    """Those that are known, and have not grown, take nothing from what is new; what is beyond the most is found by the next run."""
    known = dict(Finding.objects.filter(detector=detector.code).values_list("subject", "measure"))
    news = (found for found in detector.find(limits_of(detector), now) if found.measure > known.get(found.subject, found.measure - 1))
    new = sum(_keep(detector, found) for found in islice(news, MOST))
    if new == MOST:
        log.warning("a detector found more than one run keeps", detector=detector.code, most=MOST)
    return new


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
