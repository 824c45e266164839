"""Import files for tests: a row is right unless the test says otherwise."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from accounts.importing.rows import REQUIRED, Judged

HANA = "0000000001"


def a_row(common_id: str = HANA, **cells: str) -> dict[str, str]:
    """The cells of a line that can be applied when the affiliation "science" exists."""
    return {
        "common_id": common_id,
        "name_en": "Hana Sato",
        "name_ja": "佐藤 花",
        "affiliation": "science",
        "kind": "student",
        "language": "ja",
        "contact_address": f"{common_id}@mail.example.com",
    } | cells


def write(path: Path, *rows: dict[str, str]) -> Path:
    """A file with these rows and the columns that any of them has."""
    columns = list(dict.fromkeys([*REQUIRED, *(column for row in rows for column in row)]))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@dataclass
class Seen:
    """Remembers what a run told: wrong lines by number, with the codes of their problems."""

    lines: dict[int, list[str]] = field(default_factory=dict)
    told: list[tuple[str, int]] = field(default_factory=list)

    def wrong(self, file: str, judged: Judged) -> None:
        self.lines[judged.line.number] = [problem.code for problem in judged.problems]

    def moved(self, stage: str, share: float, lines: int) -> None:
        self.told.append((stage, lines))

    def applied(self, tally: Counter[str], *, kept: bool) -> None:
        self.told.append(("applied", tally.total()))
