"""What staff do to one method of somebody: suspended at once, brought back, or taken away (R-140, D12)."""

import uuid

from django.db import transaction

from accounts.budgets import METHOD_HARD_CAP
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from accounts.sessions import end, open_badges
from audit.catalogue import EventName
from audit.record import record
from methods.challenges import close_all
from methods.ending import end_with_use
from methods.lifecycle import prefer, take_out
from methods.models import MethodState, RegisteredMethod
from methods.notices import tell
from methods.suspending import suspend
from methods.usable import listed, self_sufficient

LOST = "lost"


@transaction.atomic
def suspend_lost(account: Account, method_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """A lost device verifies nothing from now on, and sessions that it opened end; even when it was the last (I7: recovery).

    App passwords end, too: the programs that know them may be on it (R-126).
    """
    require(actor, "method:suspend", on=account, reason=reason)
    account, method = _of(account, method_id)
    if method.state != MethodState.ACTIVE:
        raise Refused("method-not-active")
    suspend(account, method, actor=actor, why=LOST, reason=reason)
    end_with_use(account, why=LOST)
    _changed(account)
    opened = [badge for badge in open_badges(account) if badge.verified_method == method.pk]
    if ended := end(opened, why="method-suspended"):
        record(EventName.SESSION_ENDED, account=account, actor=actor, after={"sessions": ended, "why": "method-suspended"})
    tell(account, "device-suspended", method=method.name)


@transaction.atomic
def bring_back(account: Account, method_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """A suspended method verifies again; never one that was guessed at too often, which has to be registered anew (R-022)."""
    require(actor, "method:restore", on=account, reason=reason)
    account, method = _of(account, method_id)
    if method.state != MethodState.SUSPENDED or method.failures >= METHOD_HARD_CAP:
        raise Refused("method-not-restorable")
    method.state = MethodState.ACTIVE
    method.save(update_fields=["state"])
    if not any(one.is_default for one in listed(account)) and self_sufficient([method]):
        prefer(account, method)
    _changed(account)
    after = {"method": str(method.pk), "kind": method.kind, "name": method.name}
    record(EventName.METHOD_RESTORED, account=account, actor=actor, reason=reason, after=after)
    tell(account, "device-restored", method=method.name)


@transaction.atomic
def remove(account: Account, method_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """Take a method away for somebody who cannot; Refused for the last one, as for its owner (R-132)."""
    require(actor, "method:remove", on=account, reason=reason)
    account, method = _of(account, method_id)
    take_out(account, method, actor=actor, reason=reason)


def _of(account: Account, method_id: uuid.UUID) -> tuple[Account, RegisteredMethod]:
    account = hold(account.pk)
    method = next((one for one in listed(account) if one.pk == method_id), None)
    if method is None:
        raise Refused("method-gone")
    return account, method


def _changed(account: Account) -> None:
    account.methods_version += 1
    account.save(update_fields=["methods_version"])
    close_all(account)
