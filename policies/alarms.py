"""Mails to the administrators when propagation is not as it should be: one per occasion, and one when it is over (R-226, R-229).

What is watched is read from the rows each time. Two who look at once raise one alarm: the database allows no second.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import override

from accounts.models import RoleGrant
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from policies.alarm_kinds import KINDS
from policies.clock import database_now
from policies.connectors.sentences import sentence
from policies.leavers import outlook
from policies.models import Alarm, ConnectedSystem, Home
from policies.queues import EMPTY, Queue, queues

log = structlog.get_logger(__name__)
UNCONFIRMED = timedelta(hours=4)  # after a restore: by then somebody should have looked
QUIET = timedelta(minutes=5)  # an alarm is over when nothing was seen of it for so long: what comes and goes is one occasion


@dataclass(frozen=True)
class Trouble:
    """Something that is not as it should be; `system` None means the whole site."""

    kind: str
    system: ConnectedSystem | None = None
    count: int = 0
    problem: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two of them the same occasion."""
        return self.kind, self.system.code if self.system else ""


def of_systems(now: datetime) -> Iterator[Trouble]:
    """What is wrong with the enabled systems; three queries."""
    systems = list(ConnectedSystem.objects.filter(enabled=True))
    unfinished = queues(now, systems)
    for system in systems:
        yield from _troubles(system, unfinished.get(system.pk, EMPTY))


def _troubles(system: ConnectedSystem, queue: Queue) -> Iterator[Trouble]:
    if queue.late:
        yield Trouble("late", system, queue.late)
    if queue.stuck:
        yield Trouble("stuck", system, queue.stuck)
    if system.opened_at:
        yield Trouble("circuit", system, system.failures, system.last_failure)
    if system.stopped_reason:
        yield Trouble("stopped", system, problem=system.stopped_reason)
    if system.drift:
        yield Trouble("drift", system, system.drift)


def of_site(now: datetime) -> Iterator[Trouble]:
    """Whether it waits for a confirmation after a restore; once more when it waits for long."""
    since = Home.objects.exclude(unsure_since=None).values_list("unsure_since", flat=True).first()
    if since is None:
        return
    yield Trouble("restored")
    if since <= now - UNCONFIRMED:
        yield Trouble("unconfirmed", count=(now - since) // timedelta(hours=1))


def of_leavers(now: datetime) -> Iterator[Trouble]:
    """Whether more accounts leave, or lose their methods, than may at once."""
    ahead = outlook()
    if ahead.is_too_many():
        yield Trouble("leavers", count=ahead.going)
    if ahead.is_too_many_to_remove():
        yield Trouble("removals", count=ahead.to_remove)


Look = Callable[[datetime], Iterator[Trouble]]
WATCHED: list[Look] = [of_site, of_systems, of_leavers]


def watch_also(look: Look) -> None:
    """Learn, at start-up, what the floors above want to be watched."""
    if look not in WATCHED:
        WATCHED.append(look)


def watch() -> None:
    """Raise what is new, keep what lasts as it is now, end what has not been seen for a while."""
    now = database_now()
    troubles = {trouble.key: trouble for look in WATCHED for trouble in look(now)}
    standing = {(alarm.kind, alarm.subject): alarm for alarm in Alarm.objects.filter(over_at=None)}
    for key, trouble in troubles.items():
        if alarm := standing.get(key):
            _go_on(alarm, trouble, now)
        elif not _is_explained(trouble, troubles.keys() | standing.keys()):
            _raise(trouble, now)
    for key, alarm in standing.items():
        if key not in troubles and alarm.seen_at <= now - QUIET:
            _end(alarm, now)


def _is_explained(trouble: Trouble, ringing: Collection[tuple[str, str]]) -> bool:
    """Whether changes are late because nothing is sent to anything, or was until a moment ago: the alarm of the site says so."""
    return trouble.kind == "late" and ("restored", "") in ringing


def _go_on(alarm: Alarm, trouble: Trouble, now: datetime) -> None:
    """Keep how it stands now. Stopped for another reason, as for wrong settings right after a pause by hand, is another occasion."""
    standing = Alarm.objects.filter(pk=alarm.pk, over_at=None)
    if trouble.kind != "stopped" or trouble.problem == alarm.problem:
        standing.update(seen_at=now, count=trouble.count, problem=trouble.problem)
        return
    with transaction.atomic():
        if standing.update(over_at=now):
            record(EventName.ALARM_OVER, after=_facts(trouble))
    _raise(trouble, now)


def _raise(trouble: Trouble, now: datetime) -> None:
    kind, subject = trouble.key
    facts = {"kind": kind, "subject": subject, "count": trouble.count, "problem": trouble.problem}
    try:
        with transaction.atomic():
            Alarm.objects.create(**facts, raised_at=now, seen_at=now)
            record(EventName.ALARM_RAISED, after=_facts(trouble) | {"count": trouble.count, "problem": trouble.problem})
            _tell("alarm-raised", trouble)
    except IntegrityError:
        return  # somebody else was quicker
    log.error("alarm raised", alarm=kind, subject=subject, count=trouble.count)


@transaction.atomic
def _end(alarm: Alarm, now: datetime) -> None:
    if not Alarm.objects.filter(pk=alarm.pk, over_at=None, seen_at__lte=now - QUIET).update(over_at=now):
        return
    trouble = Trouble(alarm.kind, ConnectedSystem.objects.filter(code=alarm.subject).first(), alarm.count, alarm.problem)
    record(EventName.ALARM_OVER, after=_facts(trouble))
    _tell("alarm-over", trouble)


def _facts(trouble: Trouble) -> dict[str, object]:
    return {"alarm": trouble.kind, "system": trouble.system.name_en if trouble.system else ""}


def _tell(template: str, trouble: Trouble) -> None:
    for grant in RoleGrant.objects.filter(role="administrator", account__left_at=None).select_related("account"):
        with override(grant.account.language):
            words = words_of(trouble)
        tell(grant.account, template, **words)


def words_of(trouble: Trouble) -> dict[str, str]:
    """Title, text and advice, in the reader's language."""
    kind = KINDS[trouble.kind]
    blanks = {"system": str(trouble.system or ""), "count": trouble.count, "problem": sentence(trouble.problem)}
    return {"title": str(kind.title) % blanks, "text": kind.text % blanks, "advice": str(kind.advice)}
