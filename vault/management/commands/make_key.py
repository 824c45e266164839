"""`manage.py make_key NAME`: one new entry for MFA_KEYS."""

import base64
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Prints the entry; how it takes the place of the one before stands in docs/deployment.md."""

    help = "Make one key for MFA_KEYS."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="letters and digits, such as 2026b")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{options['name']}:{base64.b64encode(os.urandom(32)).decode()}")
