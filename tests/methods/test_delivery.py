"""R-220, R-238, F-001, F-032: messages are planned with the change, sent after it, and never a code twice."""

import json
import re
import time
from datetime import timedelta
from typing import Any

import pytest
import redis
import time_machine
from celery.app.base import Celery
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from kombu.exceptions import OperationalError
from pytest_django import Settings

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.wording import sentence
from demo.runner.programs import workers
from methods import delivery
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.models import Challenge, Message, MessageState
from methods.tasks import deliver, sweep_messages
from tests.factories import a_phone, an_account
from tests.harness.parallel import Outcome
from tests.methods.people import Handset, send_all, states
from tests.signin.door import enter_code, enter_password


@pytest.fixture
def planned(client: Client, hana: Account, handset: Handset) -> Message:
    """A text with a code that is to be sent."""
    a_phone(hana)
    enter_password(client, hana)
    return Message.objects.get()


def in_later(**period: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**period), tick=False)


def test_a_worker_sends_what_a_hint_names(planned: Message, handset: Handset) -> None:
    deliver(str(planned.pk))
    planned.refresh_from_db()
    assert (planned.state, planned.provider_id, planned.attempts) == ("sent", "SM1", 1)
    assert planned.sent_at is not None


def test_a_hint_that_comes_twice_sends_once(planned: Message, handset: Handset) -> None:
    for _ in range(3):
        deliver(str(planned.pk))
    sweep_messages("sms")
    assert len(handset.texts) == 1


def test_a_forged_hint_sends_nothing(planned: Message, handset: Handset) -> None:
    """R-195."""
    deliver("00000000-0000-0000-0000-000000000001")
    with pytest.raises(ValueError, match="badly formed"):
        deliver("+819012345678")
    assert handset.texts == []


def test_what_no_hint_brought_is_found_by_the_sweep(planned: Message, handset: Handset) -> None:
    sweep_messages("sms")
    assert len(handset.texts) == 1


@pytest.mark.parametrize("error", [OperationalError("down"), ConnectionRefusedError(), TimeoutError()])
def test_a_broker_that_is_down_holds_nobody_up(
    client: Client, hana: Account, handset: Handset, error: Exception, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise error

    a_phone(hana)
    monkeypatch.setattr(Celery, "send_task", broken)
    with django_capture_on_commit_callbacks(execute=True):
        assert enter_password(client, hana).status_code == 302
    sweep_messages("sms")
    assert enter_code(client, handset.code).status_code == 302


def test_a_broker_that_is_down_is_asked_again_after_a_moment(hana: Account, monkeypatch: Any) -> None:
    asked: list[int] = []

    def broken(*args: Any, **kwargs: Any) -> None:
        asked.append(1)
        raise OperationalError("down")

    monkeypatch.setattr(Celery, "send_task", broken)
    for _ in range(3):
        delivery.hint(Message(channel="sms"))
    assert len(asked) == 1
    monkeypatch.setattr("methods.delivery._Broker.quiet_until", time.monotonic() - 1)
    delivery.hint(Message(channel="sms"))
    assert len(asked) == 2


def test_a_hint_carries_the_id_alone(client: Client, hana: Account, monkeypatch: Any, django_capture_on_commit_callbacks: Any) -> None:
    """R-194."""
    sent: list[Any] = []
    a_phone(hana)
    monkeypatch.setattr(Celery, "send_task", lambda *args, **kwargs: sent.append((args[1:], kwargs)))
    with django_capture_on_commit_callbacks(execute=True):
        enter_password(client, hana)
    ((arguments, options),) = sent
    assert arguments == ("methods.tasks.deliver",)
    assert options == {"args": [str(Message.objects.get().pk)], "queue": "sms", "ignore_result": True}
    assert json.dumps(options)


def test_each_channel_has_a_queue_a_sweep_and_a_worker_of_its_own(settings: Settings) -> None:
    assert set(settings.MESSAGE_QUEUES) == set(delivery.CHANNELS)
    sweeps = [plan for plan in settings.CELERY_BEAT_SCHEDULE.values() if plan["task"] == "methods.tasks.sweep_messages"]
    assert {(*plan["args"], plan["options"]["queue"]) for plan in sweeps} == {(channel, channel) for channel in delivery.CHANNELS}
    taken = [program.command[program.command.index("--queues") + 1].split(",") for program in workers()]
    assert sorted(name for names in taken for name in names) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)
    alone = [names for names in taken if {"push", "mail"} & set(names)]
    assert alone == [["push"], ["mail"]], "what hangs there holds up nothing else"


def test_a_sweep_whose_messages_hang_ends_when_the_next_one_begins(hana: Account, monkeypatch: Any, settings: Settings) -> None:
    for _ in range(5):
        delivery.plan_mail(hana, "verification-held", address="hana@example.com")
    settings.MFA_SWEEP_SECONDS, tried = 0.05, []
    monkeypatch.setattr(delivery, "deliver", lambda message: (tried.append(message), time.sleep(0.06)))
    delivery.sweep("mail")
    assert len(tried) == 1


@pytest.mark.parametrize(("state", "times"), [("waiting", 1), ("sending", 1), ("sent", 0)])
def test_a_page_tells_of_what_has_not_left_after_two_seconds(client: Client, planned: Message, state: str, times: int) -> None:
    Message.objects.update(state=state)
    assert "longer than usual" not in client.get("/signin/verify/").content.decode()
    with in_later(seconds=delivery.LATE.total_seconds() + 0.1):
        assert client.get("/signin/verify/").content.decode().count("<p>Sending takes longer than usual.") == times


def test_a_code_that_a_worker_died_with_is_not_sent_again(planned: Message, handset: Handset) -> None:
    """F-001: it may have gone out. The person asks again."""
    Message.objects.update(state=MessageState.SENDING, attempts=1, lease_until=timezone.now() + delivery.LEASE)
    send_all()
    assert states() == ["sending"]
    with in_later(seconds=delivery.LEASE.total_seconds() + 1):
        for _ in range(3):
            send_all()
    assert states() == ["unsure"]
    assert handset.texts == []
    assert Event.objects.filter(name="message:failed").count() == 1


def test_that_it_may_have_gone_out_is_recorded_or_found_again(planned: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state and the record of it are kept together."""

    def broken(*args: Any, **facts: Any) -> None:
        raise OperationalError("the database went away")

    Message.objects.update(state=MessageState.SENDING, attempts=1, lease_until=timezone.now())
    with in_later(seconds=1):
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "record", broken)
            with pytest.raises(OperationalError):
                delivery.deliver(planned.pk)
        assert states() == ["sending"]
        delivery.deliver(planned.pk)
    assert states() == ["unsure"]
    assert Event.objects.filter(name="message:failed").count() == 1


def test_a_definite_failure_is_tried_again_after_growing_pauses_with_a_code_of_its_own(
    client: Client, hana: Account, handset: Handset
) -> None:
    a_phone(hana)
    handset.trouble = NotSent("20429")
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_password(client, hana)
        pauses = []
        for _ in range(4):
            send_all()
            message = Message.objects.get()
            pauses.append((message.due_at - timezone.now()).total_seconds())
            send_all()
            assert Message.objects.get().attempts == message.attempts, "not before its time"
            moment.move_to(message.due_at)
        handset.trouble = None
        send_all()
        assert enter_code(client, handset.code).status_code == 302
    assert pauses == [2, 4, 8, 16]


def test_a_code_is_given_up_when_its_challenge_is_over(client: Client, hana: Account, handset: Handset) -> None:
    a_phone(hana)
    handset.trouble = NotSent("20429")
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_password(client, hana)
        for _ in range(40):
            send_all()
            moment.shift(timedelta(seconds=20))
    assert states() == ["failed"]
    assert Message.objects.get().attempts < 10


def test_a_worker_that_comes_too_late_sends_no_stale_code(planned: Message, handset: Handset) -> None:
    with in_later(minutes=6):
        send_all()
    assert states() == ["failed"]
    assert handset.texts == []


@pytest.mark.parametrize(("trouble", "state"), [(NeverSent("21211"), "failed"), (MaybeSent(), "unsure")])
def test_what_cannot_or_may_have_gone_out_is_not_repeated(planned: Message, handset: Handset, trouble: Exception, state: str) -> None:
    handset.trouble = trouble
    send_all()
    handset.trouble = None
    with in_later(minutes=2):
        send_all()
    assert states() == [state]
    assert handset.texts == []
    event = Event.objects.get(name="message:failed")
    assert (event.account_id, event.after["channel"]) == (planned.account_id, "sms")


def test_a_worker_that_lost_its_lease_does_not_overwrite_what_another_did(planned: Message) -> None:
    """R-223."""
    mine = Message.objects.get()
    mine.attempts = 1
    Message.objects.update(state=MessageState.SENDING, attempts=2)
    delivery._finish(mine, MessageState.FAILED, problem="late")
    assert states() == ["sending"]
    assert not Event.objects.filter(name="message:failed").exists()


@pytest.mark.parametrize(
    "problem",
    [
        "address refused",
        "address refused for now",
        "device gone",
        "number not allowed",
        "reported as unknown",
        "sending limited",
        "sending stopped",
        "worker lost",
        "too late",
        "no answer",
        "gaierror",
    ],
)
def test_why_a_message_was_not_sent_is_told_in_the_readers_language(planned: Message, problem: str) -> None:
    event = record(EventName.MESSAGE_FAILED, account=planned.account, after={"channel": "sms", "template": "text", "problem": problem})
    with override("ja"):
        assert problem not in sentence(event)
        assert not re.search("[a-z]", sentence(event).replace("SMS", ""))


def test_a_code_that_a_newer_one_made_pointless_is_no_failure(planned: Message, handset: Handset) -> None:
    Challenge.objects.update(state="closed")
    delivery.deliver(planned.pk)
    assert not Event.objects.filter(name="message:failed").exists()


def test_a_code_for_a_closed_challenge_is_not_sent(planned: Message, handset: Handset) -> None:
    Challenge.objects.update(state="closed")
    send_all()
    assert handset.texts == []
    assert states() == ["failed"]


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends(parallel: Any, handset: Handset) -> None:
    account = an_account()
    a_phone(account)
    enter_password(Client(), account)
    message = Message.objects.get()
    outcomes: list[Outcome] = parallel(8, lambda n: delivery.deliver(message.pk))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert len(handset.texts) == 1


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_at_once_and_the_broker_never_sees_a_code(worker: Any, broker: str, handset: Handset) -> None:
    account, client = an_account(), Client()
    a_phone(account)
    enter_password(client, account)
    began = time.monotonic()
    while not handset.texts and time.monotonic() - began < 20:
        time.sleep(0.05)
    assert enter_code(client, handset.code).status_code == 302
    path = broker.removeprefix("redis+socket://").removesuffix("?virtual_host=0")
    store = redis.Redis(unix_socket_path=path) if path.startswith("/") else redis.Redis.from_url(broker)
    assert handset.code.encode() not in b"".join(key + (store.dump(key) or b"") for key in store.scan_iter())
