"""`manage.py propagation`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import Account
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import retry
from policies.systems import resume, stop_by_hand
from tests.factories import an_account
from tests.policies.connected import a_folder
from tests.policies.deliveries import planned, wait

Apply = Callable[[Account], Application]


def test_status_counts_what_waits_for_each_system(ready: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str]) -> None:
    apply_for(ready)
    call_command("propagation", "status")
    said = capsys.readouterr().out
    assert said.startswith("local: waiting 1, sent 0, overdue 0, need a person 0; next at ")


@pytest.mark.parametrize("trouble", ["overdue", "failed", "stopped"])
def test_status_fails_when_something_is_wrong_so_that_a_monitor_can_call_it(
    ready: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    apply_for(ready)
    if trouble == "overdue":
        wait(50)
    elif trouble == "failed":
        Delivery.objects.update(state="failed")
    else:
        ConnectedSystem.objects.update(stopped_reason="HTTP 401", enabled=False)
    with pytest.raises(SystemExit):
        call_command("propagation", "status", "--system", "local")
    said = capsys.readouterr().out
    assert {"overdue": "overdue 1", "failed": "need a person 1", "stopped": "not enabled; stopped: HTTP 401"}[trouble] in said


def test_what_waits_until_a_system_is_enabled_is_not_overdue(ready: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str]) -> None:
    apply_for(ready)
    ConnectedSystem.objects.update(enabled=False)
    wait(50)
    call_command("propagation", "status")
    assert "waiting 1, sent 0, overdue 0, need a person 0" in capsys.readouterr().out


@pytest.mark.django_db
def test_status_allows_for_the_window_of_a_file(tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    planned(a_folder(tmp_path, settings, minutes=60), an_account())
    wait(50)
    call_command("propagation", "status")
    wait(20)
    with pytest.raises(SystemExit):
        call_command("propagation", "status")
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("printers")]
    assert ["overdue 0" in line for line in said] == [True, False]


def test_retry_resumes_and_passes_on_what_needed_a_person(ready: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str]) -> None:
    apply_for(ready)
    Delivery.objects.update(state="failed")
    ConnectedSystem.objects.update(stopped_reason="HTTP 401")
    call_command("propagation", "retry")
    assert capsys.readouterr().out == "local: 1 passed on again, resumed\n"
    assert Delivery.objects.get().state == "waiting"
    call_command("propagation", "retry")
    assert capsys.readouterr().out == "local: 0 passed on again\n"


@pytest.mark.django_db
def test_an_unknown_system_is_said_to_be_unknown() -> None:
    with pytest.raises(CommandError, match="no connected system nowhere"):
        call_command("propagation", "status", "--system", "nowhere")


def test_retry_leaves_stopped_what_a_person_has_stopped(
    ready: Account, ada: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str]
) -> None:
    apply_for(ready)
    Delivery.objects.update(state="failed")
    stop_by_hand(ConnectedSystem.objects.get(), actor=ada, reason="being moved")
    call_command("propagation", "retry")
    assert capsys.readouterr().out == "local: a person has stopped it, nothing done; resume it on the board\n"
    assert Delivery.objects.get().state == "failed"
    assert not resume(ConnectedSystem.objects.get(), actor=None)
    assert ConnectedSystem.objects.get().stopped_by == ada


@pytest.mark.django_db(transaction=True)
def test_retry_leaves_alone_what_a_person_settles_meanwhile(
    ready: Account, apply_for: Apply, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_for(ready)
    Delivery.objects.update(state="unsure")

    def settled_first(delivery: Delivery, **known: object) -> None:
        Delivery.objects.filter(pk=delivery.pk).update(state="settled")
        retry(delivery, actor=None)

    monkeypatch.setattr("policies.management.commands.propagation.retry", settled_first)
    call_command("propagation", "retry")
    assert capsys.readouterr().out == "local: 0 passed on again\n"
    assert Delivery.objects.get().state == "settled"
