"""What a proof of the caller is worth, and what each action needs: the one table of both (R-112, R-163).

No question about birthdays or last sign-ins stands here: whoever prepared the call knows the answers (R-119).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.roles import staff_wait
from audit.terms import name_codes

KNOWN = "colleague"
VALID = timedelta(minutes=30)  # how long a proof counts, and how long one is waited for


@dataclass(frozen=True)
class Sort:
    """A sort of proof. `right`: what whoever confirms it needs, where that is a person and not a device."""

    code: str
    label: Promise
    weight: int
    icon: str
    right: str = ""


SORTS: dict[str, Sort] = {
    sort.code: sort
    for sort in (
        Sort("device", _("Typed the number into the app"), 3, "app"),
        Sort("card", _("Office has seen the ID card"), 3, "person", right="caller:card"),
        Sort("call-back", _("Answered the number on record"), 2, "call"),
        Sort("recovery-code", _("Read the code from the recovery address"), 2, "mail"),
        Sort(KNOWN, _("Manager or colleague knows the caller"), 1, "people", right="caller:vouch"),
    )
}
name_codes("proof", {sort.code: sort.label for sort in SORTS.values()})


@dataclass(frozen=True)
class Risk:
    """What an action needs: the right, points of the caller, and whether always two people.

    `loosens`: the account is less protected afterwards. Then accounts with a role take two people and a wait, and an owner who
    stops it finds the account locked. What only protects needs no points: it is done at once, for whoever asks (D12).
    """

    right: str
    label: Promise
    points: int = 0
    loosens: bool = False
    two_people: bool = False


RISKS: dict[str, Risk] = {
    "lock": Risk("account:lock", _("Lock")),
    "end-session": Risk("session:end", _("End a session")),
    "end-sessions": Risk("session:end", _("End all sessions")),
    "suspend-method": Risk("method:suspend", _("Suspend a lost device")),
    "mail-guide": Risk("guide:mail", _("Mail the guide")),
    "end-exception": Risk("termination:request", _("End an exception")),
    "unlock": Risk("account:unlock", _("Unlock"), 2, loosens=True),
    "restore-method": Risk("method:restore", _("Bring a device back"), 3, loosens=True),
    "remove-method": Risk("method:remove", _("Remove a method"), 3, loosens=True),
    "request-termination": Risk("termination:request", _("Terminate MFA use"), 3, loosens=True),
    "issue-pass": Risk("methods:issue-pass", _("Temporary Access Pass"), 4, loosens=True),
    "require-reregistration": Risk("methods:reset", _("Require re-registration"), 4, loosens=True, two_people=True),
}
OWN_TWO_PEOPLE = {"request-termination"}  # the request itself waits for a second person (policies.terminations)
name_codes("action", {code: risk.label for code, risk in RISKS.items()})
DECISION = timedelta(hours=24)  # how long a request waits for its decision
STOPPABLE = timedelta(days=7)


def takes_two(action: str, rank: int) -> bool:
    """Whether an action on an account of this rank is done only after a second person approved it."""
    risk = RISKS[action]
    return action not in OWN_TWO_PEOPLE and (risk.two_people or (risk.loosens and rank > 0))


def wait(rank: int) -> timedelta:
    """How long the owner has to stop what was approved."""
    return staff_wait(rank) if rank > 0 else timedelta(minutes=settings.MFA_RESET_WAIT_MINUTES)


def in_words(span: timedelta) -> str:
    """A waiting time as it is said: in hours where it is whole ones, else in minutes."""
    hours, rest = divmod(span, timedelta(hours=1))
    if hours and not rest:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = round(span / timedelta(minutes=1))
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
