"""The requirement marker: which test proves which row of `docs/requirements.toml`."""

import pytest

from tools.requirements import known_rows, rows_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail the collection when a test names a row that does not exist."""
    known = known_rows()
    unknown = [f"{item.nodeid} covers {row}" for item in items for row in rows_of(item) if row not in known]
    if unknown:
        raise pytest.UsageError("docs/requirements.toml has no such row:\n  " + "\n  ".join(unknown))
