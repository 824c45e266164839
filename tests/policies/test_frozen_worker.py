"""A worker that stood still in a transaction finds its connection gone: it fails cleanly, and what it had in hand is passed on after its lease."""

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
from django.db import DatabaseError, connection

from accounts.models import Account
from policies import confirming
from policies.models import Application, Delivery
from policies.propagation import release_system
from tests.policies.deliveries import of, wait

Apply = Callable[[Account], Application]


@pytest.mark.covers("S-144")
@pytest.mark.django_db(transaction=True)
def test_it_fails_cleanly_and_nothing_is_lost(ready: Account, apply_for: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        return
    apply_for(ready)
    wait(41)
    settle_all = confirming.settle_all

    def freeze(*args: Any, **kwargs: Any) -> int:
        settle_all(*args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
        sleep(0.5)
        return 0

    with monkeypatch.context() as frozen:
        frozen.setattr(confirming, "settle_all", freeze)
        with pytest.raises(DatabaseError):
            release_system("local")
    assert (of("local").state, Application.objects.get().state) == ("sent", "applied")
    wait(2)
    release_system("local")
    assert (of("local").state, Application.objects.get().state) == ("confirmed", "in-effect")
    assert Delivery.objects.count() == 1
