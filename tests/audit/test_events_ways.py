"""The ways by which events leave: standard output, syslog and https, and what each counts as taken (R-187)."""

import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from audit.checks import check_collectors
from audit.out import collectors, sending
from audit.out.collectors import Line, NotTaken
from tests.policies.certificates import Authority

pytestmark = pytest.mark.django_db
URL = "https://collector.example.org/in"


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
        ("MFA_EVENTS_URL", "https://collector.example.org:x/", ["audit.E005"]),
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
