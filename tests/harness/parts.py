"""Which tests belong to which part of a whole run; nobody has to remember a marker.

With several processes, the tests that share a running site stay together, so that no process starts one for a single test.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

BROWSER = {"chromium", "stack"}
CASES = 6  # of a test that uses the database run everywhere; the others only with PostgreSQL
DATABASE = {"db", "transactional_db", "live_server"}


def _uses_database(item: pytest.Item, names: set[str]) -> bool:
    return bool(names & DATABASE) or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`browser`: asks for the browser or the running site. `database`: may differ between databases. `further_case`: one of very many."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & BROWSER:
            item.add_marker("browser")
        if _uses_database(item, names):
            item.add_marker("database")
    for further in further_cases(item for item in items if item.get_closest_marker("database")):
        further.add_marker("further_case")


def further_cases(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Of a test with many cases those that are not among a few from its first to its last."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    for together in cases.values():
        kept = {round(place * (len(together) - 1) / (CASES - 1)) for place in range(CASES)}
        yield from (item for number, item in enumerate(together) if number not in kept)


class OneSiteEach(LoadScopeScheduling):
    """Hands out the tests of the demo as a whole, journeys and faults file by file, everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/demo/"):
            return "tests/demo/"
        return nodeid.partition("::")[0] if nodeid.startswith(("tests/journeys/", "tests/faults/")) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneSiteEach:
    """Used whenever there are several processes."""
    return OneSiteEach(config, log)
