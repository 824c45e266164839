"""What of a campaign waits for a second person, and for how long."""

from datetime import datetime, timedelta

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from campaigns.drafting import facts_of
from campaigns.models import Campaign, Wish

OPEN_FOR = timedelta(hours=24)


def wait_for_second(campaign: Campaign, wish: Wish, *, actor: Account, now: datetime) -> Campaign:
    """Somebody else has to agree within a day, to this request alone. Called with the row locked, and the reason and what is wished for in it."""
    campaign.edits += 1
    campaign.wish, campaign.asked_by, campaign.asked_at, campaign.expires_at = wish, actor, now, now + OPEN_FOR
    campaign.save()
    wanted = {"until": campaign.move_to.isoformat()} if campaign.move_to else {}
    record(EventName.CAMPAIGN_REQUESTED, actor=actor, reason=campaign.reason, after=facts_of(campaign) | wanted | {"wish": wish.value})
    return campaign
