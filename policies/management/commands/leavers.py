"""`manage.py leavers`: who has left, what would be done with their methods, and letting many go at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.leaving import due_to_leave
from policies import leavers

SHOWN = 20


class Command(BaseCommand):
    """Changes nothing without --apply; exits with 1 when more leave, or lose their methods, than may at once."""

    help = "Show whose methods would be suspended or removed because they have left; with --apply do it (see docs/helpdesk.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="do it now, all of it")
        parser.add_argument(
            "--allow-share", type=float, metavar="PERCENT", help="of the active accounts that may leave at once, for this run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what stands before each step, then take the steps if asked to; what comes meanwhile is bound by the same share."""
        ahead, share = leavers.outlook(), options["allow_share"]
        self._say(ahead)
        _refuse(ahead, share)
        done = 0
        while options["apply"] and (step := leavers.look_after(percent=share)):
            done += step
            self.stderr.write(_("Done so far: %(done)d") % {"done": done})
        if options["apply"]:
            _refuse(leavers.outlook(), share)
        self.stdout.write(_("Done: %(done)d.") % {"done": done} if options["apply"] else _("Dry run, nothing was changed."))

    def _say(self, ahead: leavers.Outlook) -> None:
        steps = (
            (_("The day has come"), ahead.by_date, due_to_leave()),
            (_("Methods to suspend"), ahead.to_suspend, leavers.left()),
            (_("Methods to remove"), ahead.to_remove, leavers.over()),
            (_("Returned, to register anew"), ahead.returned, leavers.returned()),
        )
        for label, count, accounts in steps:
            ids = list(accounts.order_by("pk").values_list("common_id", flat=True)[:SHOWN])
            self.stdout.write(f"{label}: {count}  {' '.join(ids)}{' …' if count > SHOWN else ''}")


def _refuse(ahead: leavers.Outlook, share: float | None) -> None:
    if ahead.is_too_many(share):
        raise CommandError(
            _("More leave than may at once: %(going)d of %(active)d active accounts. If that is right, allow more with --allow-share.")
            % {"going": ahead.going, "active": ahead.active}
        )
    if ahead.is_too_many_to_remove(share):
        raise CommandError(
            _("The methods of more are to be removed than may be at once: %(count)d. If that is right, allow more with --allow-share.")
            % {"count": ahead.to_remove}
        )
