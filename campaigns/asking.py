"""The page at sign-in: whom it is shown to, and putting it off, so often and never past the last day."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from campaigns.models import CampaignState, Member
from campaigns.reminding import standings_of
from campaigns.schedule import is_over, today
from policies.standing import Standing


@dataclass(frozen=True)
class Asked:
    """What one campaign asks of one person now."""

    member: Member
    standing: Standing

    @property
    def overdue(self) -> bool:
        """Whether the last day has passed."""
        return is_over(self.member.campaign)

    @property
    def snoozes_left(self) -> int:
        """How often the page may still be put off."""
        campaign = self.member.campaign
        return max(campaign.snoozes - self.member.snoozed, 0) if not is_over(campaign) and campaign.due_on > today() else 0

    @property
    def put_off_until(self) -> date:
        """The day from which the page would be shown again."""
        campaign = self.member.campaign
        return min(today() + timedelta(days=max(campaign.snooze_days, 1)), campaign.due_on)

    @property
    def is_put_off(self) -> bool:
        """Whether the person has put it off until a day that has not come."""
        until = self.member.snoozed_until
        return until is not None and until > today() and not self.overdue


def asked_of(account: Account) -> Asked | None:
    """The most pressing campaign that still asks something of this account, one that requires first."""
    if account.campaign_until is None:
        return None
    members = Member.objects.filter(account=account, campaign__state=CampaignState.RUNNING).select_related("campaign")
    members = members.exclude(campaign__requires=False, campaign__due_on__lt=today())
    for member in members.order_by("-campaign__requires", "campaign__due_on", "campaign_id"):
        if standing := standings_of(member.campaign, [account]).get(account.pk):
            return Asked(member, standing)
    return None


def detour(account: Account, going_to: str) -> str:
    """Where somebody who has just signed in goes first: the page of a campaign that asks something, otherwise where they wanted to."""
    asked = asked_of(account)
    if asked is None or asked.is_put_off or (asked.standing.action and going_to == reverse(asked.standing.action.url_name)):
        return going_to
    return f"{reverse('asked:page')}?{urlencode({'next': going_to})}"


@transaction.atomic
def snooze(account: Account, *, actor: Account) -> date:
    """Put the page and the mails off; Refused when that was done too often, on the last day, and afterwards. Returns until when."""
    if actor.pk != account.pk:
        raise Refused("not-allowed")
    asked = asked_of(hold(account.pk))
    if asked is None or not asked.snoozes_left:
        raise Refused("campaign-no-snooze")
    until, campaign = asked.put_off_until, asked.member.campaign
    row = Member.objects.filter(campaign=campaign, account=account, snoozed__lt=campaign.snoozes)
    if not row.update(snoozed=F("snoozed") + 1, snoozed_until=until):
        raise Refused("campaign-no-snooze")
    record(EventName.CAMPAIGN_SNOOZED, account=account, actor=actor, after={"campaign": campaign.name_en, "until": until.isoformat()})
    return until
