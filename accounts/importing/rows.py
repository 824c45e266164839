"""From the cells of a line to a row of accounts, or to every reason why it is none."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.importing.cells import clean
from accounts.importing.ids import id_problem
from accounts.importing.problems import Problem, shown
from accounts.importing.reading import CsvFile, Line
from accounts.kinds import AccountKind

REQUIRED = ("common_id", "name_en", "name_ja", "affiliation", "kind", "language", "contact_address")
OPTIONAL = ("status", "initial_password", "leaves_on")
LONGEST = {
    "common_id": 32,
    "name_en": 120,
    "name_ja": 120,
    "affiliation": 32,
    "kind": 16,
    "language": 8,
    "contact_address": 254,
    "status": 16,
    "initial_password": 128,
    "leaves_on": 10,
}
STATUSES = ("active", "left")
KINDS = tuple(AccountKind.values)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What a file says of one account."""

    common_id: str
    name_en: str
    name_ja: str
    affiliation: str
    kind: str
    language: str
    contact_address: str
    status: str = "active"
    initial_password: str = field(default="", repr=False)
    leaves_on: str | None = None  # a day (ISO 8601), or empty for none; None where the file has no such column


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with its row, or with what is wrong; `common_id` is empty when the line does not tell it for sure."""

    line: Line
    common_id: str = ""
    row: AccountRow | None = None
    problems: tuple[Problem, ...] = ()


def judged(file: CsvFile, affiliations: Container[str]) -> Iterator[Judged]:
    """Every line of `file` with its row or its problems; an id counts once, on its first line."""
    lines: dict[str, int] = {}
    for line in file.lines():
        one = judge(line, affiliations)
        if one.common_id and (first := lines.setdefault(one.common_id, line.number)) != line.number:
            twice = Problem("twice", "common_id", {"value": one.common_id, "line": first})
            one = Judged(line, one.common_id, None, (*one.problems, twice))
        yield one


def judge(line: Line, affiliations: Container[str]) -> Judged:
    """One line by itself."""
    if line.problem:
        return Judged(line, problems=(line.problem,))
    cells, problems = clean(line.cells, LONGEST)
    wrong_id = id_problem(cells["common_id"])
    known = "" if wrong_id else cells["common_id"]
    broken = {problem.column for problem in problems}
    problems += [problem for problem in _meanings(cells, wrong_id, affiliations) if problem.column not in broken]
    row = None if problems else AccountRow(**cells | {"status": cells.get("status") or "active"})
    return Judged(line, known, row, tuple(problems))


def _meanings(cells: Mapping[str, str], wrong_id: Problem | None, affiliations: Container[str]) -> Iterator[Problem]:
    if wrong_id:
        yield wrong_id
    if not (cells["name_en"] or cells["name_ja"]):
        yield Problem("nameless")
    yield from _affiliation(cells["affiliation"], affiliations)
    yield from _choice("kind", cells, KINDS)
    yield from _choice("language", cells, [code for code, _ in settings.LANGUAGES])
    if cells.get("status"):
        yield from _choice("status", cells, STATUSES)
    yield from _address(cells["contact_address"])
    yield from _day("leaves_on", cells.get("leaves_on", ""))


def _affiliation(code: str, affiliations: Container[str]) -> Iterator[Problem]:
    if not code:
        yield Problem("empty", "affiliation")
    elif code not in affiliations:
        yield Problem("affiliation-unknown", "affiliation", {"value": shown(code)})


def _choice(column: str, cells: Mapping[str, str], allowed: "list[str] | tuple[str, ...]") -> Iterator[Problem]:
    if not cells[column]:
        yield Problem("empty", column)
    elif cells[column] not in allowed:
        yield Problem("choice", column, {"value": shown(cells[column]), "allowed": ", ".join(allowed)})


def _address(address: str) -> Iterator[Problem]:
    try:
        if address:
            validate_email(address)
    except ValidationError:
        yield Problem("address", "contact_address", {"value": shown(address)})


def _day(column: str, text: str) -> Iterator[Problem]:
    if text and not _is_day(text):
        yield Problem("day", column, {"value": shown(text)})


def _is_day(text: str) -> bool:
    """Whether it is written in the one form that cannot be misread."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
