"""`manage.py audit_proof ID`: proof of one event, for use outside; tools/verify_audit.py checks it."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import exporting, proving
from audit.seals.proving import Fault

FAULTS = {
    Fault.RECORD: "is not what was sealed: its record was changed from outside, or another one was put in its place",
    Fault.SEAL: "is in a seal that is not what was signed, or was signed with a key that this site does not know",
    Fault.UNSEALED: "is in no seal, although everything of its time has been sealed: it was put in from outside",
}


class Command(BaseCommand):
    """Prints three or four lines of JSON. Exit code 1 when the event has no seal yet, or is not what was sealed."""

    help = "Print the proof that one event was sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", type=uuid.UUID, help="the id of the event as its page shows it")

    def handle(self, *args: Any, event: uuid.UUID, **options: Any) -> None:
        rows = Event.objects.filter(uid=event).order_by("pk")[:2]
        if not rows:
            raise CommandError(f"There is no event {event}.")
        if len(rows) > 1:
            raise CommandError(f"More than one record has the id {event}: one was put in from outside. Run audit_verify, which names it.")
        seal, fault = proving.standing(rows[0])
        if fault:
            raise CommandError(f"The event {event} {FAULTS[fault]}. Run audit_verify, which names what is false.")
        if seal is None:
            raise CommandError(f"The event {event} is younger than the newest seal. Try again in a few seconds.")
        record(EventName.EVENTS_EXPORTED, after={"event": str(event)})
        for line in exporting.chosen([rows[0].pk]):
            self.stdout.write(line.decode())
