"""The auditor's explorer: free combination of filters, views that are kept, the time line, and what is masked."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, belonging, circumstances
from audit.filters import network_of
from audit.models import Event, SavedView
from audit.record import record

pytestmark = pytest.mark.django_db
EVENTS = "/audit/"
Browser = Callable[..., Client]
NUMBER = "+81 90-1234-5678"


@pytest.fixture
def auditor(browser_of: Browser, aki: Account) -> Client:
    return browser_of(aki)


def found(client: Client, **wanted: object) -> list[str]:
    return [event.reason for event in client.get(EVENTS, wanted).context["page"].events]


def happened(
    reason: str, account: Account, address: str, kind: str = "", case: str = "", name: EventName = EventName.METHOD_REMOVED
) -> None:
    with circumstances(Where(address=address)), belonging(case):
        record(name, account=account, reason=reason, before={"kind": kind} if kind else {})


@pytest.fixture
def three(hana: Account, ken: Account) -> None:
    happened("one", hana, "192.0.2.7", "totp", "2026-0001")
    happened("two", ken, "192.0.3.9", "push", "2026-0002")
    happened("three", ken, "2001:db8::7", "totp", name=EventName.METHOD_RETIRING)


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        ({"kind": "totp"}, ["three", "one"]),
        ({"case": "2026-0002"}, ["two"]),
        ({"network": "192.0.2.0/24"}, ["one"]),
        ({"network": "192.0."}, ["two", "one"]),
        ({"network": "１９２.0.3.9"}, ["two"]),
        ({"network": "2001:db8::/64"}, ["three"]),
        ({"network": "192.0.0.0/16", "kind": "push"}, ["two"]),
        ({"account": "1000000001", "kind": "totp", "event": "method:removed"}, ["one"]),
        ({"kind": "totp", "network": "198.51.100.0/24"}, []),
    ],
    ids=str,
)
def test_filters_are_combined_freely(three: None, auditor: Client, wanted: dict[str, str], reasons: list[str]) -> None:
    assert found(auditor, **wanted) == reasons


@pytest.mark.parametrize("text", ["nowhere", "300.1.2.3", "192.0.2.0/33", "192.0.2.7; --", "::/x"])
def test_what_is_no_network_is_said_to_be_none(auditor: Client, text: str) -> None:
    assert "is not a network" in auditor.get(EVENTS, {"network": text}).content.decode()


def test_the_beginning_of_an_address_is_a_network() -> None:
    assert network_of("10.3.") == network_of("10.3") == ip_network("10.3.0.0/16")


def saved(client: Client, **fields: str) -> Any:
    return client.post(reverse("audit:save-view"), fields)


def told(name: EventName) -> Event:
    return Event.objects.get(name=name)


def test_a_filter_is_kept_under_a_name_and_its_link_shows_the_same(three: None, auditor: Client, aki: Account) -> None:
    answer = saved(auditor, name="Apps in town", query="kind=totp&network=192.0.2.0%2F24&before=7")
    assert answer["Location"] == "/audit/?kind=totp&network=192.0.2.0%2F24"
    assert [event.reason for event in auditor.get(answer["Location"]).context["page"].events] == ["one"]
    assert "Apps in town" in auditor.get(EVENTS).content.decode()
    assert (told(EventName.VIEW_SAVED).actor_label, told(EventName.VIEW_SAVED).after["name"]) == (aki.common_id, "Apps in town")


def test_a_view_is_seen_by_others_only_when_it_is_shared(auditor: Client, browser_of: Browser, ada: Account) -> None:
    saved(auditor, name="Kept to myself", query="kind=totp")
    saved(auditor, name="Ours", query="kind=totp", shared="on")
    offered = browser_of(ada).get(EVENTS).context["views"]
    assert [view.name for view in offered] == ["Ours"]


def test_a_view_is_removed_by_its_owner_alone(auditor: Client, browser_of: Browser, ada: Account, aki: Account) -> None:
    saved(auditor, name="Ours", query="kind=totp", shared="on")
    address = reverse("audit:remove-view", args=[SavedView.objects.get().pk])
    assert browser_of(ada).post(address).status_code == 404
    assert auditor.post(address).status_code == 302
    assert not SavedView.objects.exists()
    assert told(EventName.VIEW_REMOVED).actor_label == aki.common_id


@pytest.mark.parametrize("query", ["network=nowhere", "event=no:such"])
def test_a_filter_that_cannot_be_read_is_not_kept(auditor: Client, query: str) -> None:
    assert saved(auditor, name="Broken", query=query).status_code == 400
    assert not SavedView.objects.exists()


def test_the_time_line_tells_an_account_in_sentences_with_before_and_after(auditor: Client, hana: Account) -> None:
    record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "App"}, after={"name": "My phone"})
    answer = auditor.get(reverse("audit:timeline", args=[hana.common_id]))
    [(event, changes)] = answer.context["events"]
    assert changes == [("Name", "App", "My phone")]
    assert "The method “App” of 1000000001 was renamed “My phone” by the account holder." in answer.content.decode()
    assert told(EventName.EVENTS_READ).after == {"account": hana.common_id}
    assert event.account_id == hana.pk


@pytest.fixture
def with_number(hana: Account, hiro: Account) -> Event:
    return record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason=f"Called from {NUMBER}", after={"text": NUMBER})


def test_a_number_is_shown_in_full_for_a_reason_that_is_recorded(with_number: Event, auditor: Client, hana: Account, aki: Account) -> None:
    page = auditor.get(reverse("audit:event", args=[with_number.uid])).content.decode()
    assert NUMBER not in page
    answer = auditor.post(reverse("audit:reveal", args=[with_number.uid]), {"reason": "Complaint 12"})
    assert answer.content.decode().count(NUMBER) == 2
    event = told(EventName.EVENTS_REVEALED)
    assert (event.account_label, event.actor_label, event.reason) == (hana.common_id, aki.common_id, "Complaint 12")
    assert event.after == {"event": str(with_number.uid)}


def test_without_a_reason_it_stays_masked(with_number: Event, auditor: Client) -> None:
    answer = auditor.post(reverse("audit:reveal", args=[with_number.uid]), {"reason": " "})
    assert (answer.status_code, NUMBER in answer.content.decode()) == (400, False)
    assert not Event.objects.filter(name=EventName.EVENTS_REVEALED).exists()


@pytest.mark.parametrize("address", ["/audit/", "/audit/accounts/1000000001/"])
def test_lists_and_time_lines_mask_too(with_number: Event, auditor: Client, address: str) -> None:
    assert NUMBER not in auditor.get(address).content.decode()
