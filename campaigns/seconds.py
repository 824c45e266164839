"""What of a campaign waits for a second person, and for how long."""

from datetime import date, timedelta

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from campaigns.drafting import facts_of
from campaigns.models import Campaign, Wish

OPEN_FOR = timedelta(hours=24)


def wait_for_second(campaign: Campaign, wish: Wish, *, actor: Account, until: date | None = None) -> Campaign:
    """Somebody else has to agree within a day; `until` is a last day that is asked for. Called with the row locked and `asked_at` set."""
    assert campaign.asked_at is not None  # noqa: S101  the verb that asks has set it
    campaign.wish, campaign.expires_at = wish, campaign.asked_at + OPEN_FOR
    campaign.save()
    wanted = {"until": until.isoformat()} if until else {}
    record(EventName.CAMPAIGN_REQUESTED, actor=actor, reason=campaign.reason, after=facts_of(campaign) | wanted | {"wish": wish.value})
    return campaign
