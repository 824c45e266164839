"""`manage.py campaign`: a list of accounts that is too long for a form, from a file into a draft."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.refusals import Refused
from campaigns.drafting import ask_list
from campaigns.models import Campaign, CampaignState
from policies.members import Bad, id_objection, read_lines, unknown_among

SHOWN = 20


class Command(BaseCommand):
    """Exit code 0 when done, 1 with the reasons when nothing was changed."""

    help = "Read whom a draft of a campaign asks from a file with one Common ID a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name-en", required=True, help="the English name of the draft")

    def handle(self, *args: Any, file: Path, name_en: str, **options: Any) -> None:
        found = Campaign.objects.filter(name_en=name_en, state=CampaignState.DRAFT).first()
        if found is None:
            raise CommandError(f"There is no draft called “{name_en}”. Enter it on the page of campaigns first.")
        people = self._people(file)
        try:
            ask_list(found, people, actor=None)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"“{name_en}” asks {len(people)} accounts; nothing is sent before it is started.")

    def _people(self, file: Path) -> list[str]:
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from None
        good, bad = read_lines(text, id_objection)
        missing = unknown_among(good)
        bad += [Bad(number, one, "There is no such account.") for number, one in enumerate(good, 1) if one in missing]
        for one in bad[:SHOWN]:
            self.stderr.write(str(one))
        if bad or not good:
            raise CommandError(f"Nothing is changed: {len(bad)} lines cannot be read." if bad else "The file is empty.")
        return good
