"""`manage.py propagation status|retry|reconcile|restore`: what waits, passing on again, what the systems hold, and after a restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Min, Q
from django.db.models.functions import Greatest

from accounts.refusals import Refused
from policies.clock import database_now
from policies.connectors.base import Failure
from policies.connectors.sentences import BY_HAND
from policies.homes import home
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState
from policies.progress import LATE
from policies.propagation import retry
from policies.queues import late_by
from policies.reconciling import Report, compare, repair
from policies.restoring import confirm_site, look_around, not_compared
from policies.systems import resume

SHOWN = 20


class Command(BaseCommand):
    """`status` and `reconcile` exit with 1 when something is not as it should be, so that a monitor can call them."""

    help = "Show what is on its way to the connected systems, pass on again what needed a person, or compare what the systems hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["status", "retry", "reconcile", "restore"])
        parser.add_argument("--system", default="", help="Code of one connected system; all of them otherwise.")
        parser.add_argument("--apply", action="store_true", help="reconcile: have what differs told again.")
        parser.add_argument("--all", action="store_true", help=f"reconcile: list every account that differs, not only {SHOWN}.")
        parser.add_argument("--confirm", action="store_true", help="restore: this is the site from now on; pass changes on again.")
        parser.add_argument("--reason", default="", help="restore: why it is confirmed.")
        parser.add_argument("--cap", type=int, default=100, help="reconcile: repair nothing in a system that differs on more accounts.")

    def handle(self, *args: Any, action: str, system: str, **options: Any) -> None:
        systems = ConnectedSystem.objects.filter(code=system) if system else ConnectedSystem.objects.all()
        if not systems.exists():
            raise CommandError(f"There is no connected system {system}.")
        if action == "restore":
            fine = [self._restore(confirm=options["confirm"], reason=options["reason"])]
        elif action == "retry":
            self._retry(list(systems))
            return
        elif action == "reconcile":
            cap = options["cap"] if options["apply"] else None
            fine = [self._reconcile(one, cap=cap, asked_for=bool(system), everybody=options["all"]) for one in systems]
        else:
            fine = [self._status(list(systems))]
        if not all(fine):
            raise SystemExit(1)

    def _restore(self, *, confirm: bool, reason: str) -> bool:
        """Say whether anything is sent; with `confirm`, that this is the site from now on."""
        look_around()
        if confirm:
            if not reason.strip():
                raise CommandError("Say why with --reason; it is recorded.")
            try:
                confirm_site(actor=None, reason=reason)
            except Refused as refusal:
                raise CommandError(str(refusal.sentence)) from None
        row = home()
        if row.unsure_since is None:
            self.stdout.write("Changes are passed on: the database is where it was, and nothing is missing.")
            return True
        self.stdout.write(f"Nothing is sent since {row.unsure_since:%Y-%m-%d %H:%M:%S %Z}: {row.why}, {row.missing} events missing.")
        waiting = ", ".join(system.code for system in not_compared())
        self.stdout.write(f"Not compared yet: {waiting} (propagation reconcile)." if waiting else "Every system was compared.")
        return False

    def _reconcile(self, system: ConnectedSystem, *, cap: int | None, asked_for: bool, everybody: bool) -> bool:
        """Compare one system, and repair when there is a cap. To one that is not enabled nobody speaks, which is a fault where it was named."""
        if not system.enabled:
            self.stdout.write(f"{system.code}: not enabled, not compared")
            return not asked_for
        try:
            report = compare(system)
        except Failure as failure:
            self.stdout.write(f"{system.code}: not compared: {failure.why}")
            return False
        found = f"compared {report.compared}, differing {len(report.differing)}, unknown there {len(report.unknown)}"
        found += f", using MFA there without an application here {len(report.strangers)}" if report.strangers else ""
        self.stdout.write(f"{system.code}: {found}{self._repaired(report, cap)}")
        lines = [f"{one.account.common_id}: should be {one.desired}, is {one.actual or 'not told'}" for one in report.differing]
        lines += [f"{name}: uses MFA there, without an application here" for name in report.strangers]
        lines += [f"{account.common_id}: should be on, is not known there for certain" for account in report.unknown]
        for line in lines if everybody else lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN and not everybody:
            self.stdout.write(f"  and {len(lines) - SHOWN} more, with --all")
        return not report.drift

    def _repaired(self, report: Report, cap: int | None) -> str:
        if cap is None or not report.differing:
            return ""
        if len(report.differing) > cap:
            return f"; nothing repaired: more than {cap} differ, look at them first, then raise --cap"
        return f"; told again {repair(report, cap=cap)}"

    def _status(self, systems: list[ConnectedSystem]) -> bool:
        under_way = Q(deliveries__state__in=[DeliveryState.WAITING, DeliveryState.SENT], enabled=True)
        waiting = Q(deliveries__state=DeliveryState.WAITING)
        counted = ConnectedSystem.objects.filter(pk__in=[one.pk for one in systems]).annotate(
            waiting=Count("deliveries", filter=waiting),
            sent=Count("deliveries", filter=Q(deliveries__state=DeliveryState.SENT)),
            stuck=Count("deliveries", filter=Q(deliveries__state__in=NEEDS_A_PERSON)),
            late=Count("deliveries", filter=under_way & late_by(LATE, database_now(), systems, of="deliveries__")),
            next_due=Min(Greatest("deliveries__due_at", "deliveries__next_try_at"), filter=waiting),
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
        """What a person has stopped stays stopped, and what one has settled meanwhile stays settled."""
        for system in systems:
            if system.stopped_reason == BY_HAND:
                self.stdout.write(f"{system.code}: a person has stopped it, nothing done; resume it on the board")
                continue
            resumed = resume(system, actor=None)
            stuck = Delivery.objects.filter(system=system, state__in=NEEDS_A_PERSON).select_related("system")
            passed = sum(self._passed_on(delivery) for delivery in stuck)
            self.stdout.write(f"{system.code}: {passed} passed on again{', resumed' if resumed else ''}")

    def _passed_on(self, delivery: Delivery) -> bool:
        try:
            retry(delivery, actor=None)
        except Refused:
            return False
        return True
