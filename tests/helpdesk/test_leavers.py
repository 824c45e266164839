"""The page of those who have left, or leave soon."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.leaving import leave, today
from accounts.models import Account
from policies import leavers
from tests.factories import a_totp_app, an_account

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
PAGE = "/helpdesk/leavers/"


@pytest.fixture
def gone(hana: Account) -> Account:
    a_totp_app(hana)
    leave(hana, timezone.now())
    hana.save()
    return hana


def test_it_says_what_has_become_of_the_methods(gone: Account, browser_of: Browser, hiro: Account) -> None:
    desk = browser_of(hiro)
    assert "not suspended yet" in desk.get(PAGE).content.decode()
    leavers.look_after()
    html = desk.get(PAGE).content.decode()
    assert gone.common_id in html
    assert "suspended, removed after" in html
    Account.objects.filter(pk=gone.pk).update(left_at=timezone.now() - timedelta(days=91))
    leavers.look_after()
    assert "suspended, removed after" not in desk.get(PAGE).content.decode()


def test_who_leaves_soon_is_shown_apart(hana: Account, ken: Account, browser_of: Browser, hiro: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(leaves_on=today() + timedelta(days=29))
    Account.objects.filter(pk=ken.pk).update(leaves_on=today() + timedelta(days=31))
    desk = browser_of(hiro)
    html = desk.get(PAGE + "?soon").content.decode()
    assert hana.common_id in html
    assert ken.common_id not in html
    assert "Nobody has left" in desk.get(PAGE).content.decode()


def test_the_page_asks_the_same_however_many_have_left(
    browser_of: Browser, hiro: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        leave(account := an_account(), timezone.now())
        account.save()
    desk = browser_of(hiro)
    with django_assert_max_num_queries(8):  # one of them is the event of having read the list
        assert desk.get(PAGE).status_code == 200
