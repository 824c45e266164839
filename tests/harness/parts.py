"""Which tests belong to which part of a whole run; nobody has to remember a marker.

With several processes, the tests that share a running site stay together, so that no process starts one for a single test.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

BROWSER = {"chromium", "stack"}
DATABASE = {"db", "transactional_db", "live_server"}


def _uses_database(item: pytest.Item, names: set[str]) -> bool:
    return bool(names & DATABASE) or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`browser`: asks for the browser or the running site. `database`: may differ between databases."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & BROWSER:
            item.add_marker("browser")
        if _uses_database(item, names):
            item.add_marker("database")


class OneSiteEach(LoadScopeScheduling):
    """Hands out the tests of the demo as a whole, journeys and faults file by file, everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/demo/"):
            return "tests/demo/"
        return nodeid.partition("::")[0] if nodeid.startswith(("tests/journeys/", "tests/faults/")) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneSiteEach:
    """Used whenever there are several processes."""
    return OneSiteEach(config, log)
