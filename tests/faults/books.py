"""What each connected system was told and what it holds: the oracle's own record, in the process that nobody kills."""

import random
import threading
import time
from typing import Any

Json = dict[str, Any]


class Books:
    """`effects` are changes by key and revision; `turns` are changes of a state in systems that know neither."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.effects: list[Json] = []
        self.turns: list[Json] = []
        self.answers: dict[tuple[str, str], Json] = {}
        self.holds: dict[tuple[str, str], tuple[str, int]] = {}
        self.stands: dict[tuple[str, str], str] = {}
        self.requests: dict[str, int] = {}

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

    def see(self, system: str, account: str, state: str, *, asked: float) -> None:
        """A system holds this state now, for it was `asked` for; noted when it is another one than before."""
        with self.lock:
            if self.stands.get((system, account), "off") != state:
                self.stands[system, account] = state
                self.turns.append({"system": system, "account": account, "state": state, "asked": asked, "at": time.time()})

    def record(self) -> Json:
        """Everything, for the oracle."""
        with self.lock:
            holds = [[system, account, state] for (system, account), (state, _revision) in self.holds.items()]
            holds += [[system, account, state] for (system, account), state in self.stands.items()]
            return {"effects": [*self.effects], "turns": [*self.turns], "holds": holds, "requests": {**self.requests}}


class Moods:
    """How requests to a system are to be answered, or its lines behave: one of these with this probability, otherwise well."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted: dict[str, list[str]] = {}
        self.share = 0.0
        self.dice = random.Random(0)

    def order(self, wanted: dict[str, list[str]], *, share: float, seed: int) -> None:
        """From now on."""
        with self.lock:
            self.wanted, self.share, self.dice = wanted, share, random.Random(seed)

    def now(self, system: str) -> str:
        """For one request, or one connection."""
        with self.lock:
            wanted = self.wanted.get(system, [])
            return self.dice.choice(wanted) if wanted and self.dice.random() < self.share else "fine"

    def chance(self, least: int, most: int) -> int:
        """A number within these."""
        with self.lock:
            return self.dice.randint(least, most)
