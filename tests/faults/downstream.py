"""The connected systems of the harness, in a process that nobody kills: what they were told is the oracle.

`keyed` and `optional` take one change a request, `batches` several; all three know keys and revisions, as a careful receiver does. `states` is an
independent SCIM server and `tenant` a stand-in for Graph: both hold a state and know neither. The directory is a process of its
own, for it may be killed. GET /record tells everything; PUT /moods says how requests are answered and how the lines behave.
"""

import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Lock, local
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults.books import Books, Json, Moods
from tests.faults.lines import LONGER_THAN_THE_LEASE, Line
from tests.policies import graph_server
from tests.policies.graph_server import GraphMock, graph_running
from tests.policies.listening import JsonHandler
from tests.policies.scim_server import Start, scim_running

BOOKS, MOODS, LINES = Books(), Moods(), Moods()
WRITES = b"$ref"  # in a batch of Graph that changes members
USERS: dict[str, str] = {}  # of the SCIM server: account by id
HEARD = local()  # `at`: when the request arrived that this thread carries out


@dataclass(frozen=True)
class Told:
    """One request: by which system it was received, and what it says."""

    system: str
    changes: list[Json]
    many: bool

    def apply(self, how_many: int | None = None) -> list[Json]:
        """Apply all of it, or the first so many; the answers."""
        return [BOOKS.apply(self.system, change) for change in self.changes[:how_many]]


class Moody(JsonHandler):
    """Ways of answering that any system may have."""

    def mood_busy(self) -> None:
        self.answer(429, {}, Retry_After="1")

    def mood_busy_until(self) -> None:
        self.answer(429, {}, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True))

    def mood_broken(self) -> None:
        self.answer(500, {})

    def mood_nobody(self) -> None:
        """A proxy answers, while nobody stands behind it."""
        self.answer(404, b"default backend - 404")

    def mood_hangs(self) -> None:
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_drips(self) -> None:
        over = time.monotonic() + LONGER_THAN_THE_LEASE
        while time.monotonic() < over:
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def mood_page(self) -> None:
        self.answer(200, b"<!doctype html><title>Welcome</title><p>Please sign in.")


class Handler(Moody):
    """One request of the site, or of the harness."""

    def do_GET(self) -> None:  # noqa: N802  the standard library's names
        self.answer(200, BOOKS.record())

    def do_PUT(self) -> None:  # noqa: N802
        order = json.loads(self.body())
        for moods, wanted in ((MOODS, order["moods"]), (LINES, order["lines"])):
            moods.order(wanted, share=order["share"], seed=order["seed"])
        for name in order["users"]:
            USERS[SCIM.add_user(name)] = name
            GRAPH.add(name)
        self.answer(200, {})

    def do_POST(self) -> None:  # noqa: N802
        system, data = self.path.strip("/"), json.loads(self.body())["data"]
        self.told = Told(system, data.get("changes") or [data], "changes" in data)
        BOOKS.requests[system] = BOOKS.requests.get(system, 0) + 1
        try:
            getattr(self, f"mood_{MOODS.now(system).replace('-', '_')}")()
        except OSError:
            self.close_connection = True

    def said(self, answers: list[Json]) -> None:
        told = self.told
        if told.many:
            self.answer(200, {"changes": [answer | {"key": one["key"]} for answer, one in zip(answers, told.changes, strict=False)]})
        else:
            self.answer(200 if answers[0]["revision"] == told.changes[0]["revision"] else 409, answers[0])

    def mood_fine(self) -> None:
        self.said(self.told.apply())

    def mood_done_and_hangs(self) -> None:
        self.told.apply()
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_done_and_gone(self) -> None:
        self.told.apply()
        self.answer(502, {})

    def mood_half(self) -> None:
        answers = self.told.apply((len(self.told.changes) + 1) // 2)
        if self.told.many:
            self.said(answers)
        else:
            self.answer(500, {})

    def mood_somebody_else(self) -> None:
        self.said([{"account": "9999999999", "state": one["state"], "revision": one["revision"]} for one in self.told.changes])


class Tenant(GraphMock):
    """Tells the books of each member that comes and goes."""

    def one(self, request: dict[str, Any]) -> graph_server.Answer:
        before = {*self.members}
        answer = super().one(request)
        for user in before ^ self.members:
            BOOKS.see("tenant", user.removeprefix("id-"), "on" if user in self.members else "off", asked=HEARD.at)
        return answer


class TenantHandler(Moody, graph_server.Handler):
    """The stand-in for Graph, which may be in a mood, too: of a whole batch, or half of it."""

    def do_POST(self) -> None:  # noqa: N802
        content, HEARD.at = self.body(), time.time()
        self.rfile, self.writes = io.BytesIO(content), WRITES in content
        self.mood = MOODS.now("tenant").replace("-", "_")
        BOOKS.requests["tenant"] = BOOKS.requests.get("tenant", 0) + 1
        try:
            getattr(self, f"mood_{self.mood}", super().do_POST)()
        except OSError:
            self.close_connection = True

    def batch(self, graph: GraphMock, requests: list[Json]) -> None:
        super().batch(graph, requests[: (len(requests) + 1) // 2] if self.mood == "half" else requests)

    def mood_done_and_hangs(self) -> None:
        self._do_it_silently()
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_done_and_gone(self) -> None:
        self._do_it_silently()
        self.answer(502, {})

    def mood_late(self) -> None:
        """What is to be written was kept somewhere, and arrives when nobody waits for its answer any more."""
        if self.writes:
            time.sleep(LONGER_THAN_THE_LEASE)
            self._do_it_silently()
        else:
            super().do_POST()

    def _do_it_silently(self) -> None:
        self.answer = lambda *args, **kwargs: None  # type: ignore[method-assign]
        super().do_POST()
        del self.answer


def witnessed(application: Callable[[Json, Start], Any]) -> Callable[[Json, Start], Any]:
    """The SCIM server, each change of whose users is told to the books."""

    one_at_a_time = Lock()

    def answering(environ: Json, start: Start) -> Any:
        name = str(environ["PATH_INFO"]).rpartition("/")[2]
        if environ["REQUEST_METHOD"] != "PATCH" or name not in USERS:
            return application(environ, start)
        asked = time.time()
        if MOODS.now("states") == "late":
            time.sleep(LONGER_THAN_THE_LEASE)
        with one_at_a_time:
            answer = application(environ, start)
            BOOKS.see("states", USERS[name], "on" if SCIM.required(name) is True else "off", asked=asked)
            return answer

    return answering


if __name__ == "__main__":
    with scim_running() as SCIM, graph_running(Tenant(), TenantHandler) as GRAPH:
        SCIM.application = witnessed(SCIM.application)
        web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        web.daemon_threads = True
        to = {
            "keyed": web.server_port,
            "batches": web.server_port,
            "optional": web.server_port,
            "states": SCIM.port,
            "tenant": GRAPH.port,
            "directory": int(sys.argv[1]),
        }
        lines = {system: Line(system, port, LINES).port for system, port in to.items()}
        GRAPH.port = lines["tenant"]
        print(json.dumps(lines | {"harness": web.server_port}), flush=True)
        web.serve_forever()
