"""`manage.py system_secret CODE`: a new secret with which a connected system asks this site about app passwords."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policies.callers import renew_secret
from policies.models import ConnectedSystem


class Command(BaseCommand):
    """Prints the secret, once; the one before is no longer accepted."""

    help = "Make the secret with which a connected system calls /api/ (HTTP Basic, its code as the user)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the connected system")

    def handle(self, *args: Any, code: str, **options: Any) -> None:
        system = ConnectedSystem.objects.filter(code=code).first()
        if system is None:
            raise CommandError(f"There is no connected system {code}.")
        self.stdout.write(renew_secret(system))
