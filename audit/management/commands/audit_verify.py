"""`manage.py audit_verify`: whether any event was altered, removed, inserted, swapped or cut off since it was sealed."""

import os
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, DataError, InterfaceError

from audit.seals import retirements, verifying
from audit.seals.chain import Chain
from audit.seals.findings import Finding
from audit.seals.keys import public_keys
from audit.seals.names import own_names_only

WIDTH = 30
NO_EVENT = (DataError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
NO_DATABASE = (DatabaseError, InterfaceError)
NO_ROOM = (BrokenExecutor, MemoryError, OSError)


class Command(BaseCommand):
    """Exit code 0 when everything is as sealed, 1 when something is not, 2 when that could not be found out. Ctrl-C stops it."""

    help = "Check every event against its seal, and the seals against heads that left this host."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", type=Path, action="append", default=[], metavar="PATH", help="a published head, or a folder of them")
        parser.add_argument("--all", action="store_true", help="go on after the first bad row and name all of them")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many to use (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with own_names_only():
                self._verify(**options)
        except KeyboardInterrupt:
            self.stderr.write("\nStopped; nothing was found out about the rest.")
            raise SystemExit(130) from None
        except NO_EVENT as error:
            self._say(
                [Finding(0, 0, "altered", f"something stands in the tables of the audit that this site never writes: {error!r:.200}")]
            )
            raise SystemExit(1) from None
        except (*NO_DATABASE, *NO_ROOM) as error:
            raise CommandError(_not_found_out(error), returncode=2) from None

    def _verify(self, *, heads: list[Path], processes: int, **options: Any) -> None:
        kept = self._published(heads)
        chain = verifying.check_heads(kept)
        findings = self._events(chain, processes=processes, stop=not options["all"])
        if chain.finding:
            findings.append(chain.finding)
        findings = sorted(findings + verifying.duplicates() + verifying.underived() + self._retirements())
        self._say_what_was_checked(chain, len(kept))
        if findings:
            self._say(findings if options["all"] else findings[:1])
            raise SystemExit(1)
        if chain.newest is None:
            raise SystemExit(2)
        self.stdout.write(self.style.SUCCESS("Nothing was altered, removed, inserted, swapped or cut off."))

    def _published(self, paths: list[Path]) -> list[Any]:
        folder = Path(settings.MFA_HEADS_FOLDER) if settings.MFA_HEADS_FOLDER else None
        try:
            found = verifying.published(paths or ([folder] if folder and folder.is_dir() else []))
        except (OSError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from None
        if paths and not found:
            raise CommandError("There is no head in what was given as --heads.", returncode=2)
        return found

    def _events(self, chain: Chain, *, processes: int, stop: bool) -> list[Finding]:
        total = chain.newest.statement.last if chain.newest else 0
        findings, done, began = list[Finding](), 0, time.monotonic()
        for result in verifying.check_events(chain.sound, processes=processes):
            done += result.checked
            self._progress(done, total, time.monotonic() - began)
            findings += result.findings
            if findings and stop:
                break
        return findings

    def _retirements(self) -> list[Finding]:
        found = []
        for row, finding in retirements.walk(public_keys()):
            since = f"on {row.retired_at:%Y-%m-%d}, all of them sealed before {row.older_than:%Y-%m-%d}"
            self.stdout.write(f"{row.count:,} events were removed under the rule “{row.rule}” {since}: statement {row.number}.")
            found += [finding] if finding else []
        return found + list(retirements.untold())

    def _progress(self, done: int, total: int, seconds: float) -> None:
        if sys.stderr.isatty() or done == total:
            bar = "#" * (WIDTH * done // max(total, 1))
            rate = done / max(seconds, 0.001)
            self.stderr.write(
                f"\r[{bar:<{WIDTH}}] {done:,} of {total:,} events, {rate:,.0f} a second", ending="\n" if done == total else ""
            )

    def _say_what_was_checked(self, chain: Chain, heads: int) -> None:
        said = chain.newest.statement if chain.newest else None
        if said:
            moment = f"{said.sealed_at:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(
                f"{said.number:,} seals with {said.last:,} events, the newest of {moment}; compared with {heads:,} published heads."
            )
        else:
            self.stdout.write("There is no seal that could vouch for anything.")
        if not heads:
            self.stdout.write(
                "No published head was given (--heads): what was cut off at the end, or rewritten as a whole, would not show."
            )
        young = verifying.young()
        if young.count:
            since = f"the first, id {young.first_id}, of {young.since:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"{young.count:,} events are younger than the newest seal, and nothing vouches for them yet: {since}.")

    def _say(self, findings: list[Finding]) -> None:
        self.stdout.write(self.style.ERROR(f"First bad row: {findings[0]}"))
        for finding in findings[1:]:
            self.stdout.write(self.style.ERROR(f"Also: {finding}"))


def _not_found_out(error: BaseException) -> str:
    """What broke off says nothing about the events; what to do about it."""
    way_out = (
        "Memory was short, or a process was ended from outside: start again with --processes 1, which takes the least."
        if isinstance(error, NO_ROOM)
        else "See that the database runs, that DATABASE_URL names it and that migrate has run, and start again."
    )
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"Whether anything was altered could not be found out ({said[:300]}). {way_out}"
