"""The page for Prometheus: who may read it, what it tells, and that it tells nothing of people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import Account
from audit import tallies
from audit.catalogue import EventName
from audit.models import Collector, EventTally
from audit.record import record
from audit.seals import sealing
from methods.models import Message
from policies.models import ConnectedSystem
from tests.factories import a_totp_app
from tests.helpdesk.conftest import a_report, apply_for

pytestmark = pytest.mark.django_db
PAGE = "/metrics"


@pytest.fixture(autouse=True)
def _no_token(settings: Any) -> None:
    settings.MFA_METRICS_TOKEN = ""


def figures(client: Client) -> dict[tuple[str, ...], float]:
    text = client.get(PAGE).content.decode()
    return {
        (sample.name.removeprefix("mfaadmin_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted() -> None:
    sealing.seal()
    tallies.count()


def test_sign_ins_and_verifications_are_counted_by_outcome_and_kind(client: Client, hana: Account) -> None:
    for kind in ("totp", "totp", "fido"):
        record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana, after={"rule": "always-verify", "verified_with": kind})
        record(EventName.CHALLENGE_FAILED, account=hana, after={"kind": kind})
    counted()
    found = figures(client)
    assert found["signins_total", "totp", "succeeded"] == 2
    assert found["verifications_total", "fido", "wrong"] == 1
    assert found["events_total", "signin:succeeded", "fido"] == 1


def test_each_event_is_counted_once_however_often_it_is_asked(hana: Account, parallel: Callable[..., Any]) -> None:
    for _ in range(30):
        record(EventName.PASSWORD_REFUSED, account=hana)
    sealing.seal()
    parallel(3, lambda _: tallies.count())
    tallies.count()
    assert EventTally.objects.get(name=EventName.PASSWORD_REFUSED).count == 30


def test_what_was_typed_is_no_label(hana: Account) -> None:
    record(EventName.PASSWORD_REFUSED, after={"typed": "secret of somebody"})
    counted()
    assert EventTally.objects.get(name=EventName.PASSWORD_REFUSED).kind == ""


def test_a_queue_tells_its_age_and_lateness_for_each_system(client: Client, hana: Account) -> None:
    a_totp_app(hana, last_signin_at=timezone.now())
    delivery = apply_for(hana).deliveries.get()
    due = timezone.now() - timedelta(minutes=5)
    type(delivery).objects.filter(pk=delivery.pk).update(due_at=due, planned_at=due - timedelta(minutes=40))
    found, code = figures(client), delivery.system.code
    assert found["deliveries", "waiting", code] == 1
    assert found["delivery_age_seconds", code] == pytest.approx(45 * 60, abs=60)
    assert found["delivery_lateness_seconds", code] == pytest.approx(5 * 60, abs=60)
    assert found["system_stopped", code] == 0
    ConnectedSystem.objects.update(enabled=False)
    assert ("delivery_lateness_seconds", code) not in figures(client)


def test_messages_lock_outs_and_reports_are_told(client: Client, hana: Account) -> None:
    now = timezone.now()
    Message.objects.create(account=hana, channel="sms", template="text", due_at=now - timedelta(minutes=2), gives_up_at=now)
    Account.objects.filter(pk=hana.pk).update(held_until=now + timedelta(minutes=5), locked_at=now)
    a_report(hana)
    found = figures(client)
    assert found["messages_waiting", "sms"] == 1
    assert found["message_lateness_seconds", "sms"] == pytest.approx(120, abs=60)
    assert (found["held", "verification"], found["held", "locked by staff"]) == (1, 1)
    assert found["open_reports",] == 1


def test_the_lag_of_seals_and_collectors_is_told(client: Client, hana: Account) -> None:
    record(EventName.ACCOUNT_VIEWED, account=hana)
    sealing.seal()
    Collector.objects.create(name="stdout", failing_since=timezone.now() - timedelta(minutes=1))
    record(EventName.ACCOUNT_VIEWED, account=hana)
    found = figures(client)
    assert found["sealed_events",] == 1
    assert 0 <= found["sealing_lag_seconds",] < 60
    assert found["collector_events_behind", "stdout"] == 1
    assert found["collector_failing_seconds", "stdout"] == pytest.approx(60, abs=30)


def test_it_tells_nothing_of_people(client: Client, hana: Account) -> None:
    a_totp_app(hana, last_signin_at=timezone.now())
    apply_for(hana)
    a_report(hana)
    counted()
    text = client.get(PAGE).content.decode()
    for personal in (hana.common_id, "Hana", "203.0.113.7", hana.contact_address):
        assert personal not in text


def test_it_takes_the_same_few_queries_however_much_there_is(client: Client, hana: Account, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(11):
        client.get(PAGE)
    a_totp_app(hana, last_signin_at=timezone.now())
    apply_for(hana)
    counted()
    with django_assert_num_queries(11):
        client.get(PAGE)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
    ],
)
def test_without_a_token_only_this_machine_reads_it(address: str, headers: dict[str, str], status: int, client: Client) -> None:
    assert client.get(PAGE, REMOTE_ADDR=address, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer a token", 200), ("Bearer a toke", 403), ("a token", 403), ("", 403), ("Bearer a tokén", 403)]
)
def test_with_a_token_whoever_has_it_reads_it(given: str, status: int, client: Client, settings: Any) -> None:
    settings.MFA_METRICS_TOKEN = "a token"
    assert client.get(PAGE, REMOTE_ADDR="127.0.0.1", headers={"Authorization": given}).status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(method: str, client: Client) -> None:
    assert getattr(client, method)(PAGE).status_code == 405
