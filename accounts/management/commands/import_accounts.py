"""`manage.py import_accounts FILE.csv`: the accounts of the institution, as its directory has them."""

import gc
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from accounts.importing.missing import SHARE
from accounts.importing.progress import Progress
from accounts.importing.reporting import Reporter, report_file, summary
from accounts.importing.run import Import, Wishes
from accounts.refusals import Refused

SOME_WRONG, INTERRUPTED = 2, 130


class Command(BaseCommand):
    """Ends with 0 when every line was applied, 2 when some were wrong, 1 when nothing was changed."""

    help = "Create, update, mark as left and bring back accounts as a CSV file says (see docs/import.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV in UTF-8 with a heading")
        parser.add_argument("--affiliations", type=Path, metavar="FILE", help="CSV with code,name_en,name_ja to load first")
        parser.add_argument("--dry-run", action="store_true", help="check and count, change nothing")
        parser.add_argument("--strict", action="store_true", help="apply all lines in one transaction, or none if one is wrong")
        parser.add_argument("--mark-missing-as-left", action="store_true", help="imported accounts that the file does not name have left")
        parser.add_argument(
            "--allow-share", type=float, default=SHARE, metavar="PERCENT", help="of the active accounts that may go (%(default)g)"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the wrong lines to this CSV as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; what went wrong is one sentence."""
        wishes = Wishes(
            dry_run=options["dry_run"],
            strict=options["strict"],
            mark_missing=options["mark_missing_as_left"],
            allowed_share=options["allow_share"],
            affiliations=options["affiliations"],
        )
        try:
            with report_file(options["report"]) as report:
                stream = options.get("stderr") or sys.stderr
                self._import(options["file"], wishes, Reporter(Progress(stream, bar=stream.isatty()), report))
        except OSError as error:
            raise CommandError(_("%(file)s: %(why)s.") % {"file": error.filename, "why": error.strerror}) from error

    def _import(self, path: Path, wishes: Wishes, reporter: Reporter) -> None:
        job = Import(wishes, reporter)
        gc.freeze()  # what is loaded by now stays; looking through it again and again would take a fifth of the time
        try:
            job.run(path)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        except KeyboardInterrupt as stop:
            raise CommandError(reporter.stopped(), returncode=INTERRUPTED) from stop
        except DatabaseError as error:
            raise CommandError(f"{error} {reporter.stopped()}") from error
        finally:
            gc.unfreeze()
        done = _("Dry run, nothing was changed: %(what)s.") if wishes.dry_run else _("Done: %(what)s.")
        self.stdout.write(done % {"what": summary(job.tally)})
        if job.findings.wrong:
            raise CommandError(_("Wrong lines, which are not applied: %(lines)d.") % {"lines": job.findings.wrong}, returncode=SOME_WRONG)
