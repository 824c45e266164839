"""Finding an account: by id, name in either script or address, with few queries, and on record."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from helpdesk.cases import close, open_case
from helpdesk.models import Case, CaseKind, CaseSource, Typing
from helpdesk.searching import MINUTE, MOST, PAUSE, SETTLED, settle
from methods.kinds.phone.models import PhoneDevice
from tests.factories import a_phone, a_totp_app, an_account, an_affiliation, proved_by, signed_in

pytestmark = pytest.mark.django_db
SEARCH = "/helpdesk/"
Browser = Callable[..., Client]


def found(client: Client, text: str) -> list[str]:
    return [account.common_id for account in client.get(SEARCH, {"q": text}).context["found"].accounts]


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
    for _ in range(26):
        an_account(name_en="Sakura Tanaka")
    html = desk.get(SEARCH, {"q": "tanaka"}).content.decode()
    assert "These are the first 25. Add another word to find fewer." in html


@pytest.mark.covers("S-146")
def test_a_search_is_recorded_with_its_words_and_the_number_of_hits(desk: Client, hana: Account, hiro: Account) -> None:
    desk.get(SEARCH, {"q": "hana"})
    event = Event.objects.get(name=EventName.ACCOUNT_SEARCHED)
    assert (event.actor_id, event.after) == (hiro.pk, {"text": "hana", "found": 1})


@pytest.mark.parametrize("text", ["", "   "])
def test_without_words_nothing_is_searched_or_recorded(text: str, desk: Client, hana: Account) -> None:
    assert "found" not in desk.get(SEARCH, {"q": text}).context
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


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("?q=sato", 6),
        ("?q=佐藤 桜", 6),
        ("?q=さとう", 6),
        ("?q=mail.example", 6),
        ("?q=1000000001", 6),
        ("?q=5678", 8),  # the ends of phone numbers, and whose they are
        ("?q=1234567", 8),  # also the number of a case
        ("suggestions/?q=sato", 5),
        ("suggestions/?q=1000000001", 5),
        ("", 7),
    ],
)
def test_a_search_takes_six_queries_and_one_more_for_every_other_thing_that_a_number_may_mean(
    address: str, most: int, hiro: Account, hana: Account
) -> None:
    for number in range(20):
        an_account(name_en=f"Sakura Sato {number}", name_ja="佐藤 桜", affiliation=an_affiliation(f"school-{number}"))
    a_phone(hana, "+819012345678")
    record(EventName.ACCOUNT_VIEWED, account=hana, actor=hiro)
    desk = Client()
    signed_in(desk, hiro, verified=proved_by(a_totp_app(hiro)))
    desk.get(SEARCH, {"q": "ken"})
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(f"{SEARCH}{address}").status_code == 200
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]  # of the test's transaction
    assert len(asked) <= most, "\n".join(asked)


def test_an_id_is_nobodys_phone_number(desk: Client, ken: Account, hana: Account) -> None:
    a_phone(hana, f"+81{ken.common_id}")
    assert found(desk, ken.common_id) == [ken.common_id]


@pytest.mark.parametrize("text", ["5678", "345678", "090-1234-5678", "+81 90 1234 5678", "０９０１２３４５６７８", "（090）1234‐5678"])
def test_an_account_is_found_by_the_end_of_a_phone_number(text: str, desk: Client, ken: Account, hana: Account) -> None:
    a_phone(ken, "+819012345678")
    answer = desk.get(SEARCH, {"q": text})
    assert [account.common_id for account in answer.context["found"].accounts] == [ken.common_id]
    html = answer.content.decode()
    assert "by phone number" in html
    assert "9012345678" not in html.replace(text, "")


@pytest.mark.parametrize("text", ["678", "5679", "999995678", "45678 x", "0" * 200])
def test_fewer_or_other_digits_find_nobody(text: str, desk: Client, ken: Account) -> None:
    a_phone(ken, "+819012345678")
    assert found(desk, text) == []


def test_the_end_of_an_unconfirmed_number_finds_nobody(desk: Client, ken: Account) -> None:
    method = a_phone(ken, "+819012345678")
    PhoneDevice.objects.filter(method=method).update(confirmed=False)
    assert found(desk, "5678") == []


@pytest.mark.parametrize("written", ["{0}-{1}", "{0}{1}", " {0}-{1} "])
def test_a_case_is_found_by_its_number(written: str, desk: Client, hana: Account) -> None:
    case = open_case(hana, actor=None, kind=CaseKind.LOST, source=CaseSource.COUNTER)
    html = desk.get(SEARCH, {"q": written.format(case.number[:3], case.number[3:])}).content.decode()
    assert f'href="/helpdesk/cases/{case.number}/"' in html
    assert "Hana Sato" in html
    assert "Nobody found" not in html


def test_the_cases_of_a_member_of_staff_are_at_hand_the_open_ones_first(desk: Client, hana: Account, hiro: Account, ken: Account) -> None:
    for person in (hana, ken):
        open_case(person, actor=hiro, kind=CaseKind.LOST)
    closed = Case.objects.get(account=ken)
    close(closed, actor=hiro, text="Done")
    answer = desk.get(SEARCH)
    assert [case.account for case in answer.context["mine"]] == [hana, ken]
    assert "Your cases" in answer.content.decode()


def searches(staff: Account) -> list[dict[str, object]]:
    rows = Event.objects.filter(name=EventName.ACCOUNT_SEARCHED, actor_id=staff.pk).order_by("pk")
    return [event.after for event in rows]


def type_in(desk: Client, *texts: str) -> None:
    for text in texts:
        assert desk.get(f"{SEARCH}suggestions/", {"q": text}).status_code == 200


def test_what_is_found_while_typing_is_offered_with_where_it_leads(desk: Client, hana: Account) -> None:
    html = desk.get(f"{SEARCH}suggestions/", {"q": "はな"}).content.decode()
    assert 'role="option"' in html
    assert 'data-href="/helpdesk/accounts/1000000001/"' in html
    assert 'data-announce="1 account"' in html


@pytest.mark.covers("S-146")
def test_letters_are_one_search_which_is_recorded_when_it_has_settled(desk: Client, hana: Account, hiro: Account) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        type_in(desk, "h", "ha", "han", "hana")
        assert (searches(hiro), settle()) == ([], 0)
        clock.shift(SETTLED + timedelta(seconds=1))
        assert (settle(), settle()) == (1, 0)
    assert searches(hiro) == [{"text": "hana", "found": 1}]
    event = Event.objects.get(name=EventName.ACCOUNT_SEARCHED)
    assert (event.address, bool(event.session)) == ("127.0.0.1", True)


def test_another_word_or_a_pause_makes_another_search(desk: Client, hana: Account, hiro: Account) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        type_in(desk, "ha", "hana", "ken", "ke")
        clock.shift(PAUSE + timedelta(seconds=1))
        type_in(desk, "ken")
    assert [search["text"] for search in searches(hiro)] == ["hana", "ken", "ke"]


def test_nobody_goes_through_all_accounts_by_taking_letters_away(desk: Client, hana: Account, ken: Account, hiro: Account) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        type_in(desk, "1000", hana.common_id, "1000", ken.common_id, "1000")
    assert [search["text"] for search in searches(hiro)] == [hana.common_id, ken.common_id]


def test_the_form_records_at_once_and_stands_for_what_was_typed_on_the_way(desk: Client, hana: Account, hiro: Account) -> None:
    type_in(desk, "ken", "ha", "han")
    desk.get(SEARCH, {"q": "hana"})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        settle()
    assert [search["text"] for search in searches(hiro)] == ["ken", "hana"]


def test_who_searches_very_often_is_slowed_down_and_shown_nothing(desk: Client, hana: Account, hiro: Account) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        type_in(desk, "hana")
        Typing.objects.update(times=MOST)
        for address in (f"{SEARCH}suggestions/", SEARCH):
            answer = desk.get(address, {"q": "hana"})
            assert answer.status_code == 429
            assert "Wait a moment" in answer.content.decode()
            assert hana.common_id not in answer.content.decode()
        clock.shift(MINUTE)
        type_in(desk, "hana")
