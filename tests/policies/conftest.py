"""People who are ready to apply, and time that passes when a test says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from policies.applications import TEXT_VERSION, submit
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import release
from tests.factories import a_totp_app


@pytest.fixture
def ready(hana: Account) -> Account:
    """Hana with a method that she has signed in with."""
    a_totp_app(hana, last_signin_at=timezone.now())
    return hana


@pytest.fixture
def apply_for() -> Callable[[Account], Application]:
    """`apply_for(hana)`: she submits her application."""
    return lambda account: submit(account, actor=account, text_version=TEXT_VERSION)


def wait(minutes: float) -> None:
    """Let so much time pass for every delivery, as the database's clock tells it."""
    ago = timedelta(minutes=minutes)
    Delivery.objects.update(
        due_at=F("due_at") - ago,
        next_try_at=F("next_try_at") - ago,
        planned_at=F("planned_at") - ago,
        lease_until=F("lease_until") - ago,
        first_sent_at=F("first_sent_at") - ago,
    )
    ConnectedSystem.objects.update(paused_until=F("paused_until") - ago)


@pytest.fixture
def time_passes() -> Callable[[float], None]:
    """`time_passes(41)`: minutes go by, and the sweep passes on what has become due."""

    def passes(minutes: float) -> None:
        wait(minutes)
        release()

    return passes
