"""Wrong settings and wrong answers, for every connector that speaks to another machine: never a success, one sentence, nothing lost (R-205)."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.utils import translation
from pytest_django import Settings

from accounts.models import Account
from policies.connectors import outgoing
from policies.connectors.registry import connectors
from policies.connectors.sentences import sentence
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import release_system
from policies.trying import try_connection
from tests.policies.certificates import Authority
from tests.policies.connected import a_folder, a_system
from tests.policies.deliveries import planned
from tests.policies.downstream import SECRET
from tests.policies.listening import listening
from tests.policies.scim_server import ATTRIBUTE

SOMEBODY_ELSE = "9999999999"
OTHERS: dict[str, Any] = {
    "account": SOMEBODY_ELSE, "state": "on", "revision": 1, "key": "another", "totalResults": 1, "access_token": "a token",
    "Resources": [{"id": "x", "userName": SOMEBODY_ELSE}],
    "responses": [{"id": "1", "status": 200, "body": {"value": [{"id": "x", "userPrincipalName": SOMEBODY_ELSE}]}}],
}  # fmt: skip
PAGE = b"<!doctype html><html><title>Sign in to the network</title><p>Please sign in.</p></html>"
ANSWERS: dict[str, tuple[int, bytes]] = {
    "a page": (200, PAGE),
    "nothing": (200, b""),
    "half of it": (200, b'{"account": "1000'),
    "another address": (302, b""),
    "refused credentials": (401, b"{}"),
    "not allowed": (403, b"{}"),
    "a fault": (500, b"{}"),
    "too busy": (429, b"{}"),
    "somebody else": (200, json.dumps(OTHERS).encode()),
}
CERTIFICATES = ("another authority", "another name", "run out")
HTTP = [*ANSWERS, *CERTIFICATES, "no such name", "private", "plain text", "nobody listens"]
CASES = {"webhook": HTTP, "scim": HTTP, "graph": HTTP, "ldap": ["a page", *CERTIFICATES, "no such name", "private", "nobody listens"]}
STOPPED = {*CERTIFICATES, "private", "another address", "refused credentials", "not allowed"}  # the others may pass by themselves


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    said: ClassVar[tuple[int, bytes]] = (200, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, content = self.said
        self.send_response(status)
        self.send_header("Location", "https://elsewhere.example.ac.jp/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PATCH = do_POST  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """A client that hangs up is what is tested."""


Address = Callable[[str], str]


@dataclass(frozen=True)
class Elsewhere:
    """Makes what a connector is to meet; returns host and port."""

    authority: Authority
    folder: Path
    stack: ExitStack
    monkeypatch: pytest.MonkeyPatch
    settings: Settings

    def meet(self, case: str) -> str:
        if case == "no such name":
            self.monkeypatch.setattr(socket, "getaddrinfo", _not_found)
            return "no-such-name.example.ac.jp:443"
        if case == "private":
            self.settings.MFA_PRIVATE_HOSTS = []
        if case == "nobody listens":
            with socket.create_server(("127.0.0.1", 0)) as unused:
                return f"127.0.0.1:{unused.getsockname()[1]}"
        server = Server(("127.0.0.1", 0), type("Saying", (Handler,), {"said": ANSWERS.get(case, (200, b"{}"))}))
        if case != "plain text":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate(case))
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.stack.enter_context(listening(server))
        return f"127.0.0.1:{server.server_port}"

    def _certificate(self, case: str) -> tuple[Path, Path]:
        if case == "another authority":
            (self.folder / "other").mkdir()
            return Authority(self.folder / "other", "Somebody else").issue("right")
        if case == "another name":
            return self.authority.issue("wrong", host="elsewhere.example.ac.jp")
        return self.authority.issue("certificate", days=-1 if case == "run out" else 1)


def _not_found(*args: object, **kwargs: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Elsewhere]:
    """Our own authority is the only one that this machine believes."""
    authority = Authority(tmp_path)
    (tmp_path / "believed.pem").write_text(authority.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "believed.pem"))
    monkeypatch.setattr(outgoing, "EXCHANGE_SECONDS", 5.0)
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.0/8"]
    outgoing.trusting.cache_clear()
    with ExitStack() as stack:
        yield Elsewhere(authority, tmp_path, stack, monkeypatch, settings)
    outgoing.trusting.cache_clear()


def at(connector: str, place: str) -> ConnectedSystem:
    """A system of this connector there."""
    match connector:
        case "webhook":
            return a_system("there", "webhook", {}, address=f"https://{place}/hook", secret=SECRET)
        case "scim":
            return a_system("there", "scim", {"state_attribute": ATTRIBUTE}, address=f"https://{place}/v2", secret="token")
        case "ldap":
            options = {"bind_dn": "cn=mfa,dc=example", "base_dn": "dc=example", "state_attribute": "mfaUse"}
            return a_system("there", "ldap", options, address=f"ldaps://{place}", secret="word")
    addresses = {"sign_in_address": f"https://{place}", "graph_address": f"https://{place}"}
    return a_system("there", "graph", {"tenant": "t", "client": "c", "group_id": "g"} | addresses, secret="secret")


def judged(system: ConnectedSystem, hana: Account) -> str:
    """What was kept of passing one change on: never a success, and the change is there still."""
    planned(system, hana)
    release_system(system.code)
    row = Delivery.objects.get(account=hana, system=system)
    system.refresh_from_db()
    assert row.state in {"waiting", "failed"}
    assert Application.objects.get(account=hana).state == "applied"
    assert not system.stopped_reason or row.state == "waiting"
    return system.stopped_reason or row.last_answer


def is_one_sentence(why: str) -> bool:
    """In both languages, and not merely quoted."""
    with translation.override("en"):
        english = sentence(why)
    with translation.override("ja"):
        japanese = sentence(why)
    plain = english.endswith(".") and ". " not in english and not english.startswith("The connector reports")
    return plain and japanese.endswith("。") and japanese.count("。") == 1 and japanese != english


def test_every_connector_that_speaks_to_another_machine_is_here() -> None:
    assert {*CASES, "local", "csv"} == set(connectors())


@pytest.mark.covers("S-144")
@pytest.mark.parametrize(("connector", "case"), [(connector, case) for connector, cases in CASES.items() for case in cases])
def test_it_is_never_a_success_is_said_in_one_sentence_and_nothing_is_lost(
    connector: str, case: str, elsewhere: Elsewhere, hana: Account, ada: Account
) -> None:
    system = at(connector, elsewhere.meet(case))
    outcome = try_connection(system, actor=ada)
    assert not outcome.ok
    assert is_one_sentence(outcome.why), outcome.why
    why = judged(system, hana)
    assert is_one_sentence(why), why
    assert bool(system.stopped_reason) is (case in STOPPED), why


FOLDERS: dict[str, Callable[[Path, pytest.MonkeyPatch], None]] = {
    "full": lambda _folder, monkeypatch: monkeypatch.setattr("os.fsync", _refuse),
    "not writable": lambda _folder, monkeypatch: monkeypatch.setattr("os.open", _refuse),
    "gone": lambda folder, _monkeypatch: folder.rmdir(),
    "a file": lambda folder, _monkeypatch: (folder.rmdir(), folder.write_text(""))[0],
}


def _refuse(*args: object, **kwargs: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.covers("S-144")
@pytest.mark.parametrize("receipts", [True, False])
@pytest.mark.parametrize("case", [*FOLDERS, "not on the list"])
def test_the_same_of_a_folder_and_what_waits_is_written_when_it_is_right_again(
    case: str, *, receipts: bool, tmp_path: Path, settings: Settings, hana: Account, ada: Account
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    system = a_folder(folder, settings, receipts=receipts)
    with pytest.MonkeyPatch.context() as monkeypatch:
        if case == "not on the list":
            settings.MFA_DROP_FOLDERS = [str(tmp_path / "others")]
        else:
            FOLDERS[case](folder, monkeypatch)
        outcome = try_connection(system, actor=ada)
        why = judged(system, hana)
    assert not outcome.ok
    assert is_one_sentence(outcome.why), outcome.why
    assert is_one_sentence(why), why
    assert not list(tmp_path.glob("files/*"))
    settings.MFA_DROP_FOLDERS = [str(tmp_path)]
    if folder.is_file():
        folder.unlink()
    folder.mkdir(exist_ok=True)
    ConnectedSystem.objects.update(stopped_reason="", paused_until=None, next_batch_at=None)
    Delivery.objects.update(next_try_at=Delivery.objects.get().due_at)
    release_system(system.code)
    assert len(list(folder.glob("*.csv"))) == 1
    assert Delivery.objects.get().state == ("waiting" if receipts else "confirmed")
