"""What a fault has at hand: the site, the people, its own dice, and what people are about to do."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.oracle import Problems
from tests.faults.people import People
from tests.faults.site import Site

LIVING_SECONDS = 2
DOWN_SECONDS = 2.0
QUIET_SECONDS = 120


@dataclass
class Scene:
    """One round; `found` are broken promises that only this fault can see."""

    site: Site
    people: People
    chance: random.Random
    acts: list[Callable[[], None]]
    found: Problems = field(default_factory=Problems)

    def live(self) -> None:
        """People do what they wanted to, spread over some seconds."""
        self.people.live(self.acts, LIVING_SECONDS)

    def wait(self, least: float, most: float | None = None) -> None:
        """Time passes: so many seconds, or anything between two numbers."""
        self.site.wait(least if most is None else self.chance.uniform(least, most))

    def seed(self) -> int:
        """For the dice of other processes."""
        return self.chance.randrange(10**6)


Fault = Callable[[Scene], None]
