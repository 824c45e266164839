"""What was measured of the connected systems in the last 30 days: the estimate of the tracker."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from policies.claims import claim
from policies.clock import database_now
from policies.confirming import confirm
from policies.connectors.base import Capability
from policies.measuring import STEPS, clear_old, count, estimates, step_of
from policies.models import ConnectedSystem, Delivery, LatenessTally
from tests.policies.deliveries import many_due

pytestmark = pytest.mark.django_db


def local() -> ConnectedSystem:
    return ConnectedSystem.objects.get(code="local")


def confirmed(now: datetime, *late: float) -> None:
    """So many confirmations, so many seconds after their due time."""
    count([Delivery(system=local(), due_at=now - timedelta(seconds=seconds)) for seconds in late], now)


@pytest.mark.covers("S-91")
def test_the_estimate_is_median_and_95th_percentile_of_the_last_30_days() -> None:
    now = database_now()
    confirmed(now - timedelta(days=29), *range(1, 51))
    confirmed(now, *range(51, 101))
    confirmed(now - timedelta(days=31), *[3600] * 1000)
    guess = estimates(now)[local().pk]
    assert (guess.usual, guess.longest) == (timedelta(seconds=50), timedelta(seconds=110))


def test_every_confirmation_of_a_batch_is_counted_once() -> None:
    many_due(30)
    claimed = claim("local", Capability.SET_STATE)
    assert len(confirm(claimed)) == 30
    assert confirm(claimed) == []
    assert sum(LatenessTally.objects.values_list("count", flat=True)) == 30
    assert estimates(database_now())[local().pk].usual <= timedelta(seconds=5)


def test_a_few_confirmations_are_no_measurement() -> None:
    now = database_now()
    confirmed(now, *[5] * 19)
    assert estimates(now) == {}
    confirmed(now, 5)
    assert estimates(now)[local().pk].usual == timedelta(seconds=5)


def test_each_system_is_measured_by_itself() -> None:
    now, other = database_now(), ConnectedSystem.objects.create(code="mail", name_en="Mail", name_ja="メール", connector="webhook")
    confirmed(now, *[5] * 20)
    count([Delivery(system=other, due_at=now - timedelta(hours=1))] * 20, now)
    assert {system: guess.usual for system, guess in estimates(now).items()} == {
        local().pk: timedelta(seconds=5),
        other.pk: timedelta(hours=1),
    }


@pytest.mark.parametrize(
    ("seconds", "step"), [(-3, 1), (0, 1), (1, 1), (1.01, 2), (599, 600), (86_400, 86_400), (86_401, 172_800), (200_000, 259_200)]
)
def test_a_step_is_never_less_than_what_it_stands_for(seconds: float, step: int) -> None:
    assert step_of(timedelta(seconds=seconds)) == step


def test_from_ten_seconds_on_a_step_claims_no_more_than_a_fourth_too_much() -> None:
    assert all(more / less <= 1.26 for less, more in pairwise(STEPS[8:]))


def test_what_no_estimate_reads_any_more_is_forgotten() -> None:
    now = database_now()
    confirmed(now - timedelta(days=70), 5)
    confirmed(now, 5)
    clear_old(now)
    assert LatenessTally.objects.get().day == now.date()


def test_the_estimate_is_one_query_over_few_rows(django_assert_num_queries: object) -> None:
    now = database_now()
    for day in range(30):
        confirmed(now - timedelta(days=day), *range(1, 500))
    assert LatenessTally.objects.count() < 30 * 30
    with django_assert_num_queries(1):  # type: ignore[operator]
        estimates(now)
