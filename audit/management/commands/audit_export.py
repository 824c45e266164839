"""`manage.py audit_export`: events with their proofs, for tools/verify_audit.py; or as a table for a spreadsheet."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.catalogue import EventName
from audit.record import record
from audit.seals import exporting


class Command(BaseCommand):
    """Streams, so that any number of events fits into memory. That something was exported is an event itself (R-171)."""

    help = "Write events as lines of JSON with proof of each, or as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="must not exist yet")
        parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="csv is for reading and proves nothing")
        parser.add_argument("--account", action="append", default=[], metavar="ID", help="only events on or by this Common ID")
        parser.add_argument("--since", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="this day is exported, too")
        parser.add_argument("--first-seal", type=int, default=1, metavar="N", help="begin with this seal")
        parser.add_argument("--last-seal", type=int, metavar="N", help="end with this seal, and leave out what is not sealed yet")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {key: options[key] for key in ("format", "account", "since", "until", "first_seal", "last_seal") if options[key]}
        record(
            EventName.EVENTS_EXPORTED, after={key: value if isinstance(value, int | list) else str(value) for key, value in asked.items()}
        )
        with _new(options["output"]) as file:
            for line in self._lines(**options):
                file.write(line)
        self.stdout.write(f"Written to {options['output']}.")

    def _lines(self, **options: Any) -> Iterator[bytes]:
        since, until = _midnight(options["since"], 0), _midnight(options["until"], 1)
        filtered = bool(options["account"] or since or until)
        ids = exporting.ids_of(options["account"], since, until)
        if options["format"] == "csv":
            return (line.encode() for line in exporting.table(ids))
        lines = exporting.chosen(ids) if filtered else exporting.whole(options["first_seal"], options["last_seal"])
        return (line + b"\n" for line in lines)


@contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("xb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from None


def _midnight(day: date | None, later: int) -> datetime | None:
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min)) if day else None
