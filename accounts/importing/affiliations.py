"""Affiliations from a file: unknown codes are added, known ones get the names of the file."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from accounts.importing.cells import clean
from accounts.importing.problems import Problem, shown
from accounts.importing.reading import CsvFile, Line
from accounts.importing.rows import Judged
from accounts.models import Affiliation
from audit.catalogue import EventName
from audit.record import Happening, record_many

NAMES = ("name_en", "name_ja")
REQUIRED = ("code", *NAMES)
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


@transaction.atomic
def store(affiliations: list[Affiliation], *, reason: str) -> None:
    """Add or rename, one event for each that is new or different; nothing is removed."""
    earlier = {one.code: one for one in Affiliation.objects.select_for_update()}
    changed = [(one, before) for one in affiliations if (before := _before(one, earlier.get(one.code))) is not None]
    Affiliation.objects.bulk_create(
        [one for one, _before in changed], update_conflicts=True, unique_fields=["code"], update_fields=list(NAMES)
    )
    record_many((_happening(one, before) for one, before in changed), reason=reason)


def _before(affiliation: Affiliation, earlier: Affiliation | None) -> dict[str, str] | None:
    """The names that change, as they were; None when all is as it was."""
    if earlier is None:
        return {}
    return {name: getattr(earlier, name) for name in NAMES if getattr(earlier, name) != getattr(affiliation, name)} or None


def _happening(affiliation: Affiliation, before: dict[str, str]) -> Happening:
    after = {name: getattr(affiliation, name) for name in before or NAMES}
    return Happening(EventName.AFFILIATION_CHANGED, before=before, after={"affiliation": affiliation.code, **after})


def known(loaded: list[Affiliation]) -> dict[str, int | None]:
    """Codes that accounts may name, with primary keys where they have one already."""
    codes: dict[str, int | None] = {affiliation.code: None for affiliation in loaded}
    return codes | dict(Affiliation.objects.values_list("code", "pk"))
