"""One import from beginning to end: the whole file is checked first, then applied batch by batch."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.importing import affiliations, rows
from accounts.importing.alone import all_or_nothing, alone
from accounts.importing.applying import BATCH, Applying, batches
from accounts.importing.missing import SHARE, Missing, missing_from, named_as_left, refuse_too_many
from accounts.importing.reading import CsvFile, opened
from accounts.importing.rows import Judged
from accounts.models import Affiliation
from accounts.refusals import Refused, explain

explain({"import-strict": _("Wrong lines: %(lines)d. Nothing was changed (--strict).")})


class Watcher(Protocol):
    """Whoever follows a run: a terminal, a log, a test."""

    def wrong(self, file: str, judged: Judged) -> None:
        """A line will not be applied."""

    def moved(self, stage: str, share: float, lines: int) -> None:
        """So much of a stage is done; `share` of 1."""

    def applied(self, tally: Counter[str], *, kept: bool) -> None:
        """So much has been written since the beginning; `kept` when a stop would not undo it."""


@dataclass(frozen=True)
class Wishes:
    """How a file is to be imported; `allowed_share` in percent."""

    dry_run: bool = False
    strict: bool = False
    mark_missing: bool = False
    allowed_share: float = SHARE
    affiliations: Path | None = None


@dataclass
class Findings:
    """What the check of a whole file found."""

    lines: int = 0
    wrong: int = 0
    unnamed: int = 0
    named: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


@dataclass
class Import:
    """One run; `tally` counts what it did, or in a dry run would do."""

    wishes: Wishes
    watcher: Watcher
    findings: Findings = field(default_factory=Findings)
    tally: Counter[str] = field(default_factory=Counter)

    def run(self, path: Path) -> None:
        """Check and apply the file at `path`; Refused, with nothing changed, when it must not be applied."""
        with alone(), opened(path, rows.REQUIRED, rows.OPTIONAL) as file:
            loaded = self._affiliations()
            self._check(file, affiliations.known(loaded))
            missing = self._missing()
            if self.findings.wrong and self.wishes.strict:
                raise Refused("import-strict", lines=self.findings.wrong)
            with all_or_nothing() if self.wishes.strict else nullcontext():
                self._apply(file, loaded, missing)

    def _affiliations(self) -> list[Affiliation]:
        loaded: list[Affiliation] = []
        if self.wishes.affiliations:
            with opened(self.wishes.affiliations, affiliations.REQUIRED) as file:
                for judged, affiliation in affiliations.judged_affiliations(file):
                    self._note(file, judged)
                    loaded += [affiliation] if affiliation else []
        return loaded

    def _check(self, file: CsvFile, codes: dict[str, int | None]) -> None:
        found = self.findings
        self.watcher.moved("check", 0.0, 0)
        for judged in rows.judged(file, codes):
            self._note(file, judged)
            found.lines += 1
            found.named.add(judged.common_id)
            found.unnamed += not judged.common_id
            if judged.row and judged.row.status == "left":
                found.left.append(judged.common_id)
            if found.lines % BATCH == 0:
                self.watcher.moved("check", judged.line.read, found.lines)
        self.watcher.moved("check", 1.0, found.lines)

    def _note(self, file: CsvFile, judged: Judged) -> None:
        if judged.problems:
            self.findings.wrong += 1
            self.watcher.wrong(file.name, judged)

    def _missing(self) -> Missing:
        if self.wishes.mark_missing and self.findings.unnamed:
            raise Refused("import-ids-unreadable", lines=self.findings.unnamed)
        missing = missing_from(self.findings.named) if self.wishes.mark_missing else Missing([], 0)
        refuse_too_many(missing, named_as_left(self.findings.left), self.wishes.allowed_share)
        return missing

    def _apply(self, file: CsvFile, loaded: list[Affiliation], missing: Missing) -> None:
        if self.wishes.affiliations and not self.wishes.dry_run:
            affiliations.store(loaded, reason=f"import {self.wishes.affiliations.name}")
        applying = Applying(affiliations.known(loaded), timezone.now(), f"import {file.name}")
        good = (judged for judged in rows.judged(file, applying.affiliations) if judged.row)
        done = 0
        self.watcher.moved("apply", 0.0, done)
        for batch in batches(good):
            accepted = [judged.row for judged in batch if judged.row]
            self._count(applying.preview(accepted) if self.wishes.dry_run else applying.apply(accepted))
            done += len(batch)
            self.watcher.moved("apply", batch[-1].line.read, done)
        self.watcher.moved("apply", 1.0, done)
        self._mark_missing(applying, missing)

    def _mark_missing(self, applying: Applying, missing: Missing) -> None:
        for start in range(0, len(missing.keys), BATCH):
            keys = missing.keys[start : start + BATCH]
            left = len(keys) if self.wishes.dry_run else applying.mark_as_left(keys)
            self._count(Counter(left=left))

    def _count(self, tally: Counter[str]) -> None:
        self.tally += tally
        self.watcher.applied(self.tally, kept=not (self.wishes.dry_run or self.wishes.strict))
