"""Failure budgets: how often something may fail in a row before it is held (R-020 to R-033).

They live in the database, never in the cache, and are committed before the answer is given: a rolled-back request, a
stopped cache or a parallel one does not give a single guess back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Budget, FailureBudget


@dataclass(frozen=True)
class Limit:
    """`cap` failures in a row are free; the last of them, and each one after, holds twice as long as the one before."""

    scope: str
    cap: int
    hold: timedelta
    longest: timedelta
    window: timedelta | None = None  # counts anew when this is over: for things many people share

    def hold_after(self, holds: int) -> timedelta:
        """Length of the hold that follows `holds` earlier ones."""
        return min(self.hold * (1 << min(holds, 20)), self.longest)


QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
PASSWORD = Limit("password", cap=10, hold=QUARTER, longest=DAY)
NETWORK = Limit("network", cap=settings.MFA_NETWORK_FAILURES, hold=QUARTER, longest=QUARTER, window=QUARTER)
VERIFICATION = Limit("verification", cap=10, hold=QUARTER, longest=DAY)
CALLER = Limit("caller", cap=5, hold=4 * QUARTER, longest=DAY)  # wrong answers of people on the telephone, per account
APP_PASSWORD = Limit("app-password", cap=100, hold=QUARTER, longest=QUARTER, window=QUARTER)  # programs repeat a wrong one for days
APP_PASSWORD_NETWORK = Limit("app-password-network", cap=1000, hold=QUARTER, longest=QUARTER, window=QUARTER)
SYSTEM_SECRET = Limit("system-secret", cap=30, hold=QUARTER, longest=QUARTER, window=QUARTER)
UNKNOWN = "unknown:"  # how the key of a thing begins that belongs to no account
KEPT, KEPT_OF_STRANGERS = timedelta(days=30), DAY  # a budget without a further failure is forgotten
METHOD_HARD_CAP = 50  # consecutive failures after which a method is disabled until bound anew (SP 800-63B-4 3.2.2)


def is_held(budget: Budget, now: datetime) -> bool:
    """Whether nothing may be tried now."""
    return budget.held_until is not None and budget.held_until > now


def fail(budget: Budget, limit: Limit, now: datetime) -> None:
    """Count one failure on a row that the caller has locked; saving it is the caller's."""
    budget.failures += 1
    budget.held_until = None
    if budget.failures >= limit.cap:
        budget.held_until = now + limit.hold_after(budget.holds)
        budget.holds += 1


def forgive(budget: Budget) -> bool:
    """Forget the failures on a row that the caller has locked; tells whether there was anything to forget."""
    had = bool(budget.failures or budget.holds)
    budget.failures = budget.holds = 0
    budget.held_until = None
    return had


Thing = tuple[Limit, str]  # what may fail, and the key that tells it from others


def drawn_on(*things: Thing) -> list[FailureBudget]:
    """The budgets of these things on which something has been counted."""
    return list(FailureBudget.objects.filter(_any_of(things)))


def count_failure(*things: Thing) -> bool:
    """Count one failure on each of the things, in a transaction of the caller.

    False while one of them is held: then nothing was to be judged, and nothing is counted or lengthened (R-026).
    """
    now = timezone.now()
    budgets = [_counting(budget, limit, now) for (limit, _), budget in zip(things, _locked(things, now), strict=True)]
    if any(is_held(budget, now) for budget in budgets):
        return False
    for (limit, _), budget in zip(things, budgets, strict=True):
        fail(budget, limit, now)
        budget.changed_at = budget.changed_at if limit.window else now
    FailureBudget.objects.bulk_update(budgets, ["failures", "holds", "held_until", "changed_at"])
    return True


def _any_of(things: Sequence[Thing]) -> Q:
    wanted = Q()
    for limit, key in things:
        wanted |= Q(scope=limit.scope, key=key)
    return wanted


def _locked(things: Sequence[Thing], now: datetime) -> list[FailureBudget]:
    rows = FailureBudget.objects.select_for_update().filter(_any_of(things)).order_by("pk")
    found = {(row.scope, row.key): row for row in rows}
    missing = [FailureBudget(scope=limit.scope, key=key, changed_at=now) for limit, key in things if (limit.scope, key) not in found]
    if missing:
        FailureBudget.objects.bulk_create(missing, ignore_conflicts=True)
        found = {(row.scope, row.key): row for row in rows.all()}
    return [found[limit.scope, key] for limit, key in things]


def _counting(budget: FailureBudget, limit: Limit, now: datetime) -> FailureBudget:
    """With a window `changed_at` is its beginning: slow, honest mistakes of many people do not add up over a day."""
    if limit.window and budget.changed_at <= now - limit.window:
        budget.failures = budget.holds = 0
        budget.changed_at = now
    return budget


def clear(limit: Limit, key: str) -> None:
    """Forget the failures of one thing after a whole sign-in."""
    FailureBudget.objects.filter(scope=limit.scope, key=key, failures__gt=0).delete()


def clear_old() -> int:
    """Remove budgets that nobody has drawn on for long: strangers make one with every id they try."""
    now = timezone.now()
    passing = [limit.scope for limit in (NETWORK, APP_PASSWORD, APP_PASSWORD_NETWORK, SYSTEM_SECRET)]
    strangers = Q(scope__in=passing) | Q(key__startswith=UNKNOWN)
    old = Q(changed_at__lt=now - KEPT) | strangers & Q(changed_at__lt=now - KEPT_OF_STRANGERS)
    return FailureBudget.objects.filter(old).delete()[0]
