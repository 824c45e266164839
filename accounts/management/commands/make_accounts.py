"""`manage.py make_accounts N`: an import file of invented people."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.synthetic import write_affiliations, write_people


class Command(BaseCommand):
    """The same file for the same seed, whatever its size; never import its passwords where strangers can sign in."""

    help = "Write a CSV of invented accounts for import_accounts."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, help="how many")
        parser.add_argument("--seed", type=int, default=1, help="another number makes other people (%(default)s)")
        parser.add_argument("--password-for", type=int, default=0, metavar="K", help="give the first K a password")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of printing")
        parser.add_argument("--affiliations", type=Path, metavar="FILE", help="write their affiliations there as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write row by row, so that any size fits into memory."""
        try:
            if options["affiliations"]:
                with options["affiliations"].open("w", encoding="utf-8") as stream:
                    write_affiliations(stream)
            plain = nullcontext(options.get("stdout") or sys.stdout)
            with options["output"].open("w", encoding="utf-8") if options["output"] else plain as stream:
                write_people(stream, options["count"], seed=options["seed"], passwords=options["password_for"])
        except OSError as error:
            raise CommandError(f"{error.filename or 'output'}: {error.strerror}.") from error
