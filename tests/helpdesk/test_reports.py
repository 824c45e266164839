"""Reported requests: listed at once for staff, with where they came from, until somebody settles them (S-127, S-143)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from methods.models import Report
from tests.factories import a_totp_app, an_account, proved_by, signed_in
from tests.helpdesk.conftest import REASON, a_report

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
LIST = "/helpdesk/reports/"


def page(client: Client, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def account_page(client: Client, account: Account) -> str:
    return page(client, f"/helpdesk/accounts/{account.common_id}/")


@pytest.mark.covers("S-127", "S-143")
def test_a_report_is_listed_with_whose_it_is_and_where_the_request_came_from(desk: Client, hana: Account) -> None:
    a_report(hana)
    html = page(desk)
    for shown in ("Hana Sato", "1000000001", "For signing in, asked on “My phone”", "Firefox · Windows, outside the campus", "203.0.113.7"):
        assert shown in html
    assert f'href="/helpdesk/accounts/{hana.common_id}/"' in html


def test_a_request_from_a_campus_network_is_called_so(desk: Client, hana: Account, settings: Settings) -> None:
    settings.MFA_CAMPUS_NETWORKS = ["203.0.113.0/24"]
    a_report(hana)
    assert "a campus network" in page(desk)


def test_the_newest_comes_first(desk: Client, hana: Account, ken: Account) -> None:
    a_report(hana, reported_at=timezone.now() - timedelta(hours=1))
    a_report(ken)
    rows = desk.get(LIST).context["rows"]
    assert [row.report.account for row in rows] == [ken, hana]


@pytest.mark.covers("S-143")
def test_the_menu_of_the_desk_says_how_many_are_open(desk: Client, hana: Account, hiro: Account) -> None:
    assert "tab-count" not in page(desk, "/helpdesk/")
    a_report(hana)
    a_report(hana)
    addresses = ["/helpdesk/", "/helpdesk/?q=hana", LIST, f"{LIST}?settled", "/helpdesk/terminations/"]
    for address in addresses:
        assert '<span class="visually-hidden">(</span>2<' in page(desk, address), address
    record(EventName.ACCOUNT_VIEWED, account=hana, actor=hiro)
    assert '<span class="visually-hidden">(</span>2<' in page(desk, "/helpdesk/")


@pytest.mark.covers("S-127")
def test_staff_read_first_what_to_say_to_somebody_who_reported(desk: Client, hana: Account) -> None:
    report = a_report(hana)
    html = account_page(desk, hana)
    assert "Somebody else probably knows your password." in html
    assert "For signing in, asked on “My phone”" in html
    desk.post(f"/helpdesk/reports/{report.pk}/settle/", REASON)
    html = account_page(desk, hana)
    assert "Somebody else probably knows your password." not in html
    assert "Ticket 4711" in html


@pytest.mark.parametrize("of", ["", "accounts/1000000001/"])
def test_whoever_settles_writes_down_what_was_found(desk: Client, hana: Account, hiro: Account, of: str) -> None:
    report = a_report(hana)
    answer = desk.post(f"/helpdesk/{of}reports/{report.pk}/settle/", {"reason": "She changed her\u202e password."}, follow=True)
    assert "The report is settled." in answer.content.decode()
    report.refresh_from_db()
    assert (report.settled_by, report.note) == (hiro, "She changed her password.")
    event = Event.objects.get(name=EventName.REPORT_SETTLED)
    assert (event.account_id, event.actor_id, event.reason, event.after) == (
        hana.pk,
        hiro.pk,
        "She changed her password.",
        {"report": str(report.pk)},
    )
    assert page(desk, LIST).count("<h2") == 0
    assert "She changed her password." in page(desk, f"{LIST}?settled")


@pytest.mark.parametrize("of", ["", "accounts/1000000001/"])
def test_without_a_word_on_it_a_report_stays_open_and_the_form_says_why(desk: Client, hana: Account, of: str) -> None:
    report = a_report(hana)
    answer = desk.post(f"/helpdesk/{of}reports/{report.pk}/settle/", {"reason": " "})
    assert answer.status_code == 400
    assert "Write down why." in answer.content.decode()
    assert Report.objects.get().settled_at is None


def test_a_report_is_settled_once(desk: Client, hana: Account) -> None:
    report = a_report(hana)
    for expected in (302, 409):
        assert desk.post(f"/helpdesk/reports/{report.pk}/settle/", REASON).status_code == expected
    assert Event.objects.filter(name=EventName.REPORT_SETTLED).count() == 1


def test_a_report_is_not_settled_under_the_name_of_another_account(desk: Client, hana: Account, ken: Account) -> None:
    report = a_report(hana)
    assert desk.post(f"/helpdesk/accounts/{ken.common_id}/reports/{report.pk}/settle/", REASON).status_code == 404


def test_nobody_settles_what_concerns_themselves(desk: Client, hiro: Account) -> None:
    report = a_report(hiro)
    html = page(desk)
    assert "Staff tools cannot be used on your own account." in html
    assert "report-settle" not in html
    assert desk.post(f"/helpdesk/reports/{report.pk}/settle/", REASON).status_code == 403
    assert Report.objects.get().settled_at is None


def test_a_report_of_an_equal_is_left_to_somebody_higher(desk: Client, ken: Account, browser_of: Browser, sato: Account) -> None:
    RoleGrant.objects.create(account=ken, role="helpdesk")
    report = a_report(ken)
    assert desk.post(f"/helpdesk/reports/{report.pk}/settle/", REASON).status_code == 403
    assert browser_of(sato).post(f"/helpdesk/reports/{report.pk}/settle/", REASON).status_code == 302


def test_an_old_verification_is_made_anew_before_one_settles(hana: Account, hiro: Account) -> None:
    report, client = a_report(hana), Client()
    badge = signed_in(client, hiro)
    badge.verified_at = timezone.now() - timedelta(minutes=11)
    badge.save(update_fields=["verified_at"])
    assert "Verify yourself first" in page(client)
    answer = client.post(f"/helpdesk/reports/{report.pk}/settle/", REASON)
    assert answer["Location"].startswith("/signin/step-up/?next=%2Fhelpdesk%2Freports%2F")


@pytest.mark.parametrize("address", [LIST, f"{LIST}?settled"])
def test_the_list_takes_at_most_nine_queries_however_long_it_is(
    address: str, hiro: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        a_report(an_account())
        a_report(an_account(), settled_at=timezone.now(), settled_by=hiro, note="done")
    desk = Client()
    signed_in(desk, hiro, verified=proved_by(a_totp_app(hiro)))
    with django_assert_max_num_queries(9):
        assert len(desk.get(address).context["rows"]) == 20
