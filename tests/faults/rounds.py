"""Rounds: people live, something breaks, all becomes quiet, the oracle is asked."""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import connection

from tests.faults.faults import FAULTS
from tests.faults.oracle import is_quiet, judge
from tests.faults.people import People
from tests.faults.site import NotInTime, Site

QUIET_SECONDS = 120
LIVING_SECONDS = 2


@dataclass(frozen=True)
class Result:
    """What one round showed; `broken` counts the promises that were, `reached` how often a hook point was."""

    fault: str
    seed: int
    seconds: float
    reached: int
    broken: dict[str, int]

    def line(self) -> str:
        """As it is printed."""
        said = ", ".join(f"{what}: {times}" for what, times in self.broken.items()) or "nothing broken"
        reached = f", hook point reached {self.reached} times" if self.reached else ""
        return f"{self.fault:<28} seed {self.seed:<8} {self.seconds:>6.1f} s  {said}{reached}"

    def facts(self) -> dict[str, object]:
        """For whoever reads it by machine."""
        return asdict(self)


def rounds(site: Site, names: Sequence[str], how_many: int, seed: int) -> Iterable[Result]:
    """One result after another; a round begins when the one before has become quiet."""
    people = People(site, random.Random(seed))
    people.arrive()
    yield one_round(site, people, "nothing", seed)
    for number in range(how_many):
        for name in names or list(FAULTS):
            yield one_round(site, people, name, seed + number)


def one_round(site: Site, people: People, name: str, seed: int) -> Result:
    """The dice of a round are its own, so that the seed repeats it."""
    chance = people.chance = random.Random(f"{name} {seed}")
    acts, began = people.prepare(), time.monotonic()
    FAULTS[name](site, people, chance, lambda: people.live(acts, LIVING_SECONDS))
    connection.close()
    broken = {}
    try:
        site.eventually("quiet", is_quiet, QUIET_SECONDS)
    except NotInTime:
        broken["not quiet"] = 1
    reached = site.forget_orders()
    return Result(name, seed, round(time.monotonic() - began, 1), reached, broken | dict(judge(site, people)))
