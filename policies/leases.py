"""For how long a worker has a delivery in hand, and that it says nothing to a system afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.conf import settings


def lease() -> timedelta:
    """After it another worker may take the delivery over; whoever held it then has nothing to say any more (R-223)."""
    return timedelta(seconds=settings.MFA_DELIVERY_LEASE_SECONDS)


@dataclass
class Hold:
    """What this worker has in hand, `since` a moment of its own monotonic clock at which it had not been given to it yet."""

    since: float

    @property
    def is_over(self) -> bool:
        """Whether another worker may have it by now."""
        return monotonic() - self.since > lease() / timedelta(seconds=1)


_held: ContextVar[Hold | None] = ContextVar("held", default=None)


@contextmanager
def holding(hold: Hold) -> Iterator[None]:
    """Within the block, nothing is said to a system any more once the lease is over."""
    token = _held.set(hold)
    try:
        yield
    finally:
        _held.reset(token)


def may_speak() -> bool:
    """Asked right before something is said to a system; a worker that was stopped for a while finds out here."""
    hold = _held.get()
    return hold is None or not hold.is_over
