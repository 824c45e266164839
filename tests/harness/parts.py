"""Which tests belong to which part of a whole run; nobody has to remember a marker.

With several processes, the tests that share a running site stay in one of them, so that it is started once.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

WITH_A_SITE = ("tests/demo/", "tests/journeys/")
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
    """Hands out folders with a running site as a whole, everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in WITH_A_SITE if nodeid.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneSiteEach:
    """Used whenever there are several processes."""
    return OneSiteEach(config, log)
