"""Tells a person at a terminal, and if wanted a file, what an import found and did."""

import csv
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from accounts.importing.progress import Progress
from accounts.importing.rows import Judged
from audit.spreadsheets import defused

COLUMNS = ("file", "line", "common_id", "column", "reason")


class Reporter:
    """Follows a run: wrong lines at once, progress, and how much has been written so far."""

    def __init__(self, progress: Progress, report: TextIO | None) -> None:
        self.progress = progress
        self.tally: Counter[str] = Counter()
        self.kept = False
        self.report = csv.writer(report) if report else None
        if self.report:
            self.report.writerow(COLUMNS)

    def wrong(self, file: str, judged: Judged) -> None:
        """One line on the terminal, one row for each reason in the report."""
        line = judged.line.number
        reasons = " ".join(problem.sentence for problem in judged.problems)
        self.progress.say(_("%(file)s, line %(line)d: %(reasons)s") % {"file": file, "line": line, "reasons": reasons})
        if self.report:
            for problem in judged.problems:
                cells = (file, str(line), judged.common_id, problem.column, problem.sentence)
                self.report.writerow([defused(cell) for cell in cells])

    def moved(self, stage: str, share: float, lines: int) -> None:
        """Draw the bar."""
        self.progress.show({"check": _("Checking"), "apply": _("Applying")}[stage], share, lines)

    def applied(self, tally: Counter[str], *, kept: bool) -> None:
        """Remember what a stop would leave behind."""
        self.tally, self.kept = tally, kept

    def stopped(self) -> str:
        """What somebody who pressed Ctrl-C needs to know."""
        if not (self.kept and self.tally):
            return _("Stopped. Nothing was changed.")
        return _("Stopped. %(what)s: this stays. Run the same command again to do the rest.") % {"what": summary(self.tally)}


def summary(tally: Counter[str]) -> str:
    """The counts of a run in one sentence without an end."""
    return _("%(created)d created, %(updated)d updated, %(left)d left, %(returned)d returned, %(unchanged)d unchanged") % {
        name: tally[name] for name in ("created", "updated", "left", "returned", "unchanged")
    }


def report_file(path: Path | None) -> AbstractContextManager[TextIO | None]:
    """The opened report, with the mark that makes spreadsheets read it as UTF-8; nothing without a path."""
    return path.open("w", encoding="utf-8-sig", newline="") if path else nullcontext()
