"""The connected systems of the harness, in a process that nobody kills: what they were told is the oracle.

`keyed` takes one change a request, `batches` several; both know keys and revisions, as a careful receiver does. `states` is an
independent SCIM server, which knows neither. GET /record tells everything; PUT /moods says how requests are to be answered.
"""

import json
import random
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.policies.listening import JsonHandler
from tests.policies.scim_server import scim_running

LONGER_THAN_THE_LEASE = 5.0
Json = dict[str, Any]


class Books:
    """What each system was told, and what it holds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.moods: dict[str, list[str]] = {}
        self.share = 0.0
        self.dice = random.Random(0)
        self.effects: list[Json] = []
        self.answers: dict[tuple[str, str], Json] = {}
        self.holds: dict[tuple[str, str], tuple[str, int]] = {}
        self.requests: dict[str, int] = {}

    def mood(self, system: str) -> str:
        """How this request is answered."""
        with self.lock:
            self.requests[system] = self.requests.get(system, 0) + 1
            moods = self.moods.get(system, [])
            return self.dice.choice(moods) if moods and self.dice.random() < self.share else "fine"

    def apply(self, system: str, change: Json) -> Json:
        """Each key once, never an older revision over a newer one; the same answer to the same key."""
        who = (system, change["account"])
        with self.lock:
            known = self.answers.get((system, change["key"]))
            if known is None:
                if self.holds.get(who, ("", 0))[1] <= change["revision"]:
                    self.holds[who] = change["state"], change["revision"]
                    self.effects.append(change | {"system": system, "at": time.time()})
                state, revision = self.holds[who]
                known = {"account": change["account"], "state": state, "revision": revision}
                self.answers[system, change["key"]] = known
            return known


BOOKS = Books()
USERS: dict[str, str] = {}  # of the SCIM server, by account


@dataclass(frozen=True)
class Told:
    """One request: by which system it was received, and what it says."""

    system: str
    changes: list[Json]
    many: bool

    def apply(self, how_many: int | None = None) -> list[Json]:
        """Apply all of it, or the first so many; the answers."""
        return [BOOKS.apply(self.system, change) for change in self.changes[:how_many]]


class Handler(JsonHandler):
    """One request of the site, or of the harness."""

    def do_GET(self) -> None:  # noqa: N802  the standard library's names
        with BOOKS.lock:
            holds = [[system, account, *held] for (system, account), held in BOOKS.holds.items()]
            record = {"effects": BOOKS.effects, "holds": holds, "requests": BOOKS.requests}
            states = {name: SCIM.required(user) for name, user in USERS.items()}
        self.answer(200, record | {"states": states})

    def do_PUT(self) -> None:  # noqa: N802
        order = json.loads(self.body())
        with BOOKS.lock:
            BOOKS.moods, BOOKS.share = order.get("moods", {}), order.get("share", 1.0)
            BOOKS.dice = random.Random(order.get("seed", 0))
        for name in order.get("users", []):
            USERS[name] = SCIM.add_user(name)
        self.answer(200, {})

    def do_POST(self) -> None:  # noqa: N802
        system, data = self.path.strip("/"), json.loads(self.body())["data"]
        told = Told(system, data.get("changes") or [data], "changes" in data)
        try:
            getattr(self, f"mood_{BOOKS.mood(system).replace('-', '_')}")(told)
        except OSError:
            self.close_connection = True

    def said(self, answers: list[Json], told: Told) -> None:
        if told.many:
            self.answer(200, {"changes": [answer | {"key": one["key"]} for answer, one in zip(answers, told.changes, strict=False)]})
        else:
            self.answer(200 if answers[0]["revision"] == told.changes[0]["revision"] else 409, answers[0])

    def mood_fine(self, told: Told) -> None:
        self.said(told.apply(), told)

    def mood_busy(self, told: Told) -> None:
        self.answer(429, {}, Retry_After="1")

    def mood_busy_until(self, told: Told) -> None:
        self.answer(429, {}, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True))

    def mood_broken(self, told: Told) -> None:
        self.answer(500, {})

    def mood_hangs(self, told: Told) -> None:
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_drips(self, told: Told) -> None:
        over = time.monotonic() + LONGER_THAN_THE_LEASE
        while time.monotonic() < over:
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def mood_done_and_hangs(self, told: Told) -> None:
        told.apply()
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_done_and_gone(self, told: Told) -> None:
        told.apply()
        self.answer(502, {})

    def mood_half(self, told: Told) -> None:
        answers = told.apply((len(told.changes) + 1) // 2)
        if told.many:
            self.said(answers, told)
        else:
            self.answer(500, {})

    def mood_page(self, told: Told) -> None:
        self.answer(200, b"<!doctype html><title>Welcome</title><p>Please sign in.")

    def mood_somebody_else(self, told: Told) -> None:
        self.said([{"account": "9999999999", "state": one["state"], "revision": one["revision"]} for one in told.changes], told)


if __name__ == "__main__":
    with scim_running() as SCIM:
        web = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        web.daemon_threads = True
        print(SCIM.port, flush=True)
        web.serve_forever()
