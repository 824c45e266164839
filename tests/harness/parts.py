"""Which tests belong to which part of a whole run; nobody has to remember a marker."""

import pytest

BROWSER = {"chromium", "stack"}
DATABASE = {"db", "transactional_db", "live_server"}


def _uses_database(item: pytest.Item, names: set[str]) -> bool:
    return bool(names & DATABASE) or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`browser`: asks for the browser or the running site. `database`: differs between databases. One process has the site."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & BROWSER:
            item.add_marker("browser")
        if _uses_database(item, names):
            item.add_marker("database")
        if "stack" in names:
            item.add_marker(pytest.mark.xdist_group("stack"))
