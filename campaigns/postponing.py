"""Moving the last day of a running campaign to a later one; nobody has less time than they were told."""

from datetime import date

from django.db import transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from campaigns.drafting import RIGHT, facts_of
from campaigns.models import Campaign, CampaignState, Member, Wish
from campaigns.schedule import is_over, latest_day, today


def may_postpone(campaign: Campaign) -> bool:
    """Whether its last day can still be moved: after it, a campaign that requires is ended by two people instead."""
    return campaign.state == CampaignState.RUNNING and campaign.wish == Wish.NONE and not is_over(campaign)


@transaction.atomic
def postpone(campaign: Campaign, seen: int, due_on: date, *, actor: Account, reason: str) -> Campaign:
    """From now on `due_on` is the last day; the schedule of mails begins anew, so whoever has not finished reads of it.

    Refused when the campaign is not as it was `seen`, its last day has passed, or the day is not a later one within a year.
    """
    require(actor, RIGHT, reason=reason)
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.edits != seen or held.wish != Wish.NONE:
        raise Refused("campaign-changed")
    if not may_postpone(held):
        raise Refused("campaign-not-running")
    if not held.due_on < due_on <= latest_day():
        raise Refused("campaign-not-later")
    before = facts_of(held)
    held.due_on, held.moved_on, held.edits = due_on, today(), held.edits + 1
    held.stage, held.mails_after = 0, None
    held.save(update_fields=["due_on", "moved_on", "edits", "stage", "mails_after"])
    Member.objects.filter(campaign=held).exclude(reminded=0).update(reminded=0)
    record(EventName.CAMPAIGN_MOVED, actor=actor, reason=reason.strip(), before=before, after=facts_of(held))
    return held
