"""Rounds: people live, something breaks, all becomes quiet, the oracle is asked."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import connection

from audit.models import Event
from policies.models import Delivery
from tests.faults.faults import FAULTS
from tests.faults.oracle import Problems, Promised, is_quiet, judge
from tests.faults.orders import forget_orders
from tests.faults.people import People
from tests.faults.scene import QUIET_SECONDS, Scene
from tests.faults.site import NotInTime, Site
from tests.faults.turns import story


@dataclass(frozen=True)
class Result:
    """What one round showed; `broken` counts the promises that were, `reached` how often a named point was.

    `repeated` counts how often a system that knows no revisions held an older state and was told the newest again; `story` tells of each
    account whose turns were not as they should be.
    """

    fault: str
    seed: int
    seconds: float
    deliveries: int
    repeated: int
    kills: int
    reached: int
    broken: dict[str, int]
    story: list[str]

    def line(self) -> str:
        """As it is printed."""
        said = ", ".join(f"{what}: {times}" for what, times in self.broken.items()) or "nothing broken"
        figures = f"{self.deliveries:>4} deliveries {self.kills:>3} killed"
        reached = f", named point reached {self.reached} times" if self.reached else ""
        again = f", {self.repeated} told again" if self.repeated else ""
        return f"{self.fault:<29} seed {self.seed:<8} {self.seconds:>6.1f} s {figures}  {said}{reached}{again}"

    def facts(self) -> dict[str, object]:
        """For whoever reads it by machine."""
        return asdict(self)


def rounds(site: Site, names: Sequence[str], how_many: int, seed: int) -> Iterable[Result]:
    """One result after another; a round begins when the one before has become quiet."""
    people = People(site, random.Random(seed))
    people.arrive()
    known = Problems()
    for number, name in [(0, "nothing"), *((number, name) for number in range(how_many) for name in names or FAULTS)]:
        yield one_round(site, people, name, seed + number, known)


def one_round(site: Site, people: People, name: str, seed: int, known: Problems) -> Result:
    """The dice of a round are its own, so that the seed repeats it. The oracle looks at everything; `known` is what it found before."""
    chance = people.chance = random.Random(f"{name} {seed}")
    scene, began, kills = Scene(site, people, chance, people.prepare()), time.monotonic(), site.kills
    deliveries, repeated = Delivery.objects.count(), _repeated()
    try:
        FAULTS[name](scene)
        connection.close()
        site.eventually("quiet", is_quiet, QUIET_SECONDS)
    except NotInTime as late:
        scene.found[f"not quiet: {late}"] = 1
    site.moods()
    reached = Counter(forget_orders())
    told = site.record()
    judged = judge(told, Promised(people.accepted, people.told, site.moved))
    found = scene.found + (judged - known)
    known |= judged
    seconds = round(time.monotonic() - began, 1)
    figures = Delivery.objects.count() - deliveries, _repeated() - repeated, site.kills - kills + reached["dies"], reached.total()
    return Result(name, seed, seconds, *figures, dict(+found), list(story(told, site.moved)) if found else [])


def _repeated() -> int:
    return Event.objects.filter(name="delivery:repeated").count()
