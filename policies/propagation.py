"""Passing changes on to connected systems and recording every answer (R-222 to R-231, S-144).

The database is the truth: whoever runs this, how often and how many at once makes no difference to what is applied.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.locks import hold
from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from policies.circuits import backoff, note_failure, note_success
from policies.claims import all_mine, claim, give_back, has_newer, mine, renew
from policies.clock import database_now
from policies.confirming import confirm, facts_of
from policies.connectors.base import (
    Answer,
    Capability,
    Change,
    Configuration,
    Connector,
    Failure,
    NotYet,
    Outdated,
    Permanent,
    Transient,
    Unknown,
)
from policies.connectors.registry import connector_for
from policies.doubts import doubt
from policies.leases import Hold, holding, lease
from policies.looking_again import look_again, put_right
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState, Desired
from policies.planning import plan_anew
from policies.refusals import refused
from policies.restoring import may_send
from policies.systems import settings_are_current, stop

log = structlog.get_logger(__name__)
ROUND_SECONDS = 15.0  # then the next system has its turn
OTHER_SETTINGS = "its settings were changed meanwhile"
TOGETHER_SECONDS = 0.1  # confirmations that come faster than this are recorded together
LONGEST_PAUSE = timedelta(minutes=15)
KEEP_TRYING, KEEP_TRYING_TIMES = timedelta(hours=24), 10  # a day in which this site itself was off is no day of trying


def release_system(code: str) -> None:
    """Pass on what is due to one system, batch after batch, until nothing is left or the round is over."""
    system = ConnectedSystem.objects.filter(code=code).first()
    if system is None:
        return
    try:
        connector = connector_for(system)
    except Configuration as failure:
        stop(system, failure.why)
        return
    over = monotonic() + ROUND_SECONDS
    while may_send() and monotonic() < over and (rows := _next_batch(connector)):
        pass_on(connector, rows, over=over)
    if may_send():
        look_again(connector)


def _next_batch(connector: Connector) -> list[Delivery]:
    system = connector.system
    return claim(system.code, connector.capability, pause=connector.pause, settings_of=system)


class Batch:
    """A claimed batch while its system answers. What was confirmed within a moment is recorded together."""

    def __init__(self, connector: Connector, rows: Iterable[Delivery]) -> None:
        self.connector, self.left = connector, {row.key: row for row in rows}
        self.confirmed: list[Delivery] = []
        self.was_overtaken = False  # another worker has taken over what this one has told
        self.began = self.recorded_at = monotonic()
        self.hold = Hold(min((row.held_since or self.began for row in self.left.values()), default=self.began))

    def take(self, answer: Answer) -> None:
        """Keep what became of one change; at once unless others are likely to follow at once."""
        row = self.left.pop(answer.change.key)
        if answer.failure:
            self.record()
            record_failure(self.connector, row, answer.failure)
            return
        self.confirmed.append(row)
        patient = self.connector.capability != Capability.MAY_APPLY_TWICE and monotonic() - self.recorded_at < TOGETHER_SECONDS
        if not (patient and self.left):
            self.record()

    def leave(self, answers: Iterator[Answer], answer: Answer) -> None:
        """Of what was answered together with the last answer only what may have been applied counts: it is in doubt."""
        while answer.more:
            answer = next(answers)
            if isinstance(answer.failure, Transient) and answer.failure.maybe_applied:
                doubt(mine(self.left[answer.change.key]), self.connector.capability, database_now())

    def record(self) -> None:
        """Record what was confirmed."""
        if self.confirmed and not _keep_confirmed(self.connector, self.confirmed):
            self.was_overtaken = True
        self.confirmed, self.recorded_at = [], monotonic()

    def hold_on(self) -> None:
        """Renew the lease of what is left when a third of it has passed."""
        now = monotonic()
        if self.left and now - self.hold.since > lease() / timedelta(seconds=3) and renew(self.left.values()) == len(self.left):
            self.hold.since = now


def pass_on(connector: Connector, rows: list[Delivery], *, over: float) -> None:
    """Tell the system of one claimed batch; stops when it turns out that it cannot take more now."""
    batch = Batch(connector, rows)
    try:
        with holding(batch.hold):
            _tell(connector, batch, over)
    except Transient as failure:
        batch.record()  # what came before says nothing of how the system is now
        later(connector, batch.left.values(), failure)
        batch.left.clear()
    except (Permanent, Outdated) as failure:
        for row in batch.left.values():
            record_failure(connector, row, failure)
        batch.left.clear()
    except Configuration as failure:
        _doubt(connector, batch.left.values(), failure, database_now())
        stop(connector.system, failure.why)
    finally:
        batch.record()
        give_back(batch.left.values())
        # A machine that was stopped as a whole does not notice it by its own clock, but by the fence.
        if connector.capability == Capability.SET_STATE and (batch.was_overtaken or Hold(batch.began).is_over):
            put_right(rows)


def _tell(connector: Connector, batch: Batch, over: float) -> None:
    """Answer by answer, until the system cannot take more now, or the round is over and no answer is there that was given already."""
    answers = connector.apply([_change(row) for row in batch.left.values()])
    for answer in answers:
        batch.take(answer)
        if (monotonic() > over and not answer.more) or (answer.failure and _is_paused(connector.system)):
            batch.leave(answers, answer)
            break
        batch.hold_on()


def _change(row: Delivery) -> Change:
    account = row.account.common_id
    return Change(account, state=row.desired, revision=row.revision, key=row.key, asked_at=row.planned_at, due_at=row.due_at)


@transaction.atomic
def _keep_confirmed(connector: Connector, rows: Sequence[Delivery]) -> bool:
    """Whether all of these were still this worker's; what was told by settings that have been changed meanwhile was told to nobody."""
    if settings_are_current(connector.system):  # locked before its deliveries, like everywhere
        return len(confirm(rows)) == len(rows)
    return _leave(connector, rows)


def _leave(connector: Connector, rows: Sequence[Delivery]) -> bool:
    """Whoever has the new settings tells it anew, unless that must not be done unasked."""
    if connector.capability != Capability.MAY_APPLY_TWICE:
        return give_back(rows) == len(rows)
    return sum(_needs_a_person(row, DeliveryState.UNSURE, OTHER_SETTINGS) for row in rows) == len(rows)


def record_failure(connector: Connector, row: Delivery, failure: Failure) -> bool:
    """Keep that a delivery was not confirmed, each kind of failure in its own way."""
    if isinstance(failure, NotYet):
        return _not_yet(row, failure)
    if isinstance(failure, Transient):
        held = bool(later(connector, [row], failure))
        if held and failure.is_taken and row.system.failures:
            note_success(row.system)
        return held
    return _refused(connector, row, failure)


@transaction.atomic
def _refused(connector: Connector, row: Delivery, failure: Failure) -> bool:
    if not settings_are_current(connector.system):
        return _leave(connector, [row])
    if isinstance(failure, Unknown) and _is_gone(row):
        return bool(confirm([row], problem=failure.why))
    return _needs_a_person(row, DeliveryState.FAILED, failure.why)


def _is_gone(row: Delivery) -> bool:
    """Whether it is the end of the MFA use of somebody who has left: a system that has let them go holds nothing that could end (decision 19)."""
    return row.desired == Desired.OFF and Account.objects.filter(pk=row.account_id, left_at__isnull=False).exists()


def _not_yet(row: Delivery, failure: NotYet) -> bool:
    """It was no try, and no day of trying begins with it."""
    since = {} if row.failures else {"first_sent_at": None}
    again = {"state": DeliveryState.WAITING, "next_try_at": database_now() + failure.wait, "lease_until": None, "lost": 0}
    return bool(mine(row).update(**again, **since))


def later(connector: Connector, rows: Iterable[Delivery], failure: Transient) -> int:
    """Try again after a growing pause, unless it may have been applied and must not be repeated, or has been tried for a day.

    What concerns a whole batch is one failure of the system. Returns how many are this worker's still.
    """
    now, rows = database_now(), list(rows)
    unsure = failure.maybe_applied and connector.capability == Capability.MAY_APPLY_TWICE
    held = 0
    _doubt(connector, rows, failure, now)
    for row in rows:
        if unsure or (row.failures >= KEEP_TRYING_TIMES and now - (row.first_sent_at or now) > KEEP_TRYING):
            held += _needs_a_person(row, DeliveryState.UNSURE if unsure else DeliveryState.FAILED, failure.why)
        else:
            again = now + (failure.retry_after or backoff(row.failures + 1, LONGEST_PAUSE))
            waiting = {"state": DeliveryState.WAITING, "next_try_at": again, "lease_until": None, "last_answer": failure.why}
            held += mine(row).update(failures=F("failures") + 1, lost=0, **waiting)  # it left its worker alive
    if held and not unsure and not failure.is_expected:
        note_failure(connector.system, failure, now)
    return held


def _doubt(connector: Connector, rows: Iterable[Delivery], failure: Failure, now: datetime) -> None:
    """Those that the system may have been told."""
    told = [row for row in rows if failure.told is None or row.key in failure.told] if failure.maybe_applied else []
    if told:
        doubt(all_mine(told), connector.capability, now)


def _is_paused(system: ConnectedSystem) -> bool:
    return ConnectedSystem.objects.filter(pk=system.pk, paused_until__gt=database_now()).exists()


@transaction.atomic
def _needs_a_person(row: Delivery, state: DeliveryState, why: str) -> bool:
    if Delivery.objects.filter(has_newer(), pk=row.pk).exists():  # nobody has to care about what is not wanted any more
        return bool(mine(row).update(state=DeliveryState.SUPERSEDED, lease_until=None, last_answer=why))
    if not mine(row).update(state=state, lease_until=None, last_answer=why):
        return False
    log.error("delivery needs a person", system=row.system.code, delivery=str(row.uid), why=why)
    record(EventName.DELIVERY_FAILED, account=row.account, after=facts_of(row) | {"problem": why})
    return True


@transaction.atomic
def retry(delivery: Delivery, *, actor: Account | None, reason: str = "") -> None:
    """Pass on once more what needed a person, due from now on; `actor` None is whoever runs the machine.

    Refused when it does not wait for one.
    """
    account, now = hold(delivery.account_id), database_now()
    if actor is not None:
        require(actor, "delivery:retry", on=account, reason=reason)
    stuck = Delivery.objects.filter(pk=delivery.pk, state__in=NEEDS_A_PERSON)
    due = Greatest(F("due_at"), now)  # what had waited for a person is not late: nobody measures people by it
    times = {"planned_at": now, "due_at": due, "next_try_at": due, "first_sent_at": None}
    if not stuck.update(state=DeliveryState.WAITING, lost=0, failures=0, **times):
        raise refused("nothing-to-retry")
    after = facts_of(delivery) | {"revision": plan_anew(delivery, account, now=now)}
    record(EventName.DELIVERY_RETRIED, account=account, actor=actor, reason=reason.strip(), after=after)
