"""R-031: how likely it is that somebody who has the password guesses a code, from the limits as they are set."""

from datetime import datetime, timedelta

from accounts.budgets import METHOD_HARD_CAP, VERIFICATION, fail
from accounts.models import Account
from methods.codes import DIGITS
from methods.registry import kinds
from methods.timecodes import DRIFT_STEPS

MONTH = timedelta(days=30)
BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001  only differences matter
MOST = 0.001


def guesses_in(period: timedelta) -> int:
    """How many codes can be tried one after another, each as soon as the hold of the last is over."""
    account, now, tried = Account(), BEGIN, 0
    while now < BEGIN + period:
        fail(account, VERIFICATION, now)
        tried += 1
        now = account.held_until or now
    return tried


def test_a_month_of_guessing_stays_below_a_tenth_of_a_percent() -> None:
    valid_at_once = 2 * DRIFT_STEPS + 1
    assert guesses_in(MONTH) * valid_at_once / 10**DIGITS <= MOST


def test_a_method_is_disabled_before_guessing_pays_however_long_it_goes_on() -> None:
    assert METHOD_HARD_CAP <= 100
    assert METHOD_HARD_CAP * (2 * DRIFT_STEPS + 1) / 10**DIGITS <= MOST


def test_the_simulation_counts_the_free_tries_and_the_holds() -> None:
    assert guesses_in(timedelta(minutes=14)) == VERIFICATION.cap
    assert guesses_in(timedelta(minutes=16)) == VERIFICATION.cap + 1


def test_no_code_is_valid_for_longer_than_it_takes_to_arrive() -> None:
    lifetimes = {f"{kind.code} {way.code}": way.lifetime_seconds for kind in kinds() if kind.for_sign_in for way in kind.ways}
    assert max(lifetimes.values()) <= 600
    assert lifetimes["phone text"] == 300
