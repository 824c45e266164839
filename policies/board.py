"""The administrators' board: how each connected system is doing, in a constant number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.alarms import Trouble, words_of
from policies.circuits import Circuit, circuit_of
from policies.comparing import said
from policies.connectors.base import Capability
from policies.connectors.registry import connectors
from policies.connectors.sentences import sentence
from policies.homes import only_reads
from policies.lateness import NOTHING, Pace, paces
from policies.models import Alarm, ConnectedSystem
from policies.queues import EMPTY, Queue, queues

CAPABILITIES = {
    Capability.KEYED: _("keyed: a change that is repeated is recognised"),
    Capability.SET_STATE: _("set-state: the state is set and read back"),
    Capability.MAY_APPLY_TWICE: _("may apply twice: nothing is repeated without a person"),
}
SHORT_CAPABILITIES = {
    Capability.KEYED: _("keyed"),
    Capability.SET_STATE: _("set-state"),
    Capability.MAY_APPLY_TWICE: _("may apply twice"),
}


@dataclass(frozen=True)
class Light:
    """How a system is doing in two words."""

    tone: str
    icon: str
    label: Promise


OFF = Light("neutral", "dot", _("Not enabled"))
STOPPED = Light("danger", "danger", _("Stopped"))
CIRCUITS = {
    Circuit.OPEN: Light("danger", "warning", _("Circuit open")),
    Circuit.HALF_OPEN: Light("warning", "refresh", _("Circuit half-open")),
}
LATE = Light("warning", "clock", _("Late"))
STUCK = Light("warning", "warning", _("Needs a person"))
RESTING = Light("info", "clock", _("Resting"))
ONLY_READ = Light("warning", "clock", _("Only read"))  # after a restore nothing is told
RUNNING = Light("success", "check", _("Running"))


@dataclass(frozen=True)
class Row:
    """One system on the board."""

    system: ConnectedSystem
    queue: Queue
    pace: Pace
    now: datetime
    is_told: bool = True

    @property
    def light(self) -> Light:
        """The worst that is to be said."""
        system, circuit = self.system, circuit_of(self.system, self.now)
        if not system.enabled:
            return OFF
        if system.stopped_reason:
            return STOPPED
        if not self.is_told:
            return ONLY_READ
        if circuit in CIRCUITS:
            return CIRCUITS[circuit]
        if self.queue.late or self.queue.stuck:
            return LATE if self.queue.late else STUCK
        return RESTING if system.paused_until and system.paused_until > self.now else RUNNING

    @property
    def age(self) -> timedelta | None:
        """For how long the longest waiting change has been due."""
        return self.now - self.queue.oldest if self.queue.oldest else None

    @property
    def problem(self) -> str:
        """Why it does not take changes, in a sentence; empty when it does."""
        return sentence(self.system.stopped_reason or (self.system.last_failure if self.system.failures else ""))

    @property
    def comparing(self) -> str:
        """How the comparison that goes on stands; empty without one."""
        return said(self.system)

    @property
    def capability(self) -> Promise | str:
        """What repeating a change does there, in two words."""
        return self._capability(SHORT_CAPABILITIES)

    @property
    def capability_in_full(self) -> Promise | str:
        """What repeating a change does there."""
        return self._capability(CAPABILITIES)

    def _capability(self, words: Mapping[Capability, Promise]) -> Promise | str:
        connector = connectors().get(self.system.connector)
        return words[connector.capability] if connector else ""


def rows(now: datetime) -> list[Row]:
    """Every system, the enabled ones first; five queries."""
    systems = list(ConnectedSystem.objects.select_related("stopped_by", "comparison").order_by("-enabled", "pk"))
    is_told, unfinished, lately = not only_reads(), queues(now, systems), paces(now)
    return [Row(system, unfinished.get(system.pk, EMPTY), lately.get(system.pk, NOTHING), now, is_told) for system in systems]


@dataclass(frozen=True)
class Ringing:
    """An alarm that is not over."""

    alarm: Alarm
    words: dict[str, str]


def ringing(systems: list[ConnectedSystem]) -> list[Ringing]:
    """The alarms that are not over, the oldest first; one query."""
    by_code = {system.code: system for system in systems}
    return [
        Ringing(alarm, words_of(Trouble(alarm.kind, by_code.get(alarm.subject), alarm.count, alarm.problem)))
        for alarm in Alarm.objects.filter(over_at=None).order_by("raised_at")
    ]
