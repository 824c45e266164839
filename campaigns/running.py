"""What running campaigns need again and again: people entered, accounts marked, mails planned, days counted, an end after the last day."""

import time
from datetime import timedelta

from django.db import transaction

from campaigns.counting import keep_day
from campaigns.enrolling import enrol, mark
from campaigns.models import Campaign, CampaignState
from campaigns.reminding import remind
from campaigns.schedule import is_over
from campaigns.starting import end
from policies.clock import database_now

WORK_FOR = 40.0  # seconds; what is left is for the next call
COUNT_EVERY = timedelta(minutes=5)


def look_after() -> None:
    """Each part takes up where any other call left off, whoever made it; two at once do nothing twice."""
    stop_at = time.monotonic() + WORK_FOR
    for campaign in Campaign.objects.filter(state=CampaignState.RUNNING).order_by("pk"):
        after = 0
        while (after := enrol(campaign, after)) and time.monotonic() < stop_at:
            pass
        _end_after_last_day(campaign)
        remind(campaign)
    mark(stop_at)
    for campaign in Campaign.objects.filter(state=CampaignState.RUNNING).order_by("pk"):
        _count(campaign)


@transaction.atomic
def _end_after_last_day(campaign: Campaign) -> None:
    """One that requires nothing is over after its last day; one that does goes on until somebody ends it."""
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.state == CampaignState.RUNNING and is_over(held) and not held.requires:
        keep_day(held)
        end(held, actor=None)


def _count(campaign: Campaign) -> None:
    now = database_now()
    mine = Campaign.objects.filter(pk=campaign.pk).exclude(count_after__gt=now)
    if mine.update(count_after=now + COUNT_EVERY):
        keep_day(campaign)
