"""`manage.py changepassword COMMON_ID`: of an account whose password is sealed in an envelope (docs/helpdesk.md).

In the place of Django's, which saves the whole account as it was before it asked: a lock that somebody set meanwhile would be lifted.
"""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.passwords import change

TRIES = 3


class Command(BaseCommand):
    """Acts as the site: whoever may run it is above every role."""

    help = "Change the password of an account; asked for twice, and recorded as an event."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("common_id")
        parser.add_argument("--reason", default="manage.py changepassword", help="kept with the event")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and change it; nothing is changed unless both are the same and good enough."""
        account = Account.objects.filter(common_id=options["common_id"]).first()
        if account is None:
            raise CommandError(_("There is no account %(common_id)s.") % options)
        change(account, self._asked(account), reason=options["reason"])
        self.stdout.write(_("The password of %(account)s has been changed.") % {"account": account})

    def _asked(self, account: Account) -> str:
        for _try in range(TRIES):
            password = getpass(_("New password:") + " ")
            if password != getpass(_("Once more:") + " "):
                self.stderr.write(_("They are not the same."))
                continue
            try:
                validate_password(password, account)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(_("Nothing was changed."))
