"""Starting and ending a campaign, and what a second person decides: by one where it only asks, by two where it decides how others sign in (R-162)."""

from django.db import transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from campaigns.counting import counted
from campaigns.drafting import RIGHT, facts_of
from campaigns.models import Campaign, CampaignState, Wish
from campaigns.moving import carry_move, check_move
from campaigns.schedule import is_over, today
from campaigns.seconds import wait_for_second
from policies.clock import database_now
from policies.two_people import check_two


def needs_second(campaign: Campaign, wish: Wish) -> bool:
    """Whether somebody else has to agree: to a start that will require something, and to an end that requires it no more."""
    return campaign.requires and (wish == Wish.START or is_over(campaign))


@transaction.atomic
def ask(campaign: Campaign, wish: Wish, seen: int, *, actor: Account, reason: str) -> Campaign:
    """Start or end it, or have that wait for a second person; Refused when it is not as it was `seen`, or cannot be now."""
    require(actor, RIGHT, reason=reason)
    held = _held(campaign)
    if held.edits != seen or held.wish != Wish.NONE:
        raise Refused("campaign-changed")
    _check(held, wish)
    held.reason = reason.strip()
    if needs_second(held, wish):
        return wait_for_second(held, wish, actor=actor, now=database_now())
    held.asked_by, held.asked_at = actor, database_now()
    return _carry_out(held, wish, actor=actor)


def _held(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=campaign.pk)


def _check(campaign: Campaign, wish: Wish) -> None:
    if wish == Wish.MOVE:
        check_move(campaign, campaign.move_to)
    elif wish == Wish.START:
        _check_start(campaign)
    elif campaign.state != CampaignState.RUNNING:
        raise Refused("campaign-not-running")


def _check_start(campaign: Campaign) -> None:
    if campaign.state != CampaignState.DRAFT:
        raise Refused("campaign-not-draft")
    if campaign.due_on <= today():
        raise Refused("campaign-too-late")
    if not counted(campaign):
        raise Refused("campaign-empty")


@transaction.atomic
def approve(campaign: Campaign, seen: int, *, actor: Account) -> Campaign:
    """Carry out what somebody else asked for and was `seen`; Refused to whoever asked, when it took too long, and when it cannot be any more."""
    require(actor, RIGHT)
    held = _waiting(campaign)
    if held.expires_at is None or held.expires_at <= database_now():
        raise Refused("campaign-nothing-waits")
    check_two(held.asked_by, actor, RIGHT, own="campaign-own", lost="campaign-requester-may-not")
    if held.edits != seen:
        raise Refused("campaign-changed")
    wish = Wish(held.wish)
    _check(held, wish)
    return _carry_out(held, wish, actor=actor)


@transaction.atomic
def refuse(campaign: Campaign, *, actor: Account) -> Campaign:
    """Nothing of what waits is done; whoever asked may take it back."""
    require(actor, RIGHT)
    held = _waiting(campaign)
    after = {"campaign": held.name_en, "wish": held.wish}
    held.wish, held.expires_at, held.move_to, held.reason = Wish.NONE, None, None, ""
    held.save(update_fields=["wish", "expires_at", "move_to", "reason"])
    record(EventName.CAMPAIGN_REFUSED, actor=actor, after=after)
    return held


def _waiting(campaign: Campaign) -> Campaign:
    held = _held(campaign)
    if held.wish == Wish.NONE:
        raise Refused("campaign-nothing-waits")
    return held


def _carry_out(campaign: Campaign, wish: Wish, *, actor: Account) -> Campaign:
    campaign.wish, campaign.expires_at = Wish.NONE, None
    asker = campaign.asked_by
    asked = {"requested_by": asker.common_id, "approved_by": actor.common_id} if asker and asker != actor else {}
    if wish == Wish.END:
        return end(campaign, actor=actor, asked=asked)
    if wish == Wish.MOVE and campaign.move_to is not None:
        return carry_move(campaign, campaign.move_to, actor=actor, reason=campaign.reason, asked=asked)
    campaign.state, campaign.start_asked_by, campaign.started_by = CampaignState.RUNNING, campaign.asked_by, actor
    campaign.started_at, campaign.started_on = database_now(), today()
    campaign.save()
    record(EventName.CAMPAIGN_STARTED, actor=actor, reason=campaign.reason, after=facts_of(campaign) | asked)
    return campaign


def end(campaign: Campaign, *, actor: Account | None, asked: dict[str, str] | None = None) -> Campaign:
    """It asks nobody any more; `actor` None is this site, after the last day. Called with the row locked."""
    campaign.state, campaign.ended_by, campaign.ended_at = CampaignState.ENDED, actor, database_now()
    campaign.save()
    record(EventName.CAMPAIGN_ENDED, actor=actor, reason=campaign.reason if actor else "", after=facts_of(campaign) | (asked or {}))
    return campaign
