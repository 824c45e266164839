"""Events go to the collectors: at least once, in order, each behind a cursor in the database. Recording never waits for it.

One sender at a time holds a collector by a lease. The cursor moves after the collector has the batch; a sender that is killed between
the two leaves the batch to be sent once more.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.catalogue import EventName
from audit.models import Collector, Event
from audit.out import ecs, stream
from audit.out.collectors import Line, NotTaken, to_stdout, to_syslog, to_url
from audit.record import record

BATCH = 500
BUDGET = 20.0  # seconds of one run, so that it ends before its lease
LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Way:
    """A collector that the settings name; the name holds no secret."""

    name: str
    send: Callable[[Sequence[Line]], None]


def ways() -> Iterator[Way]:
    """Every collector that the settings name."""
    if settings.MFA_EVENTS_STDOUT:
        yield Way("stdout", to_stdout)
    if settings.MFA_EVENTS_SYSLOG:
        yield Way(settings.MFA_EVENTS_SYSLOG, partial(to_syslog, settings.MFA_EVENTS_SYSLOG))
    if settings.MFA_EVENTS_URL:
        parts = urlsplit(settings.MFA_EVENTS_URL)
        yield Way(f"https://{parts.hostname}{parts.path}"[:255], partial(to_url, settings.MFA_EVENTS_URL))


def send() -> int:
    """Send what is new along every way that is due; how many events that were, counted once for each way."""
    return sum(_send_along(way) for way in ways())


def _send_along(way: Way) -> int:
    collector = _claimed(way)
    if collector is None:
        return 0
    sent, began = 0, time.monotonic()
    try:
        while time.monotonic() - began < BUDGET and (count := _send_batch(way, collector)):
            sent += count
    except NotTaken as error:
        _note_failure(collector, str(error)[:200])
    except Exception as error:  # whatever it is, the other ways go on
        log.exception("events could not be sent", collector=collector.name)
        _note_failure(collector, type(error).__name__)
    else:
        _note_success(collector)
    return sent


def _claimed(way: Way) -> Collector | None:
    """The collector, held until its lease ends. A new one begins with what is sealed from now on (`manage.py audit_out`)."""
    if not Collector.objects.filter(name=way.name).exists():
        now_at = stream.newest()
        Collector.objects.get_or_create(name=way.name, defaults={"seal": now_at.seal, "number": now_at.number})
    now = timezone.now()
    free = Collector.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), name=way.name)
    if not free.exclude(next_try_at__gt=now).update(lease_until=now + LEASE, tried_at=now):
        return None
    return Collector.objects.get(name=way.name)


def _send_batch(way: Way, collector: Collector) -> int:
    batch = stream.after(stream.Place(collector.seal, collector.number), BATCH)
    if not batch:
        return 0
    lines = [_line(event, at) for at, event in stream.events(batch)]
    if lines:
        way.send(lines)
    last = batch[-1]
    mine = Collector.objects.filter(pk=collector.pk, lease_until=collector.lease_until)
    if not mine.update(seal=last.seal, number=last.number, sent_at=timezone.now()):
        return 0  # the lease was lost: somebody else goes on from where the cursor stands
    collector.seal, collector.number = last.seal, last.number
    return len(batch)


def _line(event: Event, at: stream.Numbered) -> Line:
    return Line(event.name, ecs.level(event), event.at.isoformat(timespec="microseconds"), ecs.line(event, at))


@transaction.atomic
def _note_failure(collector: Collector, problem: str) -> None:
    """Try again after a growing pause; the first failure is an event."""
    log.error("a collector of events did not take them", collector=collector.name, problem=problem)
    if collector.failing_since is None:
        record(EventName.COLLECTOR_FAILED, after={"outlet": collector.name, "problem": problem})
    pause = min(timedelta(seconds=2 ** min(collector.failures + 1, 10)), LONGEST_PAUSE)
    Collector.objects.filter(pk=collector.pk, lease_until=collector.lease_until).update(
        failures=collector.failures + 1,
        failing_since=collector.failing_since or timezone.now(),
        next_try_at=timezone.now() + pause,
        problem=problem,
        lease_until=None,
    )


@transaction.atomic
def _note_success(collector: Collector) -> None:
    if collector.failing_since is not None:
        record(EventName.COLLECTOR_RESUMED, after={"outlet": collector.name})
    mine = Collector.objects.filter(pk=collector.pk, lease_until=collector.lease_until)
    mine.update(failures=0, failing_since=None, next_try_at=None, problem="", lease_until=None)
