"""Moving the last day of a running campaign: to a later one by one person, to an earlier one that requires something by two (R-162)."""

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
from campaigns.seconds import wait_for_second
from policies.clock import database_now


def may_move(campaign: Campaign) -> bool:
    """Whether its last day can still be moved: after it, a campaign that requires is ended by two people instead."""
    return campaign.state == CampaignState.RUNNING and not is_over(campaign)


def needs_second_to_move(campaign: Campaign, due_on: date) -> bool:
    """Whether others would be verified earlier than they were told."""
    return campaign.requires and due_on < campaign.due_on


@transaction.atomic
def move(campaign: Campaign, seen: int, due_on: date, *, actor: Account, reason: str) -> Campaign:
    """From now on `due_on` is the last day, or somebody else has to agree.

    Refused when the campaign is not as it was `seen`, its last day has passed, or the day is not another one after today, within a year.
    """
    require(actor, RIGHT, reason=reason)
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.edits != seen or held.wish != Wish.NONE:
        raise Refused("campaign-changed")
    check_move(held, due_on)
    if not needs_second_to_move(held, due_on):
        return carry_move(held, due_on, actor=actor, reason=reason.strip())
    held.reason, held.move_to = reason.strip(), due_on
    return wait_for_second(held, Wish.MOVE, actor=actor, now=database_now())


def check_move(campaign: Campaign, due_on: date | None) -> None:
    """Refused when it cannot be moved to this day now."""
    if not may_move(campaign):
        raise Refused("campaign-not-running")
    if due_on is None or due_on == campaign.due_on or not today() < due_on <= latest_day():
        raise Refused("campaign-not-another-day")


def carry_move(campaign: Campaign, due_on: date, *, actor: Account, reason: str, asked: dict[str, str] | None = None) -> Campaign:
    """The schedule of mails begins anew, so whoever has not finished reads of it. An earlier day ends what was put off. Called with the row locked."""
    before, is_earlier = facts_of(campaign), due_on < campaign.due_on
    if asked:
        campaign.reason = ""  # it stands in the event; the page would take it for that of the start
    campaign.moved_from, campaign.due_on, campaign.moved_on, campaign.move_to = campaign.due_on, due_on, today(), None
    campaign.edits += 1
    campaign.stage, campaign.mails_after = 0, None
    campaign.save()
    members = Member.objects.filter(campaign=campaign)
    members.exclude(reminded=0).update(reminded=0)
    if is_earlier:
        members.exclude(snoozed_until=None).update(snoozed_until=None)
    record(EventName.CAMPAIGN_MOVED, actor=actor, reason=reason, before=before, after=facts_of(campaign) | (asked or {}))
    return campaign
