"""Finding events: filters, periods, pages, and input that cannot be read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import approved
from audit.models import Event
from audit.record import record
from audit.search import PAGE

pytestmark = pytest.mark.django_db
EVENTS = "/audit/"
Browser = Callable[..., Client]


@pytest.fixture
def auditor(browser_of: Browser, aki: Account) -> Client:
    return browser_of(aki)


def labels(client: Client, **wanted: object) -> list[str]:
    return [event.account_label for event in client.get(EVENTS, wanted).context["page"].events]


def happened(account: Account, *moments: datetime) -> list[Event]:
    """One event at each moment, in this order."""
    fields = {"name": "signin:succeeded", "account_id": account.pk, "account_label": account.common_id, "actor_kind": "self"}
    return [Event.objects.create(at=moment, **fields) for moment in moments]


def test_newest_events_come_first(auditor: Client, hana: Account, ken: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana)
    record(EventName.SIGNIN_SUCCEEDED, account=ken, actor=ken)
    assert labels(auditor) == [ken.common_id, hana.common_id]


def test_events_of_one_account(auditor: Client, hana: Account, ken: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana)
    record(EventName.SIGNIN_SUCCEEDED, account=ken, actor=ken)
    assert labels(auditor, account=hana.common_id) == [hana.common_id]


def test_events_that_one_person_caused(auditor: Client, hana: Account, ken: Account, hiro: Account) -> None:
    record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="x")
    record(EventName.SIGNIN_SUCCEEDED, account=ken, actor=ken)
    assert labels(auditor, actor=hiro.common_id) == [hana.common_id]


def test_events_of_one_name(auditor: Client, hana: Account, ken: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana)
    record(EventName.PASSWORD_REFUSED, account=ken)
    assert labels(auditor, event="password:refused") == [ken.common_id]


def test_filters_narrow_each_other(auditor: Client, hana: Account, ken: Account, hiro: Account) -> None:
    record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="x")
    record(EventName.ACCOUNT_UNLOCKED, account=ken, actor=hiro, reason="x")
    record(EventName.ACCOUNT_VIEWED, account=ken, actor=hiro)
    assert labels(auditor, account=ken.common_id, actor=hiro.common_id, event="account:unlocked") == [ken.common_id]


def test_events_that_a_second_person_approved(auditor: Client, hana: Account, ken: Account, hiro: Account, sato: Account) -> None:
    with approved(sato.common_id):
        record(EventName.METHODS_RESET, account=hana, actor=hiro, reason="x")
        record(EventName.ACCOUNT_UNLOCKED, account=ken, actor=hiro, reason="x")
    record(EventName.METHODS_RESET, account=ken, actor=sato, reason="x")
    assert labels(auditor, approver=sato.common_id) == [ken.common_id, hana.common_id]
    assert labels(auditor, approver=sato.common_id, actor=hiro.common_id, event="methods:reset") == [hana.common_id]
    assert labels(auditor, approver=hiro.common_id) == []


def test_the_approver_stands_beside_who_acted_and_leads_to_what_else_was_approved(auditor: Client, hana: Account, hiro: Account) -> None:
    with approved("1000000004"):
        event = record(EventName.METHODS_RESET, account=hana, actor=hiro, reason="x")
    for page in (EVENTS, f"/audit/{event.uid}/"):
        assert "?approver=1000000004" in auditor.get(page).content.decode()
    assert "Approved by 1000000004" in auditor.get(f"/audit/accounts/{hana.common_id}/").content.decode()


def test_an_id_may_be_typed_with_full_width_digits_and_spaces(auditor: Client, hana: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana)
    assert labels(auditor, account=" １００００ ００００１ ") == [hana.common_id]


def test_an_id_that_nobody_has_finds_nothing_and_says_what_to_do(auditor: Client, hana: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana)
    html = auditor.get(EVENTS, {"account": "1999999999"}).content.decode()
    assert "No events found" in html
    assert "Check the Common ID, or choose a longer period." in html


def test_a_period_holds_its_days_in_full_and_in_local_time(auditor: Client, hana: Account) -> None:
    day_before, first, last, day_after = (
        datetime(2026, 4, 9, 14, 59, 59, tzinfo=UTC),  # 23:59:59 in Tokyo
        datetime(2026, 4, 9, 15, 0, tzinfo=UTC),
        datetime(2026, 4, 11, 14, 59, 59, tzinfo=UTC),
        datetime(2026, 4, 11, 15, 0, tzinfo=UTC),
    )
    events = happened(hana, day_before, first, last, day_after)
    page = auditor.get(EVENTS, {"since": "2026-04-10", "until": "2026-04-11"}).context["page"]
    assert [event.pk for event in page.events] == [events[2].pk, events[1].pk]


def test_a_period_finds_events_whose_ids_are_not_in_the_order_of_their_times(auditor: Client, hana: Account) -> None:
    noon = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
    happened(hana, noon - timedelta(days=2), *(noon + timedelta(minutes=shift) for shift in (3, 0, 4, 1)), noon + timedelta(days=2))
    assert len(labels(auditor, since="2026-04-10", until="2026-04-10")) == 4


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"since": "yesterday"}, "“yesterday” is not a day. Write it like 2026-04-30."),
        ({"until": "2026-02-30"}, "“2026-02-30” is not a day."),
        ({"since": "0001-01-01"}, "“0001-01-01” is not a day."),
        ({"until": "9999-12-31"}, "“9999-12-31” is not a day."),
        ({"since": "2026-04-11", "until": "2026-04-10"}, "The period ends before it begins."),
        ({"account": "12x"}, "This is not a Common ID."),
        ({"actor": "1000000001'; --"}, "This is not a Common ID."),
        ({"event": "no:such"}, "Select a valid choice. no:such is not one of the available choices."),
        ({"before": "-1"}, "This page of the list cannot be found."),
        ({"after": "9" * 30}, "This page of the list cannot be found."),
        ({"account": "1000\x00000001"}, "This is not a Common ID."),
    ],
)
def test_input_that_cannot_be_read_gets_a_clear_message(wanted: dict[str, str], said: str, auditor: Client) -> None:
    html = auditor.get(EVENTS, wanted).content.decode()
    assert said.replace("'", "&#x27;") in html
    assert not Event.objects.filter(name=EventName.EVENTS_READ).exists()


def test_what_was_typed_stays_in_the_form(auditor: Client, hana: Account) -> None:
    wanted = {"account": hana.common_id, "actor": "12x", "event": "signin:succeeded", "since": "10 May?", "until": "2026-05-11"}
    html = auditor.get(EVENTS, wanted).content.decode()
    for typed in (hana.common_id, "12x", "10 May?", "2026-05-11"):
        assert f'value="{typed}"' in html
    assert '<option value="signin:succeeded" selected>' in html


def test_pages_follow_each_other_without_gap_or_overlap(auditor: Client, hana: Account) -> None:
    now = timezone.now()
    events = happened(hana, *(now for _ in range(2 * PAGE + 3)))
    seen: list[int] = []
    cursor: dict[str, object] = {}
    while True:
        page = auditor.get(EVENTS, {"account": hana.common_id} | cursor).context["page"]
        seen += [event.pk for event in page.events]
        if page.older is None:
            break
        cursor = {"before": page.older}
    assert seen == [event.pk for event in reversed(events)]
    back = auditor.get(EVENTS, {"account": hana.common_id, "after": page.newer}).context["page"]
    assert [event.pk for event in back.events] == seen[PAGE : 2 * PAGE]
    assert back.newer is not None


def test_the_newest_page_offers_nothing_newer_and_the_last_nothing_older(auditor: Client, hana: Account) -> None:
    events = happened(hana, *(timezone.now() for _ in range(3)))
    newest = auditor.get(EVENTS, {"account": hana.common_id}).context["page"]
    assert (newest.newer, newest.older) == (None, None)
    above = auditor.get(EVENTS, {"account": hana.common_id, "after": events[0].pk}).context["page"]
    assert (above.newer, above.older) == (None, events[1].pk)


def test_links_to_other_pages_keep_the_filter(auditor: Client, hana: Account) -> None:
    happened(hana, *(timezone.now() for _ in range(PAGE + 1)))
    answer = auditor.get(EVENTS, {"account": hana.common_id})
    older = answer.context["page"].older
    assert f'href="?account={hana.common_id}&amp;before={older}"' in answer.content.decode()
