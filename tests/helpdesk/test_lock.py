"""An account that staff have locked: nobody gets in, and the answer does not say why."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from tests.factories import PASSWORD, signed_in
from tests.helpdesk.conftest import REASON, Caller

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def knock(account: Account, password: str) -> str:
    form = {"common_id": account.common_id, "password": password, "next": "/"}
    answer = Client().post("/signin/password/", form)
    assert answer.status_code == 200
    return str(answer.context["form"].non_field_errors())


def test_the_right_password_is_answered_like_a_wrong_one(browser_of: Browser, sato: Account, caller: Caller) -> None:
    browser_of(sato).post(caller.url("lock"), REASON)
    assert knock(caller.account, PASSWORD) == knock(caller.account, "wrong password")


def test_open_sessions_end_at_the_next_request(browser_of: Browser, sato: Account, caller: Caller) -> None:
    browser = Client()
    signed_in(browser, caller.account)
    assert browser.get("/my-account/").status_code == 200
    browser_of(sato).post(caller.url("lock"), REASON)
    assert browser.get("/my-account/").status_code == 302


def test_unlocking_lets_the_person_in_again(browser_of: Browser, sato: Account, caller: Caller) -> None:
    staff = browser_of(sato)
    staff.post(caller.url("lock"), REASON)
    assert "Locked by staff" in staff.get(caller.page).content.decode()
    staff.post(caller.url("unlock"), REASON)
    form = {"common_id": caller.account.common_id, "password": PASSWORD, "next": "/"}
    assert Client().post("/signin/password/", form).status_code == 302


def test_locking_twice_is_refused(browser_of: Browser, sato: Account, caller: Caller) -> None:
    staff = browser_of(sato)
    staff.post(caller.url("lock"), REASON)
    assert "locked already" in staff.post(caller.url("lock"), REASON).content.decode()
