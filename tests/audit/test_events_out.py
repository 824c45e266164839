"""Events leave as lines of JSON: in order, at least once, without holding anything up, and nothing typed can forge a line (R-187)."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import responses
import time_machine
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from audit.catalogue import EventName
from audit.checks import check_collectors
from audit.context import Where, circumstances
from audit.models import Collector, Event
from audit.out import collectors, ecs, sending, stream
from audit.out.collectors import Line, NotTaken
from audit.record import record
from audit.seals import sealing
from audit.tasks import send_events
from tests.policies.certificates import Authority

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


def test_the_line_has_the_names_of_the_schema(hana: Account, hiro: Account) -> None:
    with circumstances(Where(address="192.0.2.7", browser="A Browser", request_id="r", session="s", verified_with="totp")):
        event = record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="Ticket 4711", before={"locked": True})
    found = ecs.document(event, stream.Numbered(7, 2, event.pk))
    assert (found["event"]["action"], found["event"]["sequence"], found["event"]["reason"]) == ("account:unlocked", 7, "Ticket 4711")
    assert found["user"] == {
        "id": str(hiro.pk),
        "name": "1000000003",
        "target": {"id": str(hana.pk), "name": "1000000001"},
    }
    assert (found["source"], found["user_agent"], found["http"]) == (
        {"ip": "192.0.2.7"},
        {"original": "A Browser"},
        {"request": {"id": "r"}},
    )
    assert found["message"].startswith("1000000001 was unlocked by 1000000003.")
    assert found["mfaadmin"]["before"] == {"locked": True}


def test_the_line_names_the_case_the_kind_of_method_and_the_second_person(hana: Account, sato: Account) -> None:
    with circumstances(Where(case="260430-7", approver="1000000006")):
        event = record(EventName.METHOD_REMOVED, account=hana, actor=sato, before={"kind": "totp", "name": "my phone"})
    event.refresh_from_db()
    own = json.loads(ecs.line(event, stream.Numbered(7, 2, event.pk)))["mfaadmin"]
    assert {name: own[name] for name in ("case", "kind", "approver")} == {"case": "260430-7", "kind": "totp", "approver": "1000000006"}


def test_the_line_leaves_out_what_is_not_known(hana: Account) -> None:
    own = json.loads(ecs.line(event := record(EventName.ACCOUNT_VIEWED, account=hana), stream.Numbered(7, 2, event.pk)))["mfaadmin"]
    assert not {"case", "kind", "approver"} & own.keys()


@pytest.mark.parametrize("name", list(EventName))
def test_every_event_has_a_line(name: EventName) -> None:
    event = record(name)
    assert json.loads(ecs.line(event, stream.Numbered(1, 1, event.pk)))["event"]["action"] == name


@given(st.text() | st.just(HOSTILE))
def test_nothing_that_was_typed_forges_a_line(text: str) -> None:
    now = timezone.now()
    event = Event(
        at=now, name="password:refused", account_label=text, actor_kind="system", reason=text, browser=text, after={"typed": text}
    )
    line = ecs.line(event, stream.Numbered(1, 1, 1))
    assert all(32 <= byte < 127 for byte in line)
    assert json.loads(line)["mfaadmin"]["after"] == {"typed": text}


def a_line(number: int = 1) -> Line:
    return Line("signin:succeeded", 6, "2026-04-30T09:00:00.000000+00:00", b'{"n":%d}' % number)


def test_standard_output_gets_a_line_for_each_event(capfd: pytest.CaptureFixture[str]) -> None:
    collectors.to_stdout([a_line(1), a_line(2)])
    assert capfd.readouterr().out == '{"n":1}\n{"n":2}\n'


class Server:
    """A syslog server on this machine: what it has read until the other side had finished."""

    def __init__(self, context: ssl.SSLContext | None = None, *, rude: bool = False) -> None:
        self.heard, self.context, self.rude = b"", context, rude
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        try:
            channel, _ = self.socket.accept()
            if self.rude:  # closed with unread data: a reset
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                channel.close()
                return
            with self.context.wrap_socket(channel, server_side=True) if self.context else channel as talk:
                while piece := talk.recv(65536):
                    self.heard += piece
        except OSError:
            return

    def close(self) -> bytes:
        self.thread.join(5)
        self.socket.close()
        return self.heard


@pytest.fixture
def tls(tmp_path: Any, settings: Any) -> Iterator[Server]:
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("collector"))
    trusted = tmp_path / "ca.pem"
    trusted.write_text(authority.certificate)
    settings.MFA_EVENTS_CA = str(trusted)
    server = Server(context)
    yield server
    server.close()


FRAMES = (
    b'93 <110>1 2026-04-30T09:00:00.000000+00:00 mfa.example.ac.jp mfaadmin - signin:succeeded - {"n":1}'
    b'93 <110>1 2026-04-30T09:00:00.000000+00:00 mfa.example.ac.jp mfaadmin - signin:succeeded - {"n":2}'
)


def test_syslog_gets_frames_of_rfc_5424() -> None:
    server = Server()
    collectors.to_syslog(f"tcp://127.0.0.1:{server.port}", [a_line(1), a_line(2)])
    heard = server.close()
    length = int(heard.split(b" ")[0])
    assert heard == FRAMES.replace(b"93 ", b"%d " % length)
    assert length == len(heard) // 2 - len(str(length)) - 1


def test_syslog_over_tls_gets_the_same(tls: Server) -> None:
    collectors.to_syslog(f"tls://127.0.0.1:{tls.port}", [a_line(1)])
    assert tls.close().endswith(b'{"n":1}')


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: Server, settings: Any) -> None:
    settings.MFA_EVENTS_CA = ""
    with pytest.raises(NotTaken, match="certificate refused"):
        collectors.to_syslog(f"tls://127.0.0.1:{tls.port}", [a_line(1)])


def test_a_server_that_breaks_off_has_not_taken_the_batch() -> None:
    server = Server(rude=True)
    with pytest.raises(NotTaken):
        collectors.to_syslog(f"tcp://127.0.0.1:{server.port}", [a_line(number) for number in range(2000)])
    server.close()


@pytest.mark.parametrize("status", [200, 204])
def test_https_gets_lines_with_the_token(status: int, settings: Any) -> None:
    settings.MFA_EVENTS_TOKEN = "a token"
    with responses.RequestsMock() as net:
        net.post(URL, status=status)
        collectors.to_url(URL, [a_line(1), a_line(2)])
        request = net.calls[0].request
    assert request.body == b'{"n":1}\n{"n":2}\n'
    assert request.headers["Authorization"] == "Bearer a token"


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_https_that_answers_otherwise_has_not_taken_it(status: int) -> None:
    with responses.RequestsMock() as net:
        net.post(URL, status=status, headers={"Location": "https://elsewhere.example.org/"})
        with pytest.raises(NotTaken, match=str(status)):
            collectors.to_url(URL, [a_line()])


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("MFA_EVENTS_URL", "http://collector.example.org/", ["audit.E005"]),
        ("MFA_EVENTS_URL", "https://me:secret@collector.example.org/", ["audit.E005"]),
        ("MFA_EVENTS_URL", URL, []),
        ("MFA_EVENTS_SYSLOG", "tcp://collector.example.org:601", ["audit.E006"]),
        ("MFA_EVENTS_SYSLOG", "tls://collector.example.org:x", ["audit.E006"]),
        ("MFA_EVENTS_SYSLOG", "tls://collector.example.org", []),
        ("MFA_EVENTS_SYSLOG", "tcp://127.0.0.1:601", []),
        ("MFA_EVENTS_CA", "/nowhere/ca.pem", ["audit.E007"]),
        ("MFA_EVENTS_SECONDS", 0, ["audit.E008"]),
    ],
)
def test_settings_that_would_send_people_in_the_clear_are_refused(name: str, value: Any, found: list[str], settings: Any) -> None:
    setattr(settings, name, value)
    assert [message.id for message in check_collectors()] == found


def test_the_names_of_collectors_hold_no_secret(settings: Any) -> None:
    settings.MFA_EVENTS_STDOUT, settings.MFA_EVENTS_URL = True, f"{URL}?token=secret"
    settings.MFA_EVENTS_SYSLOG = "tls://logs.example.org:6514"
    assert [way.name for way in sending.ways()] == ["stdout", "tls://logs.example.org:6514", URL]


def test_an_operator_sends_everything_again(settings: Any, capfd: pytest.CaptureFixture[str]) -> None:
    settings.MFA_EVENTS_STDOUT = True
    sealed(3)
    sending.send()
    call_command("audit_out", "--collector", "stdout", "--from", "2")
    assert "stdout: 2 of 3 to go" in capfd.readouterr().out
    sending.send()
    assert [json.loads(line)["event"]["sequence"] for line in capfd.readouterr().out.splitlines()] == [2, 3]


def test_numbers_that_people_typed_leave_masked(hana: Account) -> None:
    event = record(EventName.ACCOUNT_UNLOCKED, account=hana, reason="Called from +819012345678", after={"texts": ["+819012345678"]})
    line = ecs.line(event, stream.Numbered(7, 2, event.pk)).decode()
    assert "+81901" not in line
    assert json.loads(line)["mfaadmin"]["after"]["texts"][0].endswith("78")
