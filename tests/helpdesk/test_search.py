"""Finding an account: by id, name in either script or address, with few queries, and on record."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from tests.factories import a_totp_app, an_account, an_affiliation, proved_by, signed_in

pytestmark = pytest.mark.django_db
SEARCH = "/helpdesk/"
Browser = Callable[..., Client]


@pytest.fixture
def desk(browser_of: Browser, hiro: Account) -> Client:
    return browser_of(hiro)


def found(client: Client, text: str) -> list[str]:
    return [account.common_id for account in client.get(SEARCH, {"q": text}).context["accounts"]]


@pytest.mark.covers("S-147")
@pytest.mark.parametrize(
    "text", ["1000000001", "１００００００００１", "hana", "Hana Sato", "佐藤 花", "佐藤花", "1000000001@mail.example.com", " HANA "]
)
def test_an_account_is_found_by_what_callers_say(text: str, desk: Client, hana: Account, ken: Account) -> None:
    ids = found(desk, text)
    assert hana.common_id in ids
    assert ken.common_id not in ids


def test_a_hit_leads_to_the_page_of_the_account(desk: Client, hana: Account) -> None:
    html = desk.get(SEARCH, {"q": "1000000001"}).content.decode()
    for shown in ('href="/helpdesk/accounts/1000000001/"', "Hana Sato", "佐藤 花", "Faculty of Science", hana.contact_address):
        assert shown in html


def test_accounts_that_have_left_are_marked(desk: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(left_at=timezone.now())
    assert ">Left</span>" in desk.get(SEARCH, {"q": "hana"}).content.decode().replace("\n", "")


def test_nobody_found_says_what_to_try(desk: Client) -> None:
    html = desk.get(SEARCH, {"q": "<nobody>"}).content.decode()
    assert "Nobody found for “&lt;nobody&gt;”" in html
    assert "Try the Common ID" in html


def test_too_many_hits_say_so(desk: Client) -> None:
    for _ in range(51):
        an_account(name_en="Sakura Tanaka")
    html = desk.get(SEARCH, {"q": "tanaka"}).content.decode()
    assert "These are the first 50. Add another word to find fewer." in html


@pytest.mark.covers("S-146")
def test_a_search_is_recorded_with_its_words_and_the_number_of_hits(desk: Client, hana: Account, hiro: Account) -> None:
    desk.get(SEARCH, {"q": "hana"})
    event = Event.objects.get(name=EventName.ACCOUNT_SEARCHED)
    assert (event.actor_id, event.after) == (hiro.pk, {"text": "hana", "found": 1})


@pytest.mark.parametrize("text", ["", "   "])
def test_without_words_nothing_is_searched_or_recorded(text: str, desk: Client, hana: Account) -> None:
    assert "accounts" not in desk.get(SEARCH, {"q": text}).context
    assert not Event.objects.filter(name=EventName.ACCOUNT_SEARCHED).exists()


@pytest.mark.parametrize("text", ["x" * 201, "a\x00b"])
def test_words_that_cannot_be_searched_for_stay_in_the_field_with_a_message(text: str, desk: Client) -> None:
    answer = desk.get(SEARCH, {"q": text})
    assert "data-error-summary" in answer.content.decode()
    assert not Event.objects.filter(name=EventName.ACCOUNT_SEARCHED).exists()


def test_the_accounts_looked_at_last_are_at_hand_the_latest_first(desk: Client, hana: Account, ken: Account) -> None:
    for account in (hana, ken, hana):
        desk.get(f"/helpdesk/accounts/{account.common_id}/")
    answer = desk.get(SEARCH)
    assert [account.common_id for account in answer.context["recent"]] == [hana.common_id, ken.common_id]
    assert "You looked at last" in answer.content.decode()


def test_what_colleagues_looked_at_is_not_shown(desk: Client, browser_of: Browser, sato: Account, hana: Account) -> None:
    browser_of(sato).get(f"/helpdesk/accounts/{hana.common_id}/")
    assert desk.get(SEARCH).context["recent"] == []


@pytest.mark.parametrize("query", [{}, {"q": "1000000001"}, {"q": "sato"}, {"q": "佐藤 桜"}, {"q": "mail.example"}], ids=str)
def test_a_search_takes_at_most_six_queries_from_the_first_request_on(
    query: dict[str, str], hiro: Account, hana: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        an_account(name_en=f"Sakura Sato {number}", name_ja="佐藤 桜", affiliation=an_affiliation(f"school-{number}"))
    record(EventName.ACCOUNT_VIEWED, account=hana, actor=hiro)
    desk = Client()
    signed_in(desk, hiro, verified=proved_by(a_totp_app(hiro)))
    with django_assert_max_num_queries(6):
        assert desk.get(SEARCH, query).status_code == 200
