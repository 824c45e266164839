"""Many at the same moment are worth no more than one after another (R-023, I1)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, SessionRecord
from methods.kinds.push.models import PushDevice
from methods.models import Challenge
from tests.factories import an_account, signed_in
from tests.methods.push_phone import Phone, a_push_app, number_on, wrong_number
from tests.signin.door import enter_password

Parallel = Callable[..., list[Any]]
THREADS = 10


@pytest.fixture
def account(transactional_db: None) -> Account:
    return an_account()


@pytest.fixture
def phone(account: Account) -> Phone:
    phone = Phone()
    a_push_app(account, phone)
    return phone


def copy(phone: Phone) -> Phone:
    return Phone(key=phone.key, device=phone.device, seed=phone.seed)


def values(outcomes: list[Any]) -> list[Any]:
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    return [outcome.value for outcome in outcomes]


def test_of_many_wrong_numbers_at_once_one_is_judged(parallel: Parallel, account: Account, phone: Phone) -> None:
    browser = Client()
    enter_password(browser, account)
    wrong, request = wrong_number(number_on(browser.get("/signin/verify/"))), phone.requests()[0]["request"]
    said = values(parallel(THREADS, lambda n: copy(phone).yes(wrong, request)))
    assert sorted(said) == ["over"] * (THREADS - 1) + ["wrong"]
    account.refresh_from_db()
    assert account.failures == 1


def test_yes_and_no_at_once_are_one_answer(parallel: Parallel, account: Account, phone: Phone) -> None:
    browser = Client()
    enter_password(browser, account)
    number, request = number_on(browser.get("/signin/verify/")), phone.requests()[0]["request"]
    said = values(parallel(6, lambda n: copy(phone).yes(number, request) if n % 2 else copy(phone).no(request)))
    assert sorted(said) in (["over"] * 5 + ["yes"], ["over"] * 5 + ["report"])


def test_one_yes_signs_in_once_however_often_the_page_goes_on(parallel: Parallel, account: Account, phone: Phone) -> None:
    browser = Client()
    enter_password(browser, account)
    phone.yes(number_on(browser.get("/signin/verify/")))
    copies = [Client() for _ in range(THREADS)]
    for one in copies:
        one.cookies = browser.cookies.copy()
    values(parallel(THREADS, lambda n: copies[n].post("/signin/verify/").status_code))
    assert SessionRecord.objects.count() == 1


def test_one_code_pairs_one_app(parallel: Parallel, account: Account) -> None:
    browser = Client()
    signed_in(browser, account)
    code = browser.post("/security-info/push/open/")["Location"].partition("#pair=")[2]
    phones = [Phone() for _ in range(THREADS)]
    answers = values(parallel(THREADS, lambda n: phones[n].pair(code=code).status_code))
    assert sorted(answers) == [200] + [403] * (THREADS - 1)
    (winner,) = [phone for phone in phones if phone.device]
    assert winner.call("requests", {}).status_code == 200
    assert PushDevice.objects.exclude(key="").count() == 1


def test_many_passwords_at_once_leave_one_open_request_and_stop_at_three(parallel: Parallel, account: Account, phone: Phone) -> None:
    """R-053, R-054."""
    values(parallel(THREADS, lambda n: enter_password(Client(), account).status_code))
    assert Challenge.objects.filter(way="approve").count() == 3
    assert Challenge.objects.filter(way="approve", state="open").count() == 1
    assert Challenge.objects.filter(way="code").count() == THREADS - 3


def test_one_offline_code_in_many_browsers_signs_in_once(parallel: Parallel, account: Account) -> None:
    """R-042."""
    phone = Phone()
    a_push_app(account, phone, way="code")
    browsers, code = [Client() for _ in range(THREADS)], phone.code()
    for browser in browsers:
        enter_password(browser, account)
    values(parallel(THREADS, lambda n: browsers[n].post("/signin/verify/", {"code": code}).status_code))
    assert SessionRecord.objects.count() == 1
