"""What a proof of the caller is worth, and what each action needs: the one table of both (R-112, R-163).

No question about birthdays or last sign-ins stands here: whoever prepared the call knows the answers (R-119).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes

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
        Sort("colleague", _("Manager or colleague knows the caller"), 1, "people", right="caller:vouch"),
    )
}
name_codes("proof", {sort.code: sort.label for sort in SORTS.values()})

# Points that an action needs. What only protects needs none: it is done at once, for whoever asks (D12).
NEEDED: dict[str, int] = {
    "lock": 0,
    "end-session": 0,
    "unlock": 2,
    "request-termination": 3,
    "require-reregistration": 4,
}
