"""Certificates are checked before anything is said (R-205)."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from pytest_django import Settings

from policies.connectors.hosts import NotAllowed
from policies.connectors.outgoing import Request, send
from tests.policies.certificates import Authority
from tests.policies.listening import JsonHandler, listening

Serve = Callable[[tuple[Path, Path]], str]
asked: list[str] = []


class Handler(JsonHandler):
    def do_GET(self) -> None:  # noqa: N802  the standard library's name
        asked.append(self.path)
        self.answer(200, {"said": "hello"})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """A client that hangs up is what is tested."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """A server with this certificate; returns its address."""
    asked.clear()
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.0/8", "::1/128"]
    with ExitStack() as stack:

        def start(files: tuple[Path, Path]) -> str:
            server = Server(("127.0.0.1", 0), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            stack.enter_context(listening(server))
            return f"https://127.0.0.1:{server.server_port}/"

        yield start


def test_a_certificate_of_the_institutions_own_authority_is_believed_where_it_is_given(serve: Serve, authority: Authority) -> None:
    reply = send(Request("GET", serve(authority.issue("right")), certificates=authority.certificate))
    assert (reply.status, reply.content) == (200, b'{"said": "hello"}')


@pytest.mark.parametrize("wrong", ["not given", "another authority", "another name", "run out"])
def test_with_a_wrong_certificate_nothing_is_said(serve: Serve, authority: Authority, tmp_path: Path, wrong: str) -> None:
    trusted = {"not given": "", "another authority": Authority(tmp_path, "Somebody else").certificate}.get(wrong, authority.certificate)
    host, days = ("elsewhere.example.ac.jp" if wrong == "another name" else ""), (-1 if wrong == "run out" else 1)
    address = serve(authority.issue("wrong", host=host, days=days))
    with pytest.raises(NotAllowed, match="certificate is not valid"):
        send(Request("GET", address, certificates=trusted))
    assert asked == []


def test_certificates_that_are_none_are_not_ignored(serve: Serve, authority: Authority) -> None:
    with pytest.raises(NotAllowed, match="cannot be read"):
        send(Request("GET", serve(authority.issue("right")), certificates="-----BEGIN NOTHING-----"))
    assert asked == []
