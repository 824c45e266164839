"""Tables for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from django.http import HttpResponse
from django.utils.timezone import localdate

from audit.spreadsheets import defused


def table_answer(name: str, columns: list[str], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """A file of comma-separated values that every spreadsheet reads and that runs as a formula in none (R-188)."""
    answer = HttpResponse("".join(_lines(columns, rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{localdate().isoformat()}.csv"'
    return answer


def _lines(columns: list[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    yield "\ufeff" + _line(columns)
    for row in rows:
        yield _line([defused(str(cell or "")) for cell in row])


def _line(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
