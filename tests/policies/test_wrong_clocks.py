"""What a worker says and writes has the time of the database, whatever its own clock says (R-225)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings
from standardwebhooks import Webhook

from policies.clock import database_now
from policies.connectors import webhook
from policies.connectors.base import Change, NotYet
from policies.connectors.csv_drop import CsvDropConnector, as_csv
from policies.connectors.outgoing import NoAnswer, Request
from policies.connectors.web import retry_after
from policies.connectors.webhook import WebhookConnector
from policies.models import ConnectedSystem, Delivery
from policies.propagation import release_system
from tests.factories import an_account
from tests.policies.connected import a_folder
from tests.policies.deliveries import planned
from tests.policies.downstream import SECRET
from tests.policies.files import MOMENT, accounts_written, minutes_pass, receive

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S-144")]
WINDOW = 60  # minutes


@pytest.fixture(params=[-2, 2], ids=["behind", "ahead"], autouse=True)
def wrong(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock of this process, that is, by hours."""
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=request.param)):
        yield


def is_now(moment: datetime) -> bool:
    return abs(moment - database_now()) < timedelta(minutes=4)


def test_a_request_to_a_webhook_is_signed_at_the_right_time(mail_system: ConnectedSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Request] = []

    def ask(request: Request) -> None:
        sent.append(request)
        raise NoAnswer("TimeoutError")

    monkeypatch.setattr(webhook, "ask", ask)
    with pytest.raises(NoAnswer):
        WebhookConnector(mail_system).tell(Change("1000000001", "on", 1, "key"))
    headers, moment = sent[0].headers, int(sent[0].headers["webhook-timestamp"])
    assert is_now(datetime.fromtimestamp(moment, UTC))
    with time_machine.travel(moment):
        assert is_now(datetime.fromisoformat(Webhook(SECRET).verify(sent[0].body, headers)["timestamp"]))


def test_a_date_that_a_system_names_is_awaited_by_the_right_clock() -> None:
    wait = retry_after(format_datetime(database_now() + timedelta(minutes=20)))
    assert wait
    assert timedelta(minutes=16) < wait < timedelta(minutes=21)


def test_a_file_is_written_once_and_its_receipt_counts(tmp_path: Path, settings: Settings) -> None:
    planned(a_folder(tmp_path, settings), an_account())
    for _sweep in range(3):
        release_system("printers")
        minutes_pass(2, tmp_path)
    [path] = tmp_path.glob("*.csv")
    assert is_now(datetime.strptime(path.name.split("-")[2], MOMENT).replace(tzinfo=UTC) + timedelta(minutes=6))
    receive(tmp_path, "applied")
    release_system("printers")
    assert Delivery.objects.get().state == "confirmed"


def test_the_next_file_comes_when_its_window_has_passed(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings, minutes=WINDOW)
    planned(system, an_account())
    release_system("printers")
    minutes_pass(10, tmp_path)
    planned(system, an_account())
    for minutes, written in ((45, 1), (10, 2)):
        release_system("printers")
        minutes_pass(minutes, tmp_path)
        release_system("printers")
        assert accounts_written(tmp_path) == written


def test_nothing_waits_for_longer_than_a_window(tmp_path: Path, settings: Settings) -> None:
    connector = CsvDropConnector(a_folder(tmp_path, settings, minutes=WINDOW))
    change = Change("1000000001", "on", 1, "key", due_at=database_now() + timedelta(hours=6))
    connector.folder.write(as_csv([Change("1000000002", "on", 1, "other")]), at=database_now() + timedelta(hours=5))
    [answer] = connector.apply([change])
    assert isinstance(answer.failure, NotYet)
    assert answer.failure.wait == timedelta(minutes=WINDOW)
