"""What staff do for a caller, told to the person at once (R-166). The rules stand in the verbs of the floors below."""

import uuid

from django.db import transaction

from accounts import locks, sessions
from accounts.models import Account
from accounts.roles import require
from methods.ending import end_with_use
from methods.notices import tell


@transaction.atomic
def unlock(account: Account, *, actor: Account, reason: str) -> None:
    """Clear the holds of an account; Refused without the right or a reason."""
    locks.unlock(account, actor=actor, reason=reason)
    tell(account, "account-unlocked")


@transaction.atomic
def lock(account: Account, *, actor: Account, reason: str) -> None:
    """Let nobody sign in until it is unlocked, nor any program; Refused without the right or a reason, and when it is locked already."""
    locks.lock(account, actor=actor, reason=reason)
    end_with_use(account, why="locked")
    tell(account, "account-locked")


@transaction.atomic
def end_session(account: Account, session_id: uuid.UUID, *, actor: Account, reason: str) -> None:
    """End one of somebody's sessions; Refused without the right or a reason, on one's own account, and when it is over already."""
    require(actor, "session:end", on=account, reason=reason)
    sessions.end_one(account, session_id, actor=actor, reason=reason)
    tell(account, "session-ended")
