"""`python tools/requirements.py`: every row of docs/requirements.toml with the tests that prove it, and the rows that none proves."""

import contextlib
import io
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = ROOT / "docs" / "requirements.toml"


def known_rows() -> dict[str, str]:
    """Every row: its id and what the product must do."""
    return dict(tomllib.loads(ROWS.read_text())["rows"])


def rows_of(item: pytest.Item) -> list[str]:
    """The rows that a test says it proves."""
    return [str(row) for mark in item.iter_markers("covers") for row in mark.args]


class Proofs:
    """A pytest plug-in that only looks: which test names which row."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note each test once, whatever its parameters."""
        for item in session.items:
            name = item.nodeid.split("[", 1)[0]
            for row in rows_of(item):
                if name not in self.tests[row]:
                    self.tests[row].append(name)


def report(rows: dict[str, str], proofs: dict[str, list[str]]) -> str:
    """The whole list as text."""
    lines = []
    for row, sentence in rows.items():
        lines += [f"{row}  {sentence}", *(f"        {test}" for test in proofs.get(row, []))]
    unproved = [row for row in rows if not proofs.get(row)]
    lines += ["", f"{len(rows) - len(unproved)} of {len(rows)} rows are proved by a test."]
    return "\n".join([*lines, f"No test proves: {' '.join(unproved)}"] if unproved else lines)


def main() -> int:
    """Collect every test, run none, print the list."""
    proofs, said = Proofs(), io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", str(ROOT / "tests")], plugins=[proofs])
    if code:
        print(said.getvalue(), "The tests cannot be collected.", sep="\n")
        return 1
    print(report(known_rows(), proofs.tests))
    return 0


if __name__ == "__main__":
    sys.exit(main())
