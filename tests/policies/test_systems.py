"""Making connected systems known."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Capability
from policies.models import ConnectedSystem, Delivery
from policies.systems import ensure_local, ensure_system, resume, stop
from tests.factories import an_account
from tests.policies.deliveries import planned
from vault.fields import unseal

pytestmark = pytest.mark.django_db


def describe(**more: object) -> ConnectedSystem:
    return ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", secret="whsec_c2VjcmV0", **more)


def test_the_own_sign_in_is_there_from_the_start_and_only_once() -> None:
    ensure_local(apps)
    system = ConnectedSystem.objects.get()
    assert (system.code, system.connector, system.required, system.enabled) == ("local", "local", True, True)


def test_a_project_in_which_this_app_does_not_exist_yet_is_left_alone() -> None:
    class Before:
        def get_model(self, *names: str) -> None:
            raise LookupError

    ensure_local(Before())  # type: ignore[arg-type]


def test_describing_it_twice_changes_and_records_nothing() -> None:
    describe()
    first = Event.objects.filter(name="system:changed").count()
    describe()
    assert (first, Event.objects.filter(name="system:changed").count()) == (1, 1)


def test_a_change_is_recorded_without_the_secret_which_is_sealed() -> None:
    describe()
    system = describe(address="https://mail.example.ac.jp/hook")
    assert "c2VjcmV0" not in system.credentials
    assert unseal(system, "credentials") == b"whsec_c2VjcmV0"
    events = Event.objects.filter(name="system:changed")
    assert events.latest("id").after["address"] == "https://mail.example.ac.jp/hook"
    assert not any("c2VjcmV0" in str(event.after) for event in events)


def test_a_code_that_cannot_stand_in_an_address_is_refused() -> None:
    with pytest.raises(ValidationError):
        ensure_system("two words", connector="local", name_en="x", name_ja="x")


def test_resuming_needs_the_right(sato: Account) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        resume(ConnectedSystem.objects.get(), actor=sato)


def test_what_is_resumed_is_told_what_is_due_at_once(ada: Account) -> None:
    planned(ConnectedSystem.objects.get(), an_account(), an_account())
    due, later = Delivery.objects.order_by("pk")
    now = database_now()
    Delivery.objects.filter(pk=due.pk).update(due_at=now, next_try_at=now + timedelta(hours=1))
    Delivery.objects.filter(pk=later.pk).update(due_at=now + timedelta(minutes=40), next_try_at=now + timedelta(minutes=40))
    ConnectedSystem.objects.update(paused_until=now + timedelta(hours=1))
    resume(ConnectedSystem.objects.get(), actor=ada, reason="it is back")
    assert {row.pk for row in claim("local", Capability.SET_STATE)} == {due.pk}


def test_a_secret_that_can_no_longer_be_read_is_sealed_anew() -> None:
    describe()
    ConnectedSystem.objects.filter(code="mail").update(credentials="")
    assert unseal(describe(), "credentials") == b"whsec_c2VjcmV0"


def test_stopping_what_is_stopped_is_nothing_new() -> None:
    system = ConnectedSystem.objects.get()
    stop(system, "HTTP 401")
    stop(system, "HTTP 403")
    system.refresh_from_db()
    assert system.stopped_reason == "HTTP 401"
    assert Event.objects.filter(name="system:stopped").count() == 1


def test_settings_that_were_wrong_stop_nothing_once_they_have_been_corrected() -> None:
    as_a_worker_has_it = describe(address="https://mail.example.ac.jp/hok")
    corrected = describe(address="https://mail.example.ac.jp/hook")
    stop(as_a_worker_has_it, "HTTP 404")
    corrected.refresh_from_db()
    assert corrected.stopped_reason == ""
    assert not Event.objects.filter(name="system:stopped").exists()
    stop(corrected, "HTTP 401")
    corrected.refresh_from_db()
    assert corrected.stopped_reason == "HTTP 401"
