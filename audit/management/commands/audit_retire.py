"""`manage.py audit_retire`: removes events that the rules no longer keep; a signed statement stays in their place."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.models import Retirement
from audit.retention import retiring
from audit.retention.rules import NoRule


class Command(BaseCommand):
    """To be run from time to time with the database role that owns the events; the site itself cannot remove any."""

    help = "Remove events that MFA_AUDIT_KEEP no longer keeps, or what was recorded of one account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--erase", metavar="ID", help="remove what was recorded of this account instead (erasure of personal data)")
        parser.add_argument("--reason", default="", help="why, and by whose decision; needed with --erase, and must not name the person")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = self._erased(options["erase"], options["reason"]) if options["erase"] else list(retiring.retire())
        except NoRule as error:
            raise CommandError(str(error)) from None
        except retiring.NotOwner:
            raise CommandError("Run this with the database role that owns the events: the role of the site may not remove any.") from None
        for one in made:
            self.stdout.write(f"{one.rule}: {one.count:,} events among the numbers {one.first} to {one.last} are gone.")
        if not made:
            self.stdout.write("Nothing is old enough to go.")

    def _erased(self, common_id: str, reason: str) -> list[Retirement]:
        users = get_user_model()
        account = users._default_manager.filter(**{users.USERNAME_FIELD: common_id}).first()
        if account is None or not reason:
            raise CommandError("Give the id of an account, and a reason that does not name the person.")
        made = retiring.erase(account.pk, reason)
        return [made] if made else []
