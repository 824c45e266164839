"""The requirement marker: which test proves which row of `docs/requirements.toml`."""

import tomllib
from pathlib import Path

import pytest

ROWS = Path(__file__).resolve().parents[2] / "docs" / "requirements.toml"


def known_rows() -> dict[str, str]:
    """Every row: its id and what the product must do."""
    return dict(tomllib.loads(ROWS.read_text())["rows"])


def rows_of(item: pytest.Item) -> list[str]:
    """The rows that a test says it proves."""
    return [str(row) for mark in item.iter_markers("covers") for row in mark.args]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail the collection when a test names a row that does not exist."""
    known = known_rows()
    unknown = [f"{item.nodeid} covers {row}" for item in items for row in rows_of(item) if row not in known]
    if unknown:
        raise pytest.UsageError("docs/requirements.toml has no such row:\n  " + "\n  ".join(unknown))
