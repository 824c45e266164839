"""A CSV file read line by line: never in memory as a whole, and a broken line never spoils the next one.

A cell cannot hold a line break here, so every line is parsed on its own and a line number is what an editor shows.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from accounts.importing.problems import Problem, shown
from accounts.refusals import Refused, explain

LONGEST_LINE = 16_384  # bytes
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

explain(
    {
        "import-empty": _("%(file)s is empty: the first line has to name the columns."),
        "import-utf-16": _("%(file)s is UTF-16. Save it as “CSV UTF-8” and try again; nothing was changed."),
        "import-heading": _("The first line of %(file)s cannot be read as CSV in UTF-8; nothing was changed."),
        "import-columns-missing": _("%(file)s has no column: %(columns)s. Nothing was changed."),
        "import-columns-unknown": _("%(file)s has a column that is not known: %(columns)s. Nothing was changed."),
        "import-columns-twice": _("%(file)s has a column twice: %(columns)s. Nothing was changed."),
        "import-file-changed": _(
            "%(file)s was changed while it was read. Run the command again when it is complete; no account was changed."
        ),
    }
)


@dataclass(frozen=True)
class Line:
    """One line with content: its cells by column, or why it cannot be taken apart; `read` is the share of the file so far."""

    number: int
    read: float
    cells: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None


@contextmanager
def opened(path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator["CsvFile"]:
    """The CSV file at `path`; Refused unless its first line names all required columns and no unknown one."""
    with path.open("rb") as stream:
        yield CsvFile(path.name, stream, required, optional)


class CsvFile:
    """An open CSV file whose heading has been read."""

    def __init__(self, name: str, stream: BinaryIO, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self.name = name
        self.stream = stream
        self.stamp = self._stamp()
        self.columns = self._heading(required, optional)
        self.start = self.stream.tell()

    def lines(self) -> Iterator[Line]:
        """Every line after the heading that is not blank; can be asked for more than once, Refused if the file has changed."""
        if self._stamp() != self.stamp:
            raise Refused("import-file-changed", file=self.name)
        self.stream.seek(self.start)
        size, read, number = self.stamp[0], self.start, 1
        while raw := self.stream.readline(LONGEST_LINE):
            number += 1
            read += len(raw)
            whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
            if not whole:
                read += self._skip()
            if line := self._line(number, min(read / size, 1.0), raw, whole=whole):
                yield line

    def _line(self, number: int, read: float, raw: bytes, *, whole: bool) -> Line | None:
        if not whole:
            return Line(number, read, problem=Problem("line-long", facts={"most": LONGEST_LINE}))
        try:
            cells = _cells(raw)
        except csv.Error:
            return Line(number, read, problem=Problem("quotes"))
        if not any(cells):
            return None
        if len(cells) != len(self.columns):
            return Line(number, read, problem=Problem("fields", facts={"found": len(cells), "expected": len(self.columns)}))
        return Line(number, read, dict(zip(self.columns, cells, strict=True)))

    def _skip(self) -> int:
        skipped = 0
        while raw := self.stream.readline(LONGEST_LINE):
            skipped += len(raw)
            if raw.endswith(b"\n"):
                break
        return skipped

    def _stamp(self) -> tuple[int, int]:
        status = os.fstat(self.stream.fileno())
        return status.st_size, status.st_mtime_ns

    def _heading(self, required: tuple[str, ...], optional: tuple[str, ...]) -> list[str]:
        raw = self.stream.readline(LONGEST_LINE)
        if raw.startswith(_UTF_16):
            raise Refused("import-utf-16", file=self.name)
        try:
            columns = [cell.strip().lower() for cell in _cells(raw.removeprefix(_BOM))]
        except csv.Error:
            raise Refused("import-heading", file=self.name) from None
        if not any(columns):
            raise Refused("import-empty", file=self.name)
        self._refuse("import-columns-missing", [name for name in required if name not in columns])
        self._refuse("import-columns-unknown", [name for name in columns if name not in required + optional])
        self._refuse("import-columns-twice", sorted({name for name in columns if columns.count(name) > 1}))
        return columns

    def _refuse(self, code: str, columns: list[str]) -> None:
        if columns:
            raise Refused(code, file=self.name, columns=", ".join(f"“{shown(name)}”" for name in columns))


def _cells(raw: bytes) -> list[str]:
    text = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
    return next(csv.reader([text], strict=True), [])
