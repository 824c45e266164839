"""Housekeeping, from beat."""

from collections.abc import Callable

import structlog
from celery import shared_task

from accounts import budgets
from methods import challenges, ending, registration, spending, travel
from policies import measuring
from policies.clock import database_now
from signin import flow

log = structlog.get_logger(__name__)


@shared_task
def clear_expired() -> None:
    """Remove what has long expired, and look after what has its day; a fault in one part costs the others nothing."""
    for part in (
        flow.clear_expired,
        challenges.clear_expired,
        registration.clear_unfinished,
        ending.end_expired,
        travel.look_after,
        ending.end_outdated,
        budgets.clear_old,
        spending.clear_old,
        _clear_measured,
    ):
        _apart(part)


def _apart(part: Callable[[], object]) -> None:
    try:
        part()
    except Exception:  # whatever it is, the others go on
        log.exception("housekeeping broke off", part=f"{part.__module__}.{part.__qualname__}")


def _clear_measured() -> None:
    measuring.clear_old(database_now())
