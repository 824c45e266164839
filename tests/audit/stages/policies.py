"""Versions of the policy: drafted, tried, asked for, switched on."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from campaigns.schedule import today
from policies.models import Outage, PolicyVersion
from policies.models.versions import VersionState
from policies.outages import agree, ask_for
from tests.audit.stages.staging import PAGE, browser, stage
from tests.campaigns.people import started
from tests.factories import a_method, a_totp_app, a_verification, an_account
from tests.policies.books import in_force
from tests.policies.test_outages import PHONES
from tests.policies.test_pages import a_rule, seen, switch_on


def administrator(account: Account) -> Client:
    """A browser of somebody who could sign in under every policy, verified with the strongest method."""
    a_totp_app(account)
    a_method(account, "fido", name="key")
    return browser(account, verified=a_verification("fido"))


def drafted(account: Account) -> Client:
    """The policy verifies everybody, and there is a draft."""
    in_force({"id": "r1", "asks": "verify", "name_en": "Everybody"})
    client = administrator(account)
    client.post("/policies/begin/")
    return client


def asked_for(account: Account) -> int:
    """A version that protects less waits for a second person."""
    client = drafted(account)
    client.post("/policies/draft/rules/r1/", a_rule("Everybody", "none"))
    switch_on(client)
    return PolicyVersion.objects.get(state=VersionState.WAITING).number


@stage(EventName.POLICY_DRAFTED, by="ada", at=PAGE, after="based_on policy")
def a_draft(ada: Account) -> Iterator[None]:
    in_force({"id": "r1", "asks": "verify"})
    client = administrator(ada)
    yield
    client.post("/policies/begin/")


@stage(EventName.POLICY_EDITED, by="ada", at=PAGE, before="asks name_ja", after="asks name name_ja policy")
def a_rule_that_is_changed(ada: Account) -> Iterator[None]:
    client = drafted(ada)
    yield
    client.post("/policies/draft/rules/r1/", a_rule("Everybody", "strong"))


@stage(EventName.POLICY_DISCARDED, by="ada", at=PAGE, after="policy")
def a_draft_that_is_thrown_away(ada: Account) -> Iterator[None]:
    client = drafted(ada)
    yield
    client.post("/policies/discard/", seen())


@stage(EventName.POLICY_REQUESTED, by="ada", at=PAGE, after="policy weakens", reason=True)
def a_weaker_version(ada: Account) -> Iterator[None]:
    client = drafted(ada)
    client.post("/policies/draft/rules/r1/", a_rule("Everybody", "none"))
    yield
    switch_on(client)


@stage(EventName.POLICY_REFUSED, by="ada", at=PAGE, after="policy")
def a_weaker_version_that_is_refused(ada: Account) -> Iterator[None]:
    asked_for(an_account("1000000009", roles=("administrator",)))
    second = administrator(ada)
    yield
    second.post("/policies/decide/refuse/")


@stage(EventName.POLICY_SWITCHED_ON, by="ada", at=PAGE | {"approver"}, before="policy", after="policy requested_by", reason=True)
def a_weaker_version_that_a_second_person_approves(ada: Account) -> Iterator[None]:
    number = asked_for(an_account("1000000009", roles=("administrator",)))
    second = administrator(ada)
    yield
    second.post(f"/policies/decide/{number}/approve/", seen())


@stage(EventName.POLICY_TRIED, on="hana", by="ada", at=PAGE, after="policy")
def what_would_be_decided(ada: Account, hana: Account) -> Iterator[None]:
    in_force({"asks": "verify"})
    client = administrator(ada)
    yield
    client.get("/policies/what-if/", {"account": hana.common_id, "address": "192.0.2.7"})


def prepared(account: Account) -> Client:
    """An outage of texts is prepared."""
    in_force({"id": "r1", "asks": "verify"}, contingencies=(PHONES,))
    return administrator(account)


def outage_asked_for(ada: Account) -> tuple[Outage, Client]:
    """Somebody else has asked to declare it."""
    second = prepared(ada)
    other = an_account("1000000009", roles=("administrator",))
    return ask_for("phones", hours=2, actor=other, reason="the provider is down"), second


@stage(EventName.OUTAGE_REQUESTED, by="ada", at=PAGE, after="name out until", reason=True)
def an_outage_that_is_asked_for(ada: Account) -> Iterator[None]:
    client = prepared(ada)
    yield
    client.post("/policies/outages/ask/phones/", {"hours": "2", "reason": "the provider is down"})


@stage(EventName.OUTAGE_BEGUN, by="ada", at=PAGE | {"approver"}, after="name requested_by until", reason=True)
def an_outage_that_a_second_person_agrees_to(ada: Account) -> Iterator[None]:
    row, client = outage_asked_for(ada)
    yield
    client.post(f"/policies/outages/{row.uid}/agree/")


@stage(EventName.OUTAGE_ENDED, by="ada", at=PAGE, after="name")
def an_outage_that_is_ended(ada: Account) -> Iterator[None]:
    row, client = outage_asked_for(ada)
    agree(row.uid, actor=ada)
    yield
    client.post(f"/policies/outages/{row.uid}/end/")


@stage(EventName.OUTAGE_REPORTED, by="ada", at=PAGE, after="name")
def an_outage_that_is_reported(ada: Account) -> Iterator[None]:
    row, client = outage_asked_for(ada)
    agree(row.uid, actor=ada)
    yield
    client.get(f"/policies/outages/{row.uid}/list/")


@stage(
    EventName.CAMPAIGN_MOVED, by="ada", at=PAGE, before="campaign affiliations members until requires",
    after="campaign affiliations members until requires", reason=True,
)  # fmt: skip
def a_campaign_whose_last_day_is_moved(ada: Account, hana: Account) -> Iterator[None]:
    client, running = administrator(ada), started(ada, ada, accounts=[hana.common_id])
    yield
    day = (today() + timedelta(days=40)).isoformat()
    client.post(f"/policies/campaigns/{running.uid}/move/", {"seen": running.edits, "due_on": day, "reason": "A holiday"})
