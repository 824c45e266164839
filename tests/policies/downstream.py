"""A connected system for tests: a real HTTP server that applies what it is told, or misbehaves as it is asked to."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "c2VjcmV0" * 6
JSON = {"Content-Type": "application/json"}
Mood = Callable[["Handler", dict[str, Any]], None]


@dataclass
class Downstream:
    """What the system knows, what reached it, and how it is to answer next."""

    moods: deque[Mood] = field(default_factory=deque)
    mood: Mood | None = None
    states: dict[str, tuple[str, int]] = field(default_factory=dict)
    effects: list[tuple[str, str, int]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    let_go: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def apply(self, data: dict[str, Any]) -> dict[str, Any]:
        """Once per key, never an older revision over a newer one; the answer is the same each time."""
        with self.lock:
            answer = self.keys.get(data["key"])
            if answer is None:
                account, state, revision = data["account"], data["state"], data["revision"]
                if self.states.get(account, ("", 0))[1] < revision:
                    self.states[account] = (state, revision)
                    self.effects.append((account, state, revision))
                answer = {"account": account, "state": self.states[account][0], "revision": self.states[account][1]}
                self.keys[data["key"]] = answer
            return answer

    def apply_all(self, data: dict[str, Any]) -> dict[str, Any]:
        """Several changes; a line of the answer for each."""
        return {"changes": [self.apply(one) | {"key": one["key"]} for one in data["changes"]]}

    def holds(self, data: dict[str, Any]) -> dict[str, Any]:
        """The states of the accounts that are asked for, as far as they are known."""
        known = [(account, *self.states[account]) for account in data["accounts"] if account in self.states]
        return {"accounts": [{"account": account, "state": state, "revision": revision} for account, state, revision in known]}


QUESTIONS: dict[str, Callable[[Downstream, dict[str, Any]], dict[str, Any]]] = {
    "ping": lambda system, data: {"key": data["key"]},
    "mfa_use.asked": Downstream.holds,
    "mfa_use.changes": Downstream.apply_all,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        system = self.server.system
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            told = Webhook(SECRET).verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError as error:
            return self.answer(401, {"error": str(error)})
        system.requests.append(told)
        system.headers.append({name.lower(): value for name, value in self.headers.items()})
        mood = system.moods.popleft() if system.moods else system.mood or obedient
        if mood is obedient and told["type"] in QUESTIONS:
            return self.answer(200, QUESTIONS[told["type"]](system, told["data"]))
        return mood(self, told["data"])

    def answer(self, status: int, said: Any = None, headers: dict[str, str] | None = None) -> None:
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in (JSON | (headers or {}) | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)

    def log_message(self, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    system: Downstream


@contextmanager
def running() -> Iterator[Downstream]:
    """A connected system that listens on a port of its own."""
    server = Server(("127.0.0.1", 0), Handler)
    system = server.system = Downstream(port=server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield system
    finally:
        system.let_go.set()
        server.shutdown()
        server.server_close()


def obedient(handler: Handler, data: dict[str, Any]) -> None:
    answer = handler.server.system.apply(data)
    newer = answer["revision"] > data["revision"]
    handler.answer(409 if newer else 200, answer)


def says(status: int, said: Any = None, **headers: str) -> Mood:
    """Answers without doing anything."""
    return lambda handler, data: handler.answer(status, said or {}, {name.replace("_", "-"): value for name, value in headers.items()})


def refuses(status: int) -> Mood:
    """Refuses an account by its name, for good."""
    return lambda handler, data: handler.answer(status, {"account": data["account"], "error": "refused"} if "account" in data else {})


def twists(**changed: Any) -> Mood:
    """Confirms something else than it was told."""

    def twisted(handler: Handler, data: dict[str, Any]) -> None:
        handler.answer(200, {name: data[name] for name in ("account", "state", "revision")} | changed)

    return twisted


def does_it_and(then: Mood) -> Mood:
    """Applies the change, and the answer is lost."""

    def forgetful(handler: Handler, data: dict[str, Any]) -> None:
        handler.server.system.apply(data)
        then(handler, data)

    return forgetful


def drops(handler: Handler, data: dict[str, Any]) -> None:
    handler.hang_up()


def hangs(handler: Handler, data: dict[str, Any]) -> None:
    handler.server.system.let_go.wait(30)
    handler.hang_up()


def drips(handler: Handler, data: dict[str, Any]) -> None:
    """A byte now and then, for ever."""
    try:
        while not handler.server.system.let_go.wait(0.05):
            handler.wfile.write(b"H")
            handler.wfile.flush()
    except OSError:
        handler.close_connection = True
