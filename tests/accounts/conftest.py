"""What the tests of accounts share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.importing.run import Import, Wishes
from tests.accounts.files import Seen, write
from tests.factories import an_affiliation

Importing = Callable[..., tuple[Import, Seen]]


@pytest.fixture
def import_rows(db: None, tmp_path: Path) -> Importing:
    """`import_rows(row, …, strict=True)`: writes a file and imports it; the affiliation "science" exists."""
    an_affiliation("science")

    def run(*rows: dict[str, str], **wishes: object) -> tuple[Import, Seen]:
        seen = Seen()
        job = Import(Wishes(**wishes), seen)  # type: ignore[arg-type]
        job.run(write(tmp_path / "people.csv", *rows))
        return job, seen

    return run
