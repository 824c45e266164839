"""The connected systems of the harness, in a process that nobody kills: what they were told is the oracle.

`keyed` takes one change a request, `batches` several; both know keys and revisions, as a careful receiver does. `states` is an
independent SCIM server, which knows neither. GET /record tells everything; PUT /moods says how requests are to be answered.
"""

import json
import random
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.policies.listening import JsonHandler  # noqa: E402
from tests.policies.scim_server import scim_running  # noqa: E402

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


class Handler(JsonHandler):
    """One request of the site, or of the harness."""

    def do_GET(self) -> None:
        with BOOKS.lock:
            holds = [[system, account, *held] for (system, account), held in BOOKS.holds.items()]
            record = {"effects": BOOKS.effects, "holds": holds, "requests": BOOKS.requests}
            states = {name: SCIM.required(user) for name, user in USERS.items()}
        self.answer(200, record | {"states": states})

    def do_PUT(self) -> None:
        order = json.loads(self.body())
        with BOOKS.lock:
            BOOKS.moods, BOOKS.share = order.get("moods", {}), order.get("share", 1.0)
            BOOKS.dice = random.Random(order.get("seed", 0))
        for name in order.get("users", []):
            USERS[name] = SCIM.add_user(name)
        self.answer(200, {})

    def do_POST(self) -> None:
        system, told = self.path.strip("/"), json.loads(self.body())["data"]
        changes = told.get("changes") or [told]
        try:
            getattr(self, f"mood_{BOOKS.mood(system).replace('-', '_')}")(system, changes, "changes" in told)
        except OSError:
            self.close_connection = True

    def said(self, answers: list[Json], changes: list[Json], *, many: bool) -> None:
        if many:
            self.answer(200, {"changes": [answer | {"key": change["key"]} for answer, change in zip(answers, changes, strict=False)]})
        else:
            self.answer(200 if answers[0]["revision"] == changes[0]["revision"] else 409, answers[0])

    def mood_fine(self, system: str, changes: list[Json], many: bool) -> None:
        self.said([BOOKS.apply(system, change) for change in changes], changes, many=many)

    def mood_busy(self, system: str, changes: list[Json], many: bool) -> None:
        self.answer(429, {}, Retry_After="1")

    def mood_busy_until(self, system: str, changes: list[Json], many: bool) -> None:
        self.answer(429, {}, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True))

    def mood_broken(self, system: str, changes: list[Json], many: bool) -> None:
        self.answer(500, {})

    def mood_hangs(self, system: str, changes: list[Json], many: bool) -> None:
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_drips(self, system: str, changes: list[Json], many: bool) -> None:
        over = time.monotonic() + LONGER_THAN_THE_LEASE
        while time.monotonic() < over:
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def mood_done_and_hangs(self, system: str, changes: list[Json], many: bool) -> None:
        for change in changes:
            BOOKS.apply(system, change)
        time.sleep(LONGER_THAN_THE_LEASE)

    def mood_done_and_gone(self, system: str, changes: list[Json], many: bool) -> None:
        for change in changes:
            BOOKS.apply(system, change)
        self.answer(502, {})

    def mood_half(self, system: str, changes: list[Json], many: bool) -> None:
        half = changes[: (len(changes) + 1) // 2]
        answers = [BOOKS.apply(system, change) for change in half]
        if many:
            self.said(answers, half, many=True)
        else:
            self.answer(500, {})

    def mood_page(self, system: str, changes: list[Json], many: bool) -> None:
        self.answer(200, b"<!doctype html><title>Welcome</title><p>Please sign in.")

    def mood_somebody_else(self, system: str, changes: list[Json], many: bool) -> None:
        others = [{"account": "9999999999", "state": change["state"], "revision": change["revision"]} for change in changes]
        self.said(others, changes, many=many)


if __name__ == "__main__":
    with scim_running() as SCIM:
        web = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        web.daemon_threads = True
        print(SCIM.port, flush=True)
        web.serve_forever()
