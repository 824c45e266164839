"""Campaigns for tests, and people who have come so far."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from campaigns.drafting import Content, draft
from campaigns.models import Campaign, CampaignState, Wish
from campaigns.running import look_after
from campaigns.schedule import today
from campaigns.starting import approve, ask
from policies.applications import TEXT_VERSION, submit
from tests.factories import a_phone, a_totp_app, an_account, an_affiliation


def a_draft(actor: Account, *, days: int = 20, **fields: Any) -> Campaign:
    """A campaign that asks the faculty of science until so many days from now."""
    known: dict[str, Any] = {"name_en": "Spring", "name_ja": "春", "due_on": today() + timedelta(days=days)}
    if not {"affiliations", "accounts"} & fields.keys():
        known["affiliations"] = [an_affiliation()]
    return draft(Content(**known | fields), actor=actor)


def started(actor: Account, other: Account, **fields: Any) -> Campaign:
    """One that is running, by as many people as it takes, and everybody is entered."""
    campaign = ask(a_draft(actor, **fields), Wish.START, 0, actor=actor, reason="Everybody by spring")
    if campaign.state != CampaignState.RUNNING:
        campaign = approve(campaign, campaign.edits, actor=other)
    look_after()
    campaign.refresh_from_db()
    return campaign


def somebody(step: str = "none", **fields: Any) -> Account:
    """A member of the faculty of science who has come so far: none, registered, tested, second, applied, finished."""
    account = an_account(**{"affiliation": an_affiliation()} | fields)
    if step == "none":
        return account
    tested = timezone.now() if step in {"tested", "applied", "finished", "second"} else None
    a_totp_app(account, last_signin_at=tested)
    if step in {"second", "finished"}:
        a_phone(account)
    if step in {"applied", "finished"}:
        submit(account, actor=account, text_version=TEXT_VERSION)
    account.refresh_from_db()
    return account
