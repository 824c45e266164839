"""The muscle: beat's hint, a real broker, a real worker."""

from collections.abc import Callable
from datetime import timedelta
from math import inf
from time import monotonic, sleep
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from pytest_django import Settings

from accounts.models import Account
from campaigns.tasks import look_after, wake
from mfaadmin.celery import app
from policies import hints, tasks
from policies.models import Application, ConnectedSystem, Delivery
from tests.policies.deliveries import wait
from tests.policies.downstream import Downstream

Apply = Callable[[Account], Application]


def until(happened: Callable[[], bool]) -> bool:
    patience = monotonic() + 30
    while not happened() and monotonic() < patience:
        sleep(0.1)
    return happened()


@pytest.mark.covers("S-144")
def test_a_hint_wakes_a_worker_for_each_system(
    worker: object, ready: Account, apply_for: Apply, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    application = apply_for(ready)
    wait(41)
    for _beat in range(2):
        app.send_task("policies.tasks.release", queue="propagation")

    def in_effect() -> bool:
        return Application.objects.get(pk=application.pk).state == "in-effect"

    assert until(in_effect)
    assert downstream.effects == [(ready.common_id, "on", 1)]
    assert set(Delivery.objects.values_list("attempt", flat=True)) == {1}


def test_while_the_broker_is_down_nothing_is_lost(ready: Account, apply_for: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise OperationalError

    apply_for(ready)
    wait(41)
    monkeypatch.setattr(tasks.release_system, "apply_async", down)
    tasks.release()
    assert Delivery.objects.get().state == "waiting"
    tasks.release_system("local")
    assert Delivery.objects.get().state == "confirmed"


def test_a_forged_hint_can_cause_nothing_early(ready: Account, apply_for: Apply) -> None:
    apply_for(ready)
    tasks.release_system("local")
    tasks.release_system("'; drop table policies_delivery; --")
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.covers("S-144")
def test_no_hint_is_thrown_away_because_two_clocks_differ_by_hours(
    ready: Account, apply_for: Apply, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    options: list[dict[str, Any]] = [plan["options"] for plan in settings.CELERY_BEAT_SCHEDULE.values()]
    for task in (tasks.release_system, look_after):
        monkeypatch.setattr(task, "apply_async", lambda arguments, **given: options.append(given))
    apply_for(ready)
    wait(41)
    tasks.release()
    wake()
    assert len(options) == len(settings.CELERY_BEAT_SCHEDULE) + 2
    assert min(timedelta(seconds=one["expires"]) for one in options) > timedelta(hours=2)


def test_of_hints_that_waited_together_one_looks(monkeypatch: pytest.MonkeyPatch, settings: Settings, db: None) -> None:
    settings.MFA_SWEEP_SECONDS, looks = 600, []
    monkeypatch.setattr(tasks.claims, "due_systems", lambda: looks.append("look") or [])
    monkeypatch.setattr(hints.Looked, "at", -inf)
    for _hint in range(20):
        tasks.release.apply()
    assert looks == ["look"]
    hints.Looked.at -= 600
    tasks.release.apply()
    assert looks == ["look", "look"]


def test_where_many_hints_lie_unread_no_more_are_laid_down(broker: str, ready: Account, apply_for: Apply) -> None:
    def unread() -> int:
        with app.connection_for_read() as connection:
            return int(connection.default_channel.client.llen(hints.QUEUE))

    apply_for(ready)
    wait(41)
    for _sweep in range(hints.MANY + 5):
        tasks.release()
    assert unread() == hints.MANY + 1
