"""`manage.py propagation status|retry`: what waits for which system, and passing on once more what needed a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Min, Q

from policies.clock import database_now
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState
from policies.progress import LATE
from policies.propagation import retry
from policies.systems import resume


class Command(BaseCommand):
    """`status` exits with 1 when something is overdue or needs a person, so that a monitor can call it."""

    help = "Show what is on its way to the connected systems, or pass on again what needed a person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["status", "retry"])
        parser.add_argument("--system", default="", help="Code of one connected system; all of them otherwise.")

    def handle(self, *args: Any, action: str, system: str, **options: Any) -> None:
        systems = ConnectedSystem.objects.filter(code=system) if system else ConnectedSystem.objects.all()
        if not systems.exists():
            raise CommandError(f"There is no connected system {system}.")
        if action == "retry":
            self._retry(list(systems))
        elif not self._status(list(systems)):
            raise SystemExit(1)

    def _status(self, systems: list[ConnectedSystem]) -> bool:
        late = Q(deliveries__state__in=[DeliveryState.WAITING, DeliveryState.SENT], deliveries__due_at__lt=database_now() - LATE)
        waiting = Q(deliveries__state=DeliveryState.WAITING)
        counted = ConnectedSystem.objects.filter(pk__in=[one.pk for one in systems]).annotate(
            waiting=Count("deliveries", filter=waiting),
            sent=Count("deliveries", filter=Q(deliveries__state=DeliveryState.SENT)),
            stuck=Count("deliveries", filter=Q(deliveries__state__in=NEEDS_A_PERSON)),
            late=Count("deliveries", filter=late),
            next_due=Min("deliveries__next_try_at", filter=waiting),
        )
        for one in counted:
            words = f"{one.code}: waiting {one.waiting}, sent {one.sent}, overdue {one.late}, need a person {one.stuck}"
            self.stdout.write(f"{words}{self._remarks(one)}")
        return not any(one.late or one.stuck or one.stopped_reason for one in counted)

    def _remarks(self, one: Any) -> str:
        remarks = f"; next at {one.next_due:%Y-%m-%d %H:%M:%S %Z}" if one.next_due else ""
        if not one.enabled:
            remarks += "; not enabled"
        return remarks + (f"; stopped: {one.stopped_reason}" if one.stopped_reason else "")

    def _retry(self, systems: list[ConnectedSystem]) -> None:
        for system in systems:
            resumed = resume(system, actor=None)
            stuck = list(Delivery.objects.filter(system=system, state__in=NEEDS_A_PERSON).select_related("system"))
            for delivery in stuck:
                retry(delivery, actor=None)
            self.stdout.write(f"{system.code}: {len(stuck)} passed on again{', resumed' if resumed else ''}")
