"""Affiliations from a file: unknown codes are added, known ones get the names of the file."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from accounts.importing.cells import clean
from accounts.importing.problems import Problem, shown
from accounts.importing.reading import CsvFile, Line
from accounts.importing.rows import Judged
from accounts.models import Affiliation

REQUIRED = ("code", "name_en", "name_ja")
LONGEST = {"code": 32, "name_en": 120, "name_ja": 120}


def judged_affiliations(file: CsvFile) -> Iterator[tuple[Judged, Affiliation | None]]:
    """Every line of `file` with its affiliation or with what is wrong."""
    lines: dict[str, int] = {}
    for line in file.lines():
        cells, problems = _read(line)
        code = cells.get("code", "")
        if (first := lines.setdefault(code, line.number)) != line.number and code:
            problems.append(Problem("twice", "code", {"value": shown(code), "line": first}))
        yield Judged(line, problems=tuple(problems)), None if problems else Affiliation(**cells)


def _read(line: Line) -> tuple[dict[str, str], list[Problem]]:
    if line.problem:
        return {}, [line.problem]
    cells, problems = clean(line.cells, LONGEST)
    broken = {problem.column for problem in problems}
    problems += [Problem("empty", column) for column in REQUIRED if not cells[column]]
    try:
        validate_slug(cells["code"] or "-")
    except ValidationError:
        if "code" not in broken:
            problems.append(Problem("affiliation-code", "code", {"value": shown(cells["code"])}))
    return cells, problems


def store(affiliations: list[Affiliation]) -> None:
    """Add or rename; nothing is removed."""
    Affiliation.objects.bulk_create(affiliations, update_conflicts=True, unique_fields=["code"], update_fields=["name_en", "name_ja"])


def known(loaded: list[Affiliation]) -> dict[str, int | None]:
    """Codes that accounts may name, with primary keys where they have one already."""
    codes: dict[str, int | None] = {affiliation.code: None for affiliation in loaded}
    return codes | dict(Affiliation.objects.values_list("code", "pk"))
