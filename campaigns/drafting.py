"""Drafts of campaigns: made, changed while nobody has started them, thrown away; each step recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import Account, Affiliation
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from campaigns.models import Campaign, CampaignState, Wish
from policies.clock import database_now
from policies.members import keep_list

RIGHT = "site:configure"


@dataclass(frozen=True)
class Content:
    """What an administrator enters: `accounts`, or else whoever is of the `affiliations`. A list stays when neither is given."""

    name_en: str
    name_ja: str
    due_on: date
    words_en: str = ""
    words_ja: str = ""
    affiliations: Sequence[Affiliation] = ()
    accounts: Sequence[str] = ()
    remind_before: Sequence[int] = (14, 3)
    snoozes: int = 3
    snooze_days: int = 2
    second_method: bool = True
    requires: bool = False


PLAIN = ("name_en", "name_ja", "due_on", "words_en", "words_ja", "snoozes", "snooze_days", "second_method", "requires")


@transaction.atomic
def draft(content: Content, *, actor: Account) -> Campaign:
    """A new campaign that asks nobody yet."""
    require(actor, RIGHT)
    made = Campaign(made_by=actor, made_at=database_now())
    _enter(made, content, actor)
    record(EventName.CAMPAIGN_DRAFTED, actor=actor, after=facts_of(made))
    return made


@transaction.atomic
def edit(campaign: Campaign, seen: int, content: Content, *, actor: Account) -> Campaign:
    """Change a draft; Refused when it is not the one that was `seen`, counted by its edits, or no draft any more."""
    require(actor, RIGHT)
    held = _hold_draft(campaign)
    if held.edits != seen:
        raise Refused("campaign-changed")
    before = facts_of(held)
    held.edits += 1
    _enter(held, content, actor)
    record(EventName.CAMPAIGN_EDITED, actor=actor, before=before, after=facts_of(held))
    return held


@transaction.atomic
def ask_list(campaign: Campaign, accounts: Sequence[str], *, actor: Account | None) -> None:
    """A draft asks these accounts instead of whom it asked; `actor` None is whoever runs the machine."""
    if actor is not None:
        require(actor, RIGHT)
    held = _hold_draft(campaign)
    before = facts_of(held)
    held.people, held.edits = keep_list(accounts, actor=actor), held.edits + 1
    held.save(update_fields=["people", "edits"])
    held.affiliations.clear()
    record(EventName.CAMPAIGN_EDITED, actor=actor, before=before, after=facts_of(held))


@transaction.atomic
def discard(campaign: Campaign, *, actor: Account) -> None:
    """Throw a draft away; it is kept, and nobody can start it any more."""
    require(actor, RIGHT)
    held = _hold_draft(campaign)
    held.state = CampaignState.DISCARDED
    held.save(update_fields=["state"])
    record(EventName.CAMPAIGN_DISCARDED, actor=actor, after={"campaign": held.name_en})


def _hold_draft(campaign: Campaign) -> Campaign:
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.state != CampaignState.DRAFT or held.wish != Wish.NONE:
        raise Refused("campaign-not-draft")
    return held


def _enter(campaign: Campaign, content: Content, actor: Account) -> None:
    for name in PLAIN:
        setattr(campaign, name, getattr(content, name))
    campaign.remind_before = sorted(set(content.remind_before), reverse=True)
    if content.accounts:
        campaign.people = keep_list(content.accounts, actor=actor)
    elif content.affiliations:
        campaign.people = None
    campaign.save()
    campaign.affiliations.set([] if campaign.people else content.affiliations)


def facts_of(campaign: Campaign) -> dict[str, Any]:
    """What events keep of a campaign."""
    return {
        "campaign": campaign.name_en,
        "affiliations": sorted(campaign.affiliations.values_list("code", flat=True)),
        "members": campaign.people.listed.count() if campaign.people else 0,
        "until": campaign.due_on.isoformat(),
        "requires": campaign.requires,
    }
