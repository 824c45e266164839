"""The board of the desk: figures with their tables, that name nobody, in few queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, RoleGrant
from accounts.roles import ROLES, Held, Powers, powers
from audit.catalogue import EventName
from audit.record import Happening, record, record_many
from helpdesk.board import Section, sections
from helpdesk.cases import close, open_case
from helpdesk.models import Case, CaseKind, CaseSource
from methods.gateways.twilio.words import NOT_REACHABLE
from policies.models import Delivery
from tests.factories import an_account, an_affiliation
from tests.helpdesk.conftest import Caller, a_caller

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
BOARD = "/helpdesk/board/"


EVERYTHING = Powers(20, frozenset(), (Held(ROLES["senior-helpdesk"], None),))


def shown(code: str, own: Powers = EVERYTHING) -> Section:
    return next(section for section in sections(timezone.now(), own) if section.code == code)


def a_case(account: Account, kind: CaseKind, age: timedelta, **facts: object) -> Case:
    case = open_case(account, actor=None, kind=kind, source=CaseSource.HOLDER)
    Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - age, **facts)
    return case


def test_open_cases_are_counted_by_kind_and_age(hana: Account) -> None:
    for hours in (0, 2, 9, 30, 50):
        a_case(hana, CaseKind.LOST, timedelta(hours=hours))
    a_case(hana, CaseKind.LOCKED, timedelta(minutes=1))
    a_case(hana, CaseKind.END, timedelta(minutes=1), closed_at=timezone.now())
    assert shown("open").rows == [["Lost or changed phone", 1, 1, 1, 2, 5], ["Locked out", 1, 0, 0, 0, 1]]


def test_solved_at_first_contact_is_what_its_owner_closed_within_the_hour(hana: Account, hiro: Account, sato: Account) -> None:
    close(open_case(hana, actor=hiro, kind=CaseKind.LOST), actor=hiro, text="done")
    close(open_case(hana, actor=hiro, kind=CaseKind.LOST), actor=sato, text="done by another")
    a_case(hana, CaseKind.LOST, timedelta(hours=2), owner=hiro, closed_by=hiro, closed_at=timezone.now())
    a_case(hana, CaseKind.LOST, timedelta(days=40), owner=hiro, closed_by=hiro, closed_at=timezone.now() - timedelta(days=40))
    assert shown("first-contact").rows == [["Lost or changed phone", 3, 1, "33 %"]]


def test_lock_outs_are_counted_hour_by_hour_and_each_account_once(hana: Account, ken: Account) -> None:
    for account in (hana, hana, ken):
        record(EventName.CHALLENGE_HELD, account=account)
    record(EventName.CHALLENGE_FAILED, account=hana)
    rows = shown("lock-outs").rows
    assert (len(rows), rows[-1][1:], rows[0][1:]) == (24, [2, 3], [0, 0])


def test_messages_that_did_not_arrive_are_counted_by_country_and_reason(hana: Account) -> None:
    for country, code in (("JP", "30003"), ("JP", "30003"), ("DE", "30006")):
        record(EventName.MESSAGE_FAILED, account=hana, after={"channel": "sms", "country": country, "problem": code, "template": country})
    rows = shown("failures").rows
    assert [(row[1], row[-1]) for row in rows] == [("JP", 2), ("DE", 1)]
    assert rows[0][0] == str(NOT_REACHABLE)


def test_changes_that_need_a_person_are_counted_by_system(caller: object) -> None:
    Delivery.objects.update(state="failed")
    assert [row[:2] for row in shown("changes").rows] == [["Sign-in of this site", 1]]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_shows_each_figure_in_a_drawing_and_in_a_table_and_names_nobody(
    language: str, browser_of: Browser, hiro: Account, hana: Account
) -> None:
    a_case(hana, CaseKind.LOST, timedelta(hours=2))
    record(EventName.CHALLENGE_HELD, account=hana)
    client = browser_of(hiro)
    client.cookies["language"] = language
    html = client.get(BOARD).content.decode()
    with translation.override(language):
        assert str(CaseKind.LOST.label) in html
    assert html.count('<svg class="histogram"') == 1
    assert html.count("<table") == 2
    assert hana.common_id not in html


def test_it_takes_few_queries_however_much_has_happened(
    browser_of: Browser, hiro: Account, hana: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        a_case(an_account(), list(CaseKind)[number % 5], timedelta(hours=number))
    record_many([Happening(EventName.CHALLENGE_HELD, hana) for _ in range(500)])
    client = browser_of(hiro)
    client.get(BOARD)
    with django_assert_max_num_queries(9):
        assert client.get(BOARD).status_code == 200


def limited_to(code: str) -> Account:
    """A member of the desk who looks after one faculty."""
    staff = an_account()
    RoleGrant.objects.create(account=staff, role="helpdesk", affiliation=an_affiliation(code))
    return staff


def test_whoever_looks_after_one_faculty_reads_its_figures_alone(browser_of: Browser, caller: Caller) -> None:
    """Hana is of science."""
    other = a_caller(an_account(affiliation=an_affiliation("arts"))).account
    Case.objects.all().delete()
    for account in (caller.account, other):
        a_case(account, CaseKind.LOST, timedelta(hours=2))
        a_case(account, CaseKind.LOCKED, timedelta(minutes=2), closed_at=timezone.now())
        record(EventName.CHALLENGE_HELD, account=account)
        record(EventName.MESSAGE_FAILED, account=account, after={"channel": "sms", "country": "JP", "problem": "30003"})
    open_case(None, actor=None, kind=CaseKind.SIGN_IN, source=CaseSource.HOLDER, typed="9999999999")
    Delivery.objects.update(state="failed")
    staff = limited_to("science")
    figures = {code: (shown(code, powers(staff)), shown(code)) for code in ("open", "first-contact", "lock-outs", "failures", "changes")}
    assert {code: (sum(mine.drawn), sum(all_.drawn)) for code, (mine, all_) in figures.items()} == {
        "open": (1, 3),
        "first-contact": (0, 0),
        "lock-outs": (1, 2),
        "failures": (1, 2),
        "changes": (1, 2),
    }
    assert [row[1] for row in figures["first-contact"][0].rows] == [1]
    assert "Figures of the accounts that you look after: Faculty of Science." in browser_of(staff).get(BOARD).content.decode()
    assert "Figures of the accounts" not in browser_of(an_account(roles=("helpdesk",))).get(BOARD).content.decode()


def test_the_board_of_one_faculty_takes_few_queries_as_well(
    browser_of: Browser, hana: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    record_many([Happening(EventName.CHALLENGE_HELD, hana) for _ in range(500)])
    client = browser_of(limited_to("science"))
    with django_assert_max_num_queries(10):
        assert client.get(BOARD).status_code == 200
