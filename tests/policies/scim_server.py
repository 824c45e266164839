"""An independent SCIM server (the package scim2-server), which judges every message by the models of scim2-models."""

import importlib
import io
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIServer, make_server

from tests.policies.listening import Silent, listening

TOKEN = "token-of-the-connector"
EXTENSION = "urn:example:params:scim:schemas:extension:mfa:2.0:User"
ATTRIBUTE = f"{EXTENSION}:mfaRequired"
Start = Callable[..., Any]
Environ = dict[str, Any]
Application = Callable[[Environ, Start], Any]


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class ScimServer:
    """The running server: what it holds, what reached it, and answers that it is to give instead of its own."""

    application: Application
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    instead: deque[tuple[str, dict[str, str], bytes]] = field(default_factory=deque)
    before: deque[Callable[[], None]] = field(default_factory=deque)
    port: int = 0
    seconds: float = 0  # that each answer takes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    def __call__(self, environ: dict[str, Any], start: Start) -> Any:
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(content)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        time.sleep(self.seconds)
        self.requests.append((method, path, json.loads(content) if content else environ["QUERY_STRING"]))
        self.headers.append({name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")})
        if self.before and method != "GET":
            self.before.popleft()()
        if self.instead:
            status, headers, body = self.instead.popleft()
            start(status, list(({"Content-Length": str(len(body))} | headers).items()))
            return [body]
        return self.application(environ, start)

    def gives(self, answer: Application, when: Callable[[Environ], bool]) -> None:
        """Answers so what fits, and everything else as before."""
        own = self.application
        self.application = lambda environ, start: (answer if when(environ) else own)(environ, start)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """As some other client."""
        content, found = json.dumps(body).encode() if body is not None else b"", []
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": f"/v2{path}", "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content)),
            "CONTENT_TYPE": "application/scim+json", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}",
        }  # fmt: skip
        [answer] = self.application(environ, lambda status, headers: found.append(status))
        assert found[0].startswith("2"), (found, answer)
        return json.loads(answer) if answer else None

    def add_user(self, name: str, **attributes: Any) -> str:
        schemas = ["urn:ietf:params:scim:schemas:core:2.0:User", *(key for key in attributes if key.startswith("urn:"))]
        return str(self.call("POST", "/Users", {"schemas": schemas, "userName": name, **attributes})["id"])

    def add_group(self, name: str) -> str:
        return str(self.call("POST", "/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name})["id"])

    def required(self, user: str) -> Any:
        return self.call("GET", f"/Users/{user}").get(EXTENSION, {}).get("mfaRequired")

    def members(self, group: str) -> list[str]:
        return [one["value"] for one in self.call("GET", f"/Groups/{group}").get("members", [])]


def says(status: str, said: Any = None) -> Application:
    """Answers without doing anything."""
    body = json.dumps(said or {}).encode()

    def answer(environ: Environ, start: Start) -> Any:
        start(status, [("Content-Length", str(len(body)))])
        return [body]

    return answer


def filter_of(environ: Environ) -> str:
    return parse_qs(environ["QUERY_STRING"]).get("filter", [""])[0]


def compares_several(environ: Environ) -> bool:
    return " or " in filter_of(environ)


@contextmanager
def scim_running() -> Iterator[ScimServer]:
    """A SCIM server on a port of its own."""
    package = importlib.import_module("tests.policies.scim_package")  # takes a second or two: only where it is used
    server = ScimServer(package.application(EXTENSION, TOKEN))
    web = make_server("127.0.0.1", 0, server, server_class=Threaded, handler_class=Silent)  # type: ignore[arg-type]
    server.port = web.server_port
    with listening(web):
        yield server
