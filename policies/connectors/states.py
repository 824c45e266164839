"""What connectors share whose systems hold a state and can be asked for it: write what is meant, then read it back (R-224).

Such a system knows no revisions. That an older one never follows a newer one is asked of our own rows right before the
writing, which takes less time than the lease under which it is done.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import ClassVar

import structlog
from django.db.models import Max

from policies.clock import database_now
from policies.connectors.base import (
    Answer,
    Capability,
    Change,
    Configuration,
    Connector,
    Kept,
    Outdated,
    Permanent,
    Transient,
    Unknown,
    together,
)
from policies.connectors.budget import Budget, Pace
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState

log = structlog.get_logger(__name__)
Failures = dict[str, Kept]
NOT_THERE = "the account is not known there"
NOT_ALONE = "several entries have this account"
LATELY = timedelta(days=1)  # by what was confirmed within it, the settings are right


class Forbidden(Permanent):
    """The system does not allow it for this account. Where it allows it for none, its settings are wrong: then `for_all` says why."""

    def __init__(self, why: str, for_all: str = "") -> None:
        super().__init__(why)
        self.for_all = for_all or why


class SetStateConnector(Connector):
    """A batch goes out in portions; what is read back afterwards is what counts."""

    capability = Capability.SET_STATE
    portion: ClassVar[int] = 50

    def __init__(self, system: ConnectedSystem) -> None:
        super().__init__(system)
        self.budget, self.pace = Budget(), Pace(self.first_portion, self.portion)
        self.allows = False  # whether it has let any account be written to yet
        self._only_reads = False  # nothing of the portion that is being told has been written yet

    @property
    def first_portion(self) -> int:
        """How many are tried before it is known how fast the system is."""
        return self.portion

    @abstractmethod
    def write(self, changes: Sequence[Change]) -> Failures:
        """Set these states, each account once; failures by the key of their change. Transient or Configuration for all of them.

        What is refused for one account alone is Forbidden; `allows` is set when another one was not refused in this way.
        What is only read before is read within `looking_up`: any failure outside of it leaves all of these in doubt.
        """

    @contextmanager
    def looking_up(self) -> Iterator[None]:
        """Around what `write` reads before it writes: a failure in it leaves nothing in doubt."""
        self._only_reads = True
        yield
        self._only_reads = False

    def tell(self, change: Change) -> None:
        """One change by itself."""
        for answer in self.apply([change]):
            if answer.failure:
                raise answer.failure

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """Portion by portion, each within its time, over one connection where there is such a thing.

        One account that it is not allowed for waits for what the next portion shows, because a portion may be of one account. Where
        it was alone, what the system has confirmed and refused lately shows it.
        """
        refused: list[Answer] = []
        try:
            for some in portions(changes, lambda: self.pace.size):
                failures = self._within_budget(some)
                answers = refused + [Answer(change, failures.get(change.key)) for change in some]
                refused = [] if self.allows else [answer for answer in answers if isinstance(answer.failure, Forbidden)]
                yield from together([answer for answer in answers if answer not in refused])
                if len(refused) > 1:
                    break
            if len(refused) > 1 or (refused and not self._lets_others(refused[0].change)):
                raise self._allows_nothing(refused)
            yield from refused
        finally:
            self.close()

    def _lets_others(self, refused: Change) -> bool:
        """Whether it has confirmed something lately, and has not refused another account as well since then."""
        rows = Delivery.objects.filter(system=self.system).exclude(account__common_id=refused.account)
        confirmed = rows.filter(state=DeliveryState.CONFIRMED, confirmed_at__gte=database_now() - LATELY, last_answer="")
        last = confirmed.aggregate(last=Max("confirmed_at"))["last"]
        return last is not None and not rows.filter(state=DeliveryState.FAILED, first_sent_at__gt=last).exists()

    def _allows_nothing(self, refused: Sequence[Answer]) -> Configuration:
        """Why the system is stopped. Which accounts it was tried for says the log alone: the reason is shown to staff of all affiliations."""
        log.error("nothing is allowed", system=self.system.code, deliveries=[answer.change.key for answer in refused])
        return Configuration(next(answer.failure.for_all for answer in refused if isinstance(answer.failure, Forbidden)))

    def read_in_time(self, accounts: Sequence[str]) -> dict[str, str | None]:
        """One at first, and then as many at once as the system is quick."""
        known: dict[str, str | None] = {}
        pace = Pace(1, self.portion)
        self.budget.start()
        try:
            while left := accounts[len(known) :]:
                some, began = left[: pace.size], monotonic()
                states = self.read(some)
                known |= {account: states.get(account) for account in some}
                pace.learn(len(some), monotonic() - began)
        except Transient:
            if not (known and self.budget.is_over):
                raise
        finally:
            self.budget.stop()
        return known

    def _within_budget(self, changes: Sequence[Change]) -> Failures:
        began = monotonic()
        self.budget.start()
        try:
            return self._pass_on(changes)
        finally:
            self.budget.stop()
            self.pace.learn(len(changes), monotonic() - began)

    def _pass_on(self, changes: Sequence[Change]) -> Failures:
        failures = outdated(self.system, changes)
        fresh = [change for change in changes if change.key not in failures]
        if not fresh:
            return failures
        self._only_reads = False
        try:
            return failures | self._write_and_read_back(fresh)
        except (Transient, Configuration) as failure:  # what was kept for single ones by then is lost with it
            failure.maybe_applied |= not self._only_reads
            failure.told = frozenset(change.key for change in fresh)
            raise
        except Exception as error:  # a fault of the connector costs these changes an attempt, not the others
            log.exception("connector failed", system=self.system.code)
            return failures | {change.key: Transient(f"unexpected {type(error).__name__}", maybe_applied=True) for change in fresh}

    def _write_and_read_back(self, changes: Sequence[Change]) -> Failures:
        failures = self.write(changes)
        written = [change for change in changes if change.key not in failures]
        stands = self.read([change.account for change in written]) if written else {}
        for change in written:
            if stands.get(change.account) != change.state:
                # Some systems show a change late, and some never do: of this account alone. The system has answered.
                failures[change.key] = Transient("another state was read back", maybe_applied=True, is_expected=True, is_taken=True)
        return failures


def outdated(system: ConnectedSystem, changes: Sequence[Change]) -> Failures:
    """Those of which a newer revision is on its way to the system, or has arrived."""
    rows = Delivery.objects.filter(system=system, account__common_id__in={change.account for change in changes})
    newest = dict(rows.values_list("account__common_id").annotate(newest=Max("revision")).order_by())
    return {change.key: Outdated("a newer revision is on its way") for change in changes if newest.get(change.account, 0) > change.revision}


def portions(changes: Sequence[Change], size: Callable[[], int]) -> Iterator[list[Change]]:
    """In order, at most `size` together, and no account twice in one of them."""
    portion: dict[str, Change] = {}
    for change in changes:
        if change.account in portion or len(portion) >= size():
            yield list(portion.values())
            portion = {}
        portion[change.account] = change
    if portion:
        yield list(portion.values())


def only(found: Sequence[object]) -> Permanent | None:
    """Why an account cannot be acted on when not exactly one thing was found for it."""
    if len(found) == 1:
        return None
    return Permanent(NOT_ALONE) if found else Unknown(NOT_THERE)
