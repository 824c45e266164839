"""`manage.py renew_search_words`: after an update that changed under which words accounts are found."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import Account, SearchWord

BATCH = 2000


class Command(BaseCommand):
    """A batch of accounts at a time, each whole, so that it can be stopped and started again while people search."""

    help = "Write anew the words under which accounts are found."

    def handle(self, *args: Any, **options: Any) -> None:
        """From the first account to the last; the page of each batch begins where the one before ended."""
        last = done = 0
        while batch := list(Account.objects.filter(pk__gt=last).order_by("pk").only("pk", *Account.FOUND_BY)[:BATCH]):
            with transaction.atomic():
                SearchWord.objects.renew(batch)
            last, done = batch[-1].pk, done + len(batch)
            self.stdout.write(f"{done} accounts")
