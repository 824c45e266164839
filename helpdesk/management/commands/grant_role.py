"""`manage.py grant_role COMMON_ID ROLE`: the way to the first administrator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Affiliation
from accounts.refusals import Refused
from accounts.roles import ROLES
from helpdesk import staffing


class Command(BaseCommand):
    """Acts as the site: whoever may run it is above every role. The person and every administrator are told (R-166)."""

    help = "Give an account a role, or take it away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("common_id")
        parser.add_argument("role", help=", ".join(ROLES))
        parser.add_argument("--within", metavar="AFFILIATION", help="only for the accounts of this affiliation")
        parser.add_argument("--withdraw", action="store_true", help="take the role away instead")
        parser.add_argument("--reason", default="manage.py grant_role", help="kept with the event")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant or withdraw; a refusal is one sentence."""
        common_id, role, verb = options["common_id"], options["role"], staffing.take if options["withdraw"] else staffing.give
        try:
            verb(common_id, role, actor=None, reason=options["reason"], within=_affiliation(options["within"]))
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        said = _("%(account)s no longer has the role %(role)s.") if options["withdraw"] else _("%(account)s now has the role %(role)s.")
        self.stdout.write(said % {"account": common_id, "role": role})


def _affiliation(code: str | None) -> Affiliation | None:
    found = Affiliation.objects.filter(code=code).first() if code else None
    if code and found is None:
        raise Refused("affiliation-unknown", affiliation=code)
    return found
