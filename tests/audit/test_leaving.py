"""R-183: heads leave the host on schedule; what keeps them alarms and holds nothing up."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import responses
import time_machine
from django.core import mail
from django.db import connections
from django.utils import timezone

from audit.catalogue import EventName
from audit.checks import GUARDED, check_guard, check_heads_leave, check_seals
from audit.models import Event, Outlet
from audit.record import record
from audit.seals import leaving, sealing
from audit.seals.heads import parsed
from audit.tasks import seal_events, send_heads
from tests.audit.by_hand import newest_head
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db
URL = "https://heads.example.org/mfa"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MFA_HEADS_FOLDER = str(tmp_path / "heads")
    return tmp_path / "heads"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as travelled:
        yield travelled


@pytest.fixture
def net() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mocked:
        yield mocked


def something_sealed() -> bytes:
    record(EventName.ACCOUNT_VIEWED)
    seal_events()
    return newest_head().line()


def alarms() -> list[str]:
    return list(Event.objects.filter(name__startswith="heads:").order_by("pk").values_list("name", flat=True))


def test_without_seals_nothing_leaves(folder: Path) -> None:
    send_heads()
    assert not folder.exists()


def test_the_newest_head_is_written_into_the_folder(folder: Path) -> None:
    line = something_sealed()
    send_heads()
    [file] = folder.iterdir()
    assert (file.name, file.read_bytes()) == ("head-000000000001.json", line)
    assert parsed(line).statement.last == 1


def test_heads_leave_at_least_every_five_minutes_and_not_more_often_than_set(folder: Path, clock: Any) -> None:
    for _ in range(20):
        something_sealed()
        send_heads()
        clock.shift(30)
    sent = sorted(parsed(file.read_text()).statement.sealed_at for file in folder.iterdir())
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert gaps
    assert set(gaps) == {timedelta(seconds=240)}


def test_a_head_that_has_left_does_not_leave_again(folder: Path, clock: Any) -> None:
    something_sealed()
    for _ in range(3):
        send_heads()
        clock.shift(600)
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_cannot_be_written_alarms_once_and_recovers(folder: Path, clock: Any, settings: Any, tmp_path: Path) -> None:
    settings.MFA_HEADS_FOLDER = str(tmp_path / "not" / "mounted")
    for _ in range(3):
        something_sealed()
        send_heads()
        clock.shift(300)
    outlet = Outlet.objects.get()
    assert (alarms(), outlet.problem) == (["heads:failed"], "No such file or directory")
    settings.MFA_HEADS_FOLDER = str(folder)
    send_heads()
    assert alarms() == ["heads:failed", "heads:resumed"]
    assert Outlet.objects.get().failing_since is None


def test_a_database_that_was_set_back_is_noticed_by_the_folder(folder: Path, clock: Any) -> None:
    folder.mkdir()
    (folder / "head-000000000001.json").write_text("the head that left before")
    something_sealed()
    send_heads()
    assert Outlet.objects.get().problem == "another head 1 left before: the database was set back"
    assert (folder / "head-000000000001.json").read_text() == "the head that left before"


def test_a_head_is_posted(settings: Any, net: responses.RequestsMock) -> None:
    settings.MFA_HEADS_URLS = [URL]
    line = something_sealed()
    net.post(URL, status=204)
    send_heads()
    assert net.calls[0].request.body == line
    assert Outlet.objects.get(name="heads.example.org/mfa").number == 1


ALIKE = ["", ":8443", ":9443", "?token=tip", "?token=top", "#a"]


def test_addresses_that_differ_in_anything_each_get_the_head_and_no_secret_is_named(
    settings: Any, net: responses.RequestsMock, clock: Any
) -> None:
    urls = [URL.replace("/mfa", f"{one}/mfa") if one.startswith(":") else URL + one for one in ALIKE]
    settings.MFA_HEADS_URLS = [*urls, URL + "/x" * 130, URL + "/x" * 130 + "/y"]
    line = something_sealed()
    for url in settings.MFA_HEADS_URLS:
        net.post(url, status=204)
    for _ in range(2):
        send_heads()
    assert sorted(str(call.request.url) for call in net.calls) == sorted(settings.MFA_HEADS_URLS)
    assert {call.request.body for call in net.calls} == {line}
    names = set(Outlet.objects.values_list("name", flat=True))
    assert {"heads.example.org/mfa", "heads.example.org:8443/mfa", "heads.example.org:9443/mfa"} < names
    assert [name for name in names if "token" in name or "tip" in name or len(name) > 255] == []


@pytest.mark.parametrize("status", [302, 307, 400, 500])
def test_an_answer_that_is_not_a_yes_is_a_failure_and_leads_nowhere(settings: Any, net: responses.RequestsMock, status: int) -> None:
    settings.MFA_HEADS_URLS = [URL]
    something_sealed()
    net.post(URL, status=status, headers={"Location": "https://elsewhere.example.org/"})
    send_heads()
    assert (len(net.calls), Outlet.objects.get().problem) == (1, f"HTTP {status}")


def test_a_server_that_does_not_answer_keeps_no_other_way_from_being_used(
    settings: Any, net: responses.RequestsMock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MFA_HEADS_URLS, settings.MFA_HEADS_MAIL = [URL], ["auditor@example.org"]
    something_sealed()
    net.post(URL, body=leaving.requests.ReadTimeout())
    send_heads()
    assert Outlet.objects.get(name="heads.example.org/mfa").problem == "ReadTimeout"
    assert (len(mail.outbox), len(list(folder.iterdir()))) == (1, 1)
    assert sealing.seal() == 1, "the alarm is an event, and recording and sealing go on"


def test_the_mail_has_the_head_as_it_was_signed(settings: Any) -> None:
    settings.MFA_HEADS_MAIL = ["auditor@example.org"]
    line = something_sealed()
    send_heads()
    [sent] = mail.outbox
    [(name, content, kind)] = sent.attachments
    assert (sent.to, name, kind) == (["auditor@example.org"], "head-000000000001.json", "application/json")
    assert (parsed(content), json.loads(content)) == (parsed(line), json.loads(line))
    assert line.decode() in sent.body


def test_whoever_was_overtaken_sends_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    something_sealed()
    sends: list[Any] = []
    monkeypatch.setattr(leaving, "_to_folder", lambda head: (sends.append(head), send_heads()))
    send_heads()
    assert len(sends) == 1


CHECKED: list[tuple[str, Any, str]] = [
    ("MFA_SEAL_KEY", "", "audit.E001"),
    ("MFA_SEAL_KEY", "AAAA", "audit.E001"),
    ("MFA_SEAL_KEY", "file:/nowhere/at/all", "audit.E001"),
    ("MFA_SEAL_OLD_KEYS", ["AAAA"], "audit.E001"),
    ("MFA_HEADS_SECONDS", 301, "audit.E002"),
    ("MFA_HEADS_SECONDS", 0, "audit.E002"),
    ("MFA_HEADS_URLS", ["http://heads.example.org/"], "audit.E003"),
    ("MFA_HEADS_URLS", ["https://user@heads.example.org/"], "audit.E003"),
    ("MFA_HEADS_URLS", ["https://heads.example.org:port/"], "audit.E003"),
]


@pytest.mark.parametrize(("name", "value", "expected"), CHECKED)
def test_settings_with_which_nothing_could_be_sealed_or_sent_stop_the_start(settings: Any, name: str, value: Any, expected: str) -> None:
    assert check_seals() == []
    setattr(settings, name, value)
    assert [one.id for one in check_seals()] == [expected]


def test_the_key_may_stand_in_a_file(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(settings.MFA_SEAL_KEY + "\n")
    settings.MFA_SEAL_KEY = f"file:{tmp_path / 'key'}"
    assert check_seals() == []


def test_a_deployment_whose_heads_stay_is_warned(settings: Any) -> None:
    settings.MFA_HEADS_FOLDER = ""
    assert [one.id for one in check_heads_leave()] == ["audit.W001"]
    settings.MFA_HEADS_MAIL = ["auditor@example.org"]
    assert check_heads_leave() == []


def test_a_guard_that_was_taken_away_is_noticed() -> None:
    assert check_guard(databases=["default"]) == []
    with triggers_lifted(connections["default"]):
        found = [one.id for one in check_guard(databases=["default"])]
        assert len(found) >= len(GUARDED)
        assert set(found) == {"audit.E004"}
    assert check_guard(databases=["default"]) == []
