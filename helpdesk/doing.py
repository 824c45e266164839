"""The effect of each action, by its code: the verbs of the floors below. Who may, for which caller, and after whom is asked before."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import translation

from accounts import locks, sessions
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods import by_staff, lifecycle
from methods.ending import end_with_use
from methods.letters import public
from methods.notices import tell
from methods.registry import passes_by_staff
from methods.usable import listed
from policies import returns, terminations
from policies.standing import standing, use_of

PASS_LASTS = timedelta(hours=1)
Effect = Callable[..., object]


def _unlock(account: Account, *, actor: Account, reason: str) -> None:
    locks.unlock(account, actor=actor, reason=reason)
    tell(account, "account-unlocked")


def _lock(account: Account, *, actor: Account, reason: str) -> None:
    locks.lock(account, actor=actor, reason=reason)
    end_with_use(account, why="locked")
    tell(account, "account-locked")


def _end_session(account: Account, *, actor: Account, reason: str, session: str) -> None:
    sessions.end_one(account, uuid.UUID(session), actor=actor, reason=reason)
    tell(account, "session-ended")


def _end_sessions(account: Account, *, actor: Account, reason: str) -> None:
    require(actor, "session:end", on=account, reason=reason)
    if not sessions.end_all(account, actor=actor, why="staff", reason=reason):
        raise Refused("session-gone")
    tell(account, "session-ended")


def _suspend(account: Account, *, actor: Account, reason: str, method: str) -> None:
    by_staff.suspend_lost(account, uuid.UUID(method), actor=actor, reason=reason)


def _restore(account: Account, *, actor: Account, reason: str, method: str) -> None:
    by_staff.bring_back(account, uuid.UUID(method), actor=actor, reason=reason)


def _remove(account: Account, *, actor: Account, reason: str, method: str) -> None:
    by_staff.remove(account, uuid.UUID(method), actor=actor, reason=reason)


def _issue_pass(account: Account, *, actor: Account, reason: str) -> None:
    passes_by_staff().mail(account, actor=actor, lifetime=PASS_LASTS, reason=reason)


def _mail_guide(account: Account, *, actor: Account, reason: str) -> None:
    """The next step of this person, in their language."""
    stands = standing(listed(account), use_of(account))
    with translation.override(account.language):
        facts = {"sentence": str(stands.sentence), "next_label": str(stands.action.label) if stands.action else ""}
    facts |= {
        "next_url": public(reverse(stands.action.url_name)) if stands.action else "",
        "guide_url": public(reverse("selfservice:guide")),
    }
    record(EventName.GUIDE_MAILED, account=account, actor=actor, reason=reason)
    tell(account, "guide-for-you", **facts)


EFFECTS: dict[str, Effect] = {
    "lock": _lock,
    "end-session": _end_session,
    "end-sessions": _end_sessions,
    "suspend-method": _suspend,
    "mail-guide": _mail_guide,
    "unlock": _unlock,
    "restore-method": _restore,
    "remove-method": _remove,
    "request-termination": terminations.request,
    "end-exception": returns.end_exception,
    "issue-pass": _issue_pass,
    "require-reregistration": lifecycle.require_reregistration,
}
