"""The muscle: beat's hint, a real broker, a real worker."""

from collections.abc import Callable
from time import monotonic, sleep

import pytest
from kombu.exceptions import OperationalError

from accounts.models import Account
from mfaadmin.celery import app
from policies import tasks
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
