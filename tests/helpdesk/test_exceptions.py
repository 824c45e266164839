"""The list of open exceptions by age, and of those who would return without a method (C-08)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from policies.allowances import today
from policies.models import Application, Termination
from tests.factories import a_totp_app, an_account
from tests.policies.books import in_force, methods_of

pytestmark = pytest.mark.django_db
PAGE = "/helpdesk/exceptions/"
Browser = Callable[..., Client]


def terminated(account: Account, by: Account, *, since: int = 10, left: int = 80) -> Termination:
    """`account`, whose MFA use ended `since` days ago and returns in `left` days."""
    now = timezone.now()
    application = Application.objects.create(
        account=account, revision=2, state="terminated", text_version="x", tested_at=now, submitted_at=now, ended_at=now
    )
    days = {"requested_at": now, "expires_at": now, "decided_at": now - timedelta(days=since), "ends_at": now + timedelta(days=left)}
    return Termination.objects.create(
        application=application, state="approved", reason="broken arm", requested_by=by, days=90, snapshot={}, **days
    )


def page(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.covers("C-08")
def test_open_exceptions_are_listed_the_longest_first(hana: Account, ken: Account, hiro: Account, browser_of: Browser) -> None:
    terminated(hana, hiro, since=3)
    terminated(ken, hiro, since=30)
    Termination.objects.filter(pk=terminated(an_account("2999999999"), hiro).pk).update(state="ended")
    shown = page(browser_of(hiro))
    assert shown.index(ken.common_id) < shown.index(hana.common_id)
    assert "2999999999" not in shown


@pytest.mark.covers("C-08")
def test_who_returns_soon_without_a_method_is_found(hana: Account, ken: Account, hiro: Account, browser_of: Browser) -> None:
    terminated(hana, hiro, left=5)
    terminated(ken, hiro, left=5)
    a_totp_app(ken)
    late = an_account("2999999998")
    terminated(late, hiro, left=60)
    shown = page(browser_of(hiro), "?near")
    assert hana.common_id in shown
    assert ken.common_id not in shown
    assert late.common_id not in shown


@pytest.mark.covers("C-08", "C-04")
def test_who_has_only_a_method_of_a_kind_that_has_ended_is_found_too(ken: Account, hiro: Account, browser_of: Browser) -> None:
    terminated(ken, hiro, left=5)
    a_totp_app(ken)
    reader = browser_of(hiro)
    assert ken.common_id not in page(reader, "?near")
    in_force({"asks": "verify"}, methods=(methods_of("totp", "phone", last_days={"totp": today() - timedelta(days=1)}),))
    assert ken.common_id in page(reader, "?near")


def test_a_long_list_has_pages_and_costs_the_same(
    hana: Account, hiro: Account, browser_of: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    terminated(hana, hiro)
    browser = browser_of(hiro)
    page(browser)
    with django_assert_num_queries(7):
        page(browser)
    for _ in range(30):
        terminated(an_account(), hiro)
    with django_assert_num_queries(7):
        assert "Page 1 of 2" in page(browser)


def test_it_is_for_the_desk_alone(hana: Account, aki: Account, browser_of: Browser) -> None:
    assert browser_of(hana).get(PAGE).status_code == 403
    assert browser_of(aki).get(PAGE).status_code == 403


@pytest.mark.covers("C-08")
def test_one_without_end_stands_in_the_list_and_is_never_near(hana: Account, ada: Account, hiro: Account, browser_of: Browser) -> None:
    row = terminated(hana, ada)
    Termination.objects.filter(pk=row.pk).update(days=None, ends_at=None)
    assert "Without end" in page(browser_of(hiro))
    assert hana.common_id not in page(browser_of(hiro), "?near")
