"""Accounts that leave: their methods are suspended at once and removed after a while; who returns registers anew (R-155).

The site itself lets nobody in who has left, from the moment of leaving. What follows is done here, one account in a transaction of
its own, and never to more at once than is to be believed: a directory that could not be reached, or a wrong number of days, must not take a
faculty's methods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.leaving import due_to_leave, leave_by_date, was_here
from accounts.locks import hold
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.challenges import close_all
from methods.ending import end_with_use
from methods.lifecycle import take_away
from methods.models import MethodState
from methods.notices import tell
from methods.suspending import suspend
from methods.travel import forget
from methods.usable import listed
from policies.applications import end_wish, live_application
from policies.clock import database_now
from policies.models.deliveries import Desired
from policies.planning import next_revision, plan, supersede, systems_to_tell
from policies.states import CAN_TERMINATE, ApplicationState

SUSPENDED, REMOVED = "suspended", "removed"
FEW = 20  # so many may always leave at once
SWEEP = 200  # accounts of one step of one run; the next one goes on


@dataclass(frozen=True)
class Outlook:
    """What the next run would do, in accounts."""

    by_date: int
    to_suspend: int
    to_remove: int
    returned: int
    active: int

    @property
    def going(self) -> int:
        """Those of whom nothing has been taken yet."""
        return self.by_date + self.to_suspend

    def is_too_many(self, percent: float | None = None) -> bool:
        """Whether more go than may at once."""
        return self.going > _most(self.active + self.to_suspend, percent)

    def is_too_many_to_remove(self, percent: float | None = None) -> bool:
        """Whether more have waited for long enough than may lose everything at once: that cannot be taken back."""
        return self.to_remove > _most(self.active + self.to_suspend + self.to_remove, percent)


def _most(accounts: int, percent: float | None) -> float:
    share = settings.MFA_LEAVERS_PERCENT if percent is None else percent
    return max(FEW, accounts * share / 100)


def left() -> QuerySet[Account]:
    """Accounts that have left and still have everything."""
    return Account.objects.filter(left_at__isnull=False, leaver_state="")


def over() -> QuerySet[Account]:
    """Accounts whose suspended methods have been kept for long enough."""
    before = timezone.now() - timedelta(days=settings.MFA_LEAVER_DAYS)
    return Account.objects.filter(left_at__lte=before, leaver_state=SUSPENDED)


def returned() -> QuerySet[Account]:
    """Accounts that are back after something was taken."""
    return Account.objects.filter(left_at=None).exclude(leaver_state="")


def outlook() -> Outlook:
    """How many accounts stand before each step."""
    by_date, to_suspend, to_remove = due_to_leave().count(), left().count(), over().count()
    active = Account.objects.filter(left_at=None).count() if max(by_date + to_suspend, to_remove) > FEW else 0
    return Outlook(by_date, to_suspend, to_remove, returned().count(), active)


def look_after(*, percent: float | None = None) -> int:
    """Take each step for some accounts; returns how many. Where it is too many at once an administrator is waited for (`percent` of the active)."""
    done = sum(_one(pk, _register_anew) for pk in _some(returned()))
    ahead = outlook()
    if not ahead.is_too_many(percent):
        leave_by_date(SWEEP)
        done += sum(_one(pk, _suspend_all) for pk in _some(left()))
    if not ahead.is_too_many_to_remove(percent):
        done += sum(_one(pk, _remove_all) for pk in _some(over()))
    return done


def _some(accounts: QuerySet[Account]) -> list[int]:
    return list(accounts.order_by("left_at", "pk").values_list("pk", flat=True)[:SWEEP])


@transaction.atomic
def _one(account_id: int, step: Callable[[Account], bool]) -> bool:
    """A step for one account, under its lock, if it still stands before that step."""
    return step(hold(account_id))


def until(account: Account) -> datetime:
    """When the methods of somebody who has left are removed."""
    return (account.left_at or timezone.now()) + timedelta(days=settings.MFA_LEAVER_DAYS)


def _suspend_all(account: Account) -> bool:
    if account.left_at is None or account.leaver_state:
        return False
    end_with_use(account, why="left")
    methods = listed(account)
    for method in methods:
        if method.state == MethodState.ACTIVE:
            suspend(account, method, why="left")
    last = localtime(until(account)).date().isoformat()
    _store(account, SUSPENDED)
    record(EventName.LEAVER_SUSPENDED, account=account, after={"until": last})
    if methods or was_here(account):
        tell(account, "account-left", until=last)
    return True


def _remove_all(account: Account) -> bool:
    """Only now are the systems told that MFA use is over: a system that still lets somebody in must go on asking until then."""
    if account.left_at is None or account.leaver_state != SUSPENDED or until(account) > timezone.now():
        return False
    names = _take_all(account)
    account.registers_anew, account.recovery_until = True, None
    _store(account, REMOVED, "registers_anew", "recovery_until")
    record(EventName.LEAVER_REMOVED, account=account, before={"methods": names})
    application = live_application(account)
    if application and application.state in CAN_TERMINATE:
        end_wish(account, database_now())
        supersede(account)
        application.revision = next_revision(account)
        application.step(ApplicationState.TERMINATING)
        plan(application, Desired.OFF, systems_to_tell(account), now=database_now())
    return True


def _register_anew(account: Account) -> bool:
    """Back again: what was verified with before may have been lost, sold or kept by somebody else meanwhile."""
    if account.left_at is not None or not account.leaver_state:
        return False
    names = _take_all(account)
    account.registers_anew, account.recovery_until = True, None
    _store(account, "", "registers_anew", "recovery_until")
    record(EventName.LEAVER_RETURNED, account=account, before={"methods": names})
    tell(account, "account-returned")
    return True


def _take_all(account: Account) -> list[str]:
    """Every method, and a journey whose country rules may speak of: it was planned by whoever had the methods."""
    forget(account)
    methods = listed(account)
    for method in methods:
        take_away(method)
    return [method.name for method in methods]


def _store(account: Account, state: str, *fields: str) -> None:
    """Keep the step; open sign-ins and questions end with it."""
    account.leaver_state = state
    account.methods_version += 1
    account.save(update_fields=["leaver_state", "methods_version", *fields])
    close_all(account)
