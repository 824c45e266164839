"""How often short pairing codes may be tried. Forty bits for ten minutes need little; links, with 128, need nothing (R-057).

Counted for each account and network, so that neither a stranger elsewhere nor a neighbour behind the same address keeps its owner from
pairing; all that come from one network count together as well, with room for a first day of term.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.budgets import UNKNOWN, Limit, Thing, count_failure, drawn_on, is_held
from audit.context import network
from methods.tokens import digest_of

QUARTER = timedelta(minutes=15)
GUESSES = Limit("pairing", cap=20, hold=QUARTER, longest=QUARTER, window=QUARTER)  # wrong ones, for one account from one network
NETWORK_GUESSES = Limit("pairing-network", cap=1000, hold=QUARTER, longest=QUARTER, window=QUARTER)


def _things(common_id: str) -> list[Thing]:
    here = network()
    return [(GUESSES, UNKNOWN + digest_of(f"{common_id} {here}")[:48]), (NETWORK_GUESSES, UNKNOWN + here)]


def may_guess(common_id: str) -> bool:
    """Whether a short code for this account is looked at."""
    now = timezone.now()
    return not any(is_held(budget, now) for budget in drawn_on(*_things(common_id)))


@transaction.atomic
def count_wrong(common_id: str) -> None:
    """Count a code that was none of this account's."""
    count_failure(*_things(common_id))
