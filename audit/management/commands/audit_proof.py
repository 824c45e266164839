"""`manage.py audit_proof ID`: proof of one event, for use outside; tools/verify_audit.py checks it."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import exporting


class Command(BaseCommand):
    """Prints three or four lines of JSON. Exit code 1 when the event has no seal yet."""

    help = "Print the proof that one event was sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", type=uuid.UUID, help="the id of the event as its page shows it")

    def handle(self, *args: Any, event: uuid.UUID, **options: Any) -> None:
        rows = Event.objects.filter(uid=event).order_by("pk").values_list("pk", flat=True)[:2]
        if not rows:
            raise CommandError(f"There is no event {event}.")
        if len(rows) > 1:
            raise CommandError(f"More than one record has the id {event}: one was put in from outside. Run audit_verify, which names it.")
        found = rows[0]
        if exporting.seal_of(found) is None:
            raise CommandError(f"The event {event} is younger than the newest seal. Try again in a few seconds.")
        record(EventName.EVENTS_EXPORTED, after={"event": str(event)})
        for line in exporting.chosen([found]):
            self.stdout.write(line.decode())
