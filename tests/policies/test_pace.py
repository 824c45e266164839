"""No more passes to a system than it takes."""

from collections import Counter
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies.models import ConnectedSystem, Delivery
from tests.factories import an_account
from tests.policies.connected import a_folder
from tests.policies.deliveries import planned, release
from tests.policies.downstream import Downstream


def rested() -> None:
    ConnectedSystem.objects.update(next_batch_at=None)


def test_a_system_with_a_rate_is_told_a_minutes_worth_and_then_left_in_peace(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    ConnectedSystem.objects.filter(code="mail").update(per_minute=2)
    planned(mail_system, *(an_account() for _ in range(5)))
    release()
    release()
    assert len(downstream.requests) == 2
    rested()
    release()
    assert len(downstream.requests) == 4


def test_the_pause_after_a_batch_is_as_long_as_the_rate_wants(mail_system: ConnectedSystem, hana: Account) -> None:
    ConnectedSystem.objects.filter(code="mail").update(per_minute=4)
    planned(mail_system, hana)
    release()
    system = ConnectedSystem.objects.get(code="mail")
    confirmed = Delivery.objects.get().confirmed_at
    assert system.next_batch_at
    assert confirmed
    assert 10 < (system.next_batch_at - confirmed).total_seconds() <= 15


@pytest.mark.django_db
def test_files_are_written_once_per_window_and_at_once_when_there_is_more_than_fits(tmp_path: Path, settings: Settings) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    ConnectedSystem.objects.filter(code="printers").update(batch_size=3)
    planned(folder, *(an_account() for _ in range(4)))
    release()
    assert Counter(len(path.read_text().splitlines()) - 1 for path in tmp_path.glob("*.csv")) == {3: 1, 1: 1}
    planned(folder, an_account())
    release()
    assert len(list(tmp_path.glob("*.csv"))) == 2
    rested()
    release()
    assert len(list(tmp_path.glob("*.csv"))) == 3
