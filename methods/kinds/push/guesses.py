"""How often short pairing codes may be tried. Forty bits for ten minutes need little; links, with 128, need nothing (R-057)."""

from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from accounts.budgets import Limit, count_failure, drawn_on, is_held
from audit.context import network

QUARTER = timedelta(minutes=15)
GUESSES = Limit("pairing", cap=100, hold=QUARTER, longest=QUARTER, window=QUARTER)  # wrong ones, of all who share an address
T = TypeVar("T")


def may_guess() -> bool:
    """Whether a short code from this network is looked at."""
    now = timezone.now()
    return not any(is_held(budget, now) for budget in drawn_on((GUESSES, network())))


def counted(found: T) -> T:
    """`found` as it is; nothing counts as a failure."""
    if found is None:
        with transaction.atomic():
            count_failure((GUESSES, network()))
    return found
