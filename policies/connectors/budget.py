"""How long a portion of changes may take altogether: it is told under a lease, and nobody else may take it over meanwhile (R-222)."""

from math import inf
from time import monotonic

from django.conf import settings

from policies.connectors.base import Transient


class Budget:
    """Counts from `start` to `stop`; at all other times there is no limit."""

    def __init__(self) -> None:
        self.over = inf

    def start(self) -> None:
        """Half of a lease from now: the last exchange may take the other half."""
        self.over = monotonic() + settings.MFA_DELIVERY_LEASE_SECONDS / 2

    def stop(self) -> None:
        """Nothing is told under a lease any more."""
        self.over = inf

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return monotonic() >= self.over

    def left(self) -> float:
        """Seconds; Transient when there are none. What was told already is found so by the next attempt."""
        if (seconds := self.over - monotonic()) <= 0:
            raise Transient("no answer: the system is too slow", maybe_applied=True)
        return seconds


class Pace:
    """How many changes go into a portion: as many as take a fourth of the budget, by how long the last ones took."""

    def __init__(self, first: int, most: int) -> None:
        self.size, self.most = first, most

    def learn(self, told: int, seconds: float) -> None:
        """So many took so long; never more than four times as many at the next time."""
        fit = int(told * settings.MFA_DELIVERY_LEASE_SECONDS / 8 / max(seconds, 0.001))
        self.size = max(1, min(fit, 4 * told, self.most))
