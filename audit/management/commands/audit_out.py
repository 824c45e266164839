"""`manage.py audit_out`: how far each collector of events is, and from where it goes on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.models import Collector, Seal
from audit.out import sending, stream


class Command(BaseCommand):
    help = "Lists the collectors of events with how far they are. --from sends a collector everything again from this event on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--collector", help="Name of the collector, as the list has it.")
        parser.add_argument("--from", dest="number", type=int, help="Number of the event to go on from; 1 is the first of all.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["number"] is not None:
            self._go_back(options["collector"] or "", options["number"])
        newest = stream.newest().number
        known = Collector.objects.in_bulk()
        for way in sending.ways():
            one = known.get(way.name)
            state = "has not begun" if one is None else f"{newest - one.number} of {newest} to go"
            self.stdout.write(
                f"{way.name}: {state}{f'; failing since {one.failing_since}: {one.problem}' if one and one.failing_since else ''}"
            )

    def _go_back(self, name: str, number: int) -> None:
        if name not in {way.name for way in sending.ways()}:
            raise CommandError(f"No setting names a collector {name or '(none given)'}.")
        if number < 1:
            raise CommandError("The first event has the number 1.")
        seal = Seal.objects.filter(first__lte=number).order_by("-number").values_list("number", flat=True).first() or 0
        place = {"seal": seal, "number": number - 1, "lease_until": None, "next_try_at": None}
        Collector.objects.update_or_create(name=name, defaults=place)
