"""Events leave for collectors: in order, at least once, and without holding anything up (R-187)."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from audit.catalogue import EventName
from audit.models import Collector, Event
from audit.out import ecs, sending, stream
from audit.out.collectors import Line, NotTaken
from audit.record import record
from audit.seals import sealing
from audit.tasks import send_events

pytestmark = pytest.mark.django_db
URL = "https://collector.example.org/in"
HOSTILE = "a\r\n<13>1 forged\x1b[31m\u202e\u2028\x00\x7f\x85"


class Collecting:
    """A collector in memory, which can refuse."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.refuses = False

    def __call__(self, lines: Sequence[Line]) -> None:
        if self.refuses:
            raise NotTaken("down")
        self.lines += [json.loads(line.text) for line in lines]

    @property
    def numbers(self) -> list[int]:
        return [line["event"]["sequence"] for line in self.lines]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Collecting:
    """The one collector there is; it has begun."""
    made = Collecting()
    monkeypatch.setattr(sending, "ways", lambda: iter([sending.Way("memory", made)]))
    sending.send()
    return made


def sealed(count: int = 1) -> None:
    for _ in range(count):
        record(EventName.ACCOUNT_VIEWED)
    sealing.seal()


def test_what_is_sealed_is_sent_once_in_order(collector: Collecting) -> None:
    sealed(3)
    sealed(2)
    assert (sending.send(), sending.send()) == (5, 0)
    assert collector.numbers == [1, 2, 3, 4, 5]


def test_a_new_collector_begins_with_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(3)
    made = Collecting()
    monkeypatch.setattr(sending, "ways", lambda: iter([sending.Way("memory", made)]))
    sending.send()
    sealed(1)
    sending.send()
    assert made.numbers == [4]


def test_batches_go_on_where_the_last_one_ended(collector: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    sealed(5)
    sealed(2)
    assert sending.send() == 7
    assert collector.numbers == [1, 2, 3, 4, 5, 6, 7]


def test_a_failure_is_recorded_once_and_tried_again_after_a_growing_pause(collector: Collecting) -> None:
    sealed(1)
    collector.refuses = True
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tries = []
        for _ in range(100):
            sending.send()
            tries.append(Collector.objects.get().failures)
            clock.shift(timedelta(seconds=1))
    pauses = [tries.count(number) for number in range(1, 6)]
    assert pauses == [2, 4, 8, 16, 32]
    assert Event.objects.filter(name=EventName.COLLECTOR_FAILED).count() == 1


def test_once_it_takes_events_again_nothing_is_missing(collector: Collecting) -> None:
    sealed(1)
    collector.refuses = True
    sending.send()
    sealed(1)
    collector.refuses = False
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        sending.send()
    assert collector.numbers == [1, 2, 3]  # the failure itself is the second
    assert Event.objects.filter(name=EventName.COLLECTOR_RESUMED).count() == 1


def test_an_event_that_cannot_be_put_into_words_stops_none_behind_it(collector: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(3)
    said = iter(["One.", None, "Three."])

    def faulty(event: Event) -> str:
        if (words := next(said)) is None:
            raise ValueError
        return words

    monkeypatch.setattr(ecs, "sentence", faulty)
    assert sending.send() == 3
    assert [line.get("message") for line in collector.lines] == ["One.", None, "Three."]


def test_a_fault_of_one_way_is_recorded_and_keeps_no_other_from_its_events(collector: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(lines: Sequence[Line]) -> None:
        raise LookupError

    monkeypatch.setattr(sending, "ways", lambda: iter([sending.Way("faulty", faulty), sending.Way("memory", collector)]))
    sending.send()
    sealed(2)
    assert sending.send() == 2
    assert collector.numbers == [1, 2]
    assert Collector.objects.get(name="faulty").problem == "LookupError"
    assert Event.objects.get(name=EventName.COLLECTOR_FAILED).after == {"outlet": "faulty", "problem": "LookupError"}


def test_a_sender_that_is_killed_is_followed_by_another_which_repeats_its_batch(
    collector: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(2)

    def taken_and_killed(lines: Sequence[Line]) -> None:
        collector(lines)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending, "ways", lambda: iter([sending.Way("memory", taken_and_killed)]))
        with pytest.raises(KeyboardInterrupt):
            sending.send()
    assert sending.send() == 0  # its lease has not ended
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert sending.send() == 2
    assert collector.numbers == [1, 2, 1, 2]


def test_two_senders_at_once_send_it_once(parallel: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = Collecting()
    monkeypatch.setattr(sending, "ways", lambda: iter([sending.Way("memory", made)]))
    sending.send()
    sealed(20)
    outcomes = parallel(4, lambda _: sending.send())
    assert sorted(outcome.value for outcome in outcomes) == [0, 0, 0, 20]
    assert made.numbers == list(range(1, 21))


def test_rows_that_a_rule_deleted_are_passed_over(collector: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(3)
    gone = stream.after(stream.Place(), 3)[1].event_id
    whole = Event.objects.in_bulk
    monkeypatch.setattr(Event.objects, "in_bulk", lambda ids: {pk: one for pk, one in whole(ids).items() if pk != gone})
    assert sending.send() == 3
    assert collector.numbers == [1, 3]


def test_without_a_collector_nothing_is_asked_of_the_database(django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(0):
        send_events()


def test_an_operator_sends_everything_again(settings: Any, capfd: pytest.CaptureFixture[str]) -> None:
    settings.MFA_EVENTS_STDOUT = True
    sealed(3)
    sending.send()
    call_command("audit_out", "--collector", "stdout", "--from", "2")
    assert "stdout: 2 of 3 to go" in capfd.readouterr().out
    sending.send()
    assert [json.loads(line)["event"]["sequence"] for line in capfd.readouterr().out.splitlines()] == [2, 3]
