"""When a file is written, and when its receipt is read."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from audit.models import Event
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.connectors.registry import connector_for
from policies.models import ConnectedSystem, Delivery
from policies.progress import shown_state
from policies.propagation import release_system
from policies.queues import queues
from tests.factories import an_account
from tests.policies.connected import a_folder
from tests.policies.deliveries import planned
from tests.policies.files import accounts_written, minutes_pass, receive

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S-144")]
WINDOW = 60


@pytest.fixture
def printers(tmp_path: Path, settings: Settings) -> ConnectedSystem:
    """Gets a file once an hour; the first has been written a moment ago."""
    system = a_folder(tmp_path, settings, minutes=WINDOW)
    planned(system, an_account())
    release_system("printers")
    assert accounts_written(tmp_path) == 1
    return system


def troubled(system: ConnectedSystem) -> None:
    """It has failed three times in a row, and its pause is over."""
    now = database_now()
    ConnectedSystem.objects.filter(pk=system.pk).update(failures=3, opened_at=now, paused_until=now, next_batch_at=None)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def go_on(folder: Path, minutes: int) -> None:
    """So many minutes, each with its sweep."""
    for _minute in range(minutes):
        minutes_pass(1, folder)
        release_system("printers")


def test_a_receipt_is_read_within_a_minute_or_two_however_long_the_window(printers: ConnectedSystem, tmp_path: Path) -> None:
    receive(tmp_path, "applied")
    go_on(tmp_path, 2)
    assert states() == ["confirmed"]


def test_nobody_is_told_of_a_delay_while_a_file_is_gathered(printers: ConnectedSystem, tmp_path: Path) -> None:
    row = Delivery.objects.get()
    assert shown_state(row, row.due_at + timedelta(minutes=WINDOW - 1)) == "waiting"
    assert shown_state(row, row.due_at + timedelta(minutes=WINDOW + 3)) == "delayed"
    row.last_answer = "The file is awaited"
    assert shown_state(row, row.due_at + timedelta(minutes=4)) == "waiting"


def test_what_becomes_due_after_a_file_waits_for_the_next_one(printers: ConnectedSystem, tmp_path: Path) -> None:
    go_on(tmp_path, 10)
    planned(printers, an_account(), an_account())
    go_on(tmp_path, 45)
    rows = Delivery.objects.order_by("pk")[1:]
    assert accounts_written(tmp_path) == 1
    assert {(row.state, row.failures, row.first_sent_at, row.last_answer) for row in rows} == {("waiting", 0, None, "")}
    go_on(tmp_path, 6)
    assert accounts_written(tmp_path) == 3
    assert len(list(tmp_path.glob("*.csv"))) == 2
    receive(tmp_path, "applied")
    go_on(tmp_path, 2)
    printers.refresh_from_db()
    assert (states(), printers.failures) == (["confirmed"] * 3, 0)


def test_what_was_due_and_did_not_fit_into_one_file_is_written_into_others_at_once(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings, minutes=WINDOW)
    ConnectedSystem.objects.filter(pk=system.pk).update(batch_size=3)
    planned(system, *(an_account() for _ in range(7)))
    release_system("printers")
    assert (accounts_written(tmp_path), len(list(tmp_path.glob("*.csv")))) == (7, 3)


def test_a_file_that_was_written_shows_that_the_system_is_back_long_before_its_receipt(tmp_path: Path, settings: Settings) -> None:
    """Otherwise each change is tried alone, in a file of its own, until a receiver that reads at night has read one."""
    system = a_folder(tmp_path, settings, minutes=WINDOW)
    planned(system, *(an_account() for _ in range(10)))
    troubled(system)
    release_system("printers")
    system.refresh_from_db()
    assert (accounts_written(tmp_path), len(list(tmp_path.glob("*.csv")))) == (10, 2)
    assert (system.opened_at, system.failures, set(states())) == (None, 0, {"waiting"})
    happened = Event.objects.filter(name__startswith="circuit:").order_by("pk")
    assert list(happened.values_list("name", flat=True)) == ["circuit:tried", "circuit:closed"]


def test_waiting_for_a_receipt_does_not_show_that_a_file_could_be_written(printers: ConnectedSystem, tmp_path: Path) -> None:
    troubled(printers)
    Delivery.objects.update(next_try_at=database_now())
    release_system("printers")
    printers.refresh_from_db()
    assert (states(), accounts_written(tmp_path)) == (["waiting"], 1)
    assert (printers.failures, printers.opened_at is None) == (3, False)


def test_what_waits_for_the_next_file_shows_nothing(printers: ConnectedSystem, tmp_path: Path) -> None:
    Delivery.objects.update(state="confirmed")
    minutes_pass(10, tmp_path)
    planned(printers, an_account())
    troubled(printers)
    release_system("printers")
    assert accounts_written(tmp_path) == 1
    printers.refresh_from_db()
    assert (printers.failures, printers.opened_at is None) == (3, False)


def test_waiting_for_the_next_file_is_no_trying(printers: ConnectedSystem, tmp_path: Path) -> None:
    """Otherwise what waited for a whole day would need a person some minutes after its file was written."""
    ConnectedSystem.objects.update(options={"minutes": 24 * WINDOW})
    minutes_pass(10, tmp_path)
    planned(printers, an_account())
    go_on(tmp_path, 1)
    minutes_pass(24 * WINDOW, tmp_path)
    go_on(tmp_path, 15)
    assert accounts_written(tmp_path) == 2
    row = Delivery.objects.latest("pk")
    assert (row.state, row.failures > 10, row.last_answer) == ("waiting", True, "the receipt has not come yet")


@pytest.mark.parametrize("receipts", [True, False])
def test_nothing_is_late_while_its_file_is_not_due(tmp_path: Path, settings: Settings, *, receipts: bool) -> None:
    system = a_folder(tmp_path, settings, minutes=WINDOW, receipts=receipts)
    planned(system, an_account())
    late = {}
    for minutes in (11, WINDOW + 9, WINDOW + 11):
        Delivery.objects.update(due_at=database_now() - timedelta(minutes=minutes))
        late[minutes] = queues(database_now(), [system])[system.pk].late
    assert late == {11: 0, WINDOW + 9: 0, WINDOW + 11: 1}


def test_a_system_that_gathers_nothing_is_late_after_ten_minutes_beside_one_that_does(printers: ConnectedSystem) -> None:
    local = ConnectedSystem.objects.get(code="local")
    planned(local, an_account())
    Delivery.objects.update(due_at=database_now() - timedelta(minutes=11))
    late = {pk: queue.late for pk, queue in queues(database_now(), [local, printers]).items()}
    assert late == {local.pk: 1, printers.pk: 0}


def test_the_pause_is_the_window_where_nothing_is_to_be_read(printers: ConnectedSystem) -> None:
    assert connector_for(printers).pause == timedelta(minutes=1)
    printers.options = {"minutes": WINDOW, "receipts": False}
    assert connector_for(printers).pause == timedelta(minutes=WINDOW)
    assert connector_for(printers).capability == Capability.KEYED
