"""Campaigns: drafted, started, put off, ended; and lists of people that are read."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounts.models import Account
from audit.catalogue import EventName
from campaigns import running, starting
from campaigns.models import Campaign, Wish
from campaigns.schedule import today
from tests.audit.stages.staging import PAGE, browser, stage
from tests.campaigns.people import a_draft, somebody, started
from tests.campaigns.test_pages import HOME, entered, page_of
from tests.factories import an_account

FACTS = "affiliations campaign members requires until"


def asked_for(wish: Wish) -> Campaign:
    """Somebody else asks to start one that decides how others sign in."""
    somebody()
    other = an_account("1000000009", roles=("administrator",))
    return starting.ask(a_draft(other, requires=True), wish, 0, actor=other, reason="Everybody by spring")


def over(campaign: Campaign) -> None:
    """Its last day was yesterday."""
    Campaign.objects.filter(pk=campaign.pk).update(due_on=today() - timedelta(days=1))


@stage(EventName.CAMPAIGN_DRAFTED, by="ada", at=PAGE, after=FACTS)
def a_draft_of_a_campaign(ada: Account) -> Iterator[None]:
    client = browser(ada)
    yield
    client.post(f"{HOME}new/", entered())


@stage(EventName.CAMPAIGN_EDITED, by="ada", at=PAGE, before=FACTS, after=FACTS)
def a_draft_that_is_changed(ada: Account) -> Iterator[None]:
    campaign, client = a_draft(ada), browser(ada)
    yield
    client.post(f"{page_of(campaign)}change/", entered(name_en="Summer", seen=0))


@stage(EventName.CAMPAIGN_DISCARDED, by="ada", at=PAGE, after="campaign")
def a_campaign_that_is_thrown_away(ada: Account) -> Iterator[None]:
    campaign, client = a_draft(ada), browser(ada)
    yield
    client.post(f"{page_of(campaign)}discard/")


@stage(EventName.CAMPAIGN_REQUESTED, by="ada", at=PAGE, after=f"{FACTS} wish", reason=True)
def a_campaign_that_takes_two(ada: Account) -> Iterator[None]:
    somebody()
    campaign, client = a_draft(ada, requires=True), browser(ada)
    yield
    client.post(f"{page_of(campaign)}ask/start/", {"reason": "Everybody by spring", "seen": 0})


@stage(EventName.CAMPAIGN_REFUSED, by="ada", at=PAGE, after="campaign wish")
def a_campaign_to_which_a_second_person_says_no(ada: Account) -> Iterator[None]:
    campaign, client = asked_for(Wish.START), browser(ada)
    yield
    client.post(f"{page_of(campaign)}refuse/")


@stage(EventName.CAMPAIGN_STARTED, by="ada", at=PAGE | {"approver"}, after=f"{FACTS} requested_by", reason=True)
def a_campaign_to_which_a_second_person_says_yes(ada: Account) -> Iterator[None]:
    campaign, client = asked_for(Wish.START), browser(ada)
    yield
    client.post(f"{page_of(campaign)}approve/", {"seen": campaign.edits})


@stage(EventName.CAMPAIGN_ENDED, by="ada", at=PAGE | {"approver"}, after=f"{FACTS} requested_by", reason=True)
def a_campaign_that_requires_nothing_any_more(ada: Account) -> Iterator[None]:
    somebody()
    other = an_account("1000000009", roles=("administrator",))
    campaign, client = started(ada, other, requires=True), browser(ada)
    over(campaign)
    campaign = starting.ask(campaign, Wish.END, campaign.edits, actor=other, reason="All are there")
    yield
    client.post(f"{page_of(campaign)}approve/", {"seen": campaign.edits})


@stage(EventName.CAMPAIGN_REMINDED, after="campaign until")
def mails_that_begin_to_go_out(ada: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    somebody()
    starting.ask(a_draft(ada), Wish.START, 0, actor=ada, reason="Spring")
    noon = datetime.now(ZoneInfo("Asia/Tokyo")).replace(hour=12)
    monkeypatch.setattr("campaigns.schedule.localtime", lambda **_: noon)
    yield
    running.look_after()


@stage(EventName.CAMPAIGN_SNOOZED, on="hana", by="hana", at=PAGE, after="campaign until")
def a_campaign_that_is_put_off(hana: Account, ada: Account) -> Iterator[None]:
    started(ada, ada)
    client = browser(hana)
    yield
    client.post(reverse("asked:later"))


@stage(EventName.CAMPAIGN_LISTED, by="ada", at=PAGE, after="affiliation found")
def people_who_never_applied(ada: Account) -> Iterator[None]:
    somebody("registered")
    client = browser(ada)
    yield
    client.get(f"{HOME}never-applied/")
