"""R-132, R-133, R-141, I7: changes at the same moment leave an account as one after another would."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods import lifecycle
from methods.models import RegisteredMethod
from methods.usable import listed, usable
from tests.factories import a_totp_app, an_account, app_code
from tests.methods.people import fresh_browser, key_on
from tests.signin.door import enter_code, enter_password

Parallel = Callable[..., list[Any]]


@pytest.fixture
def account(transactional_db: None) -> Account:
    return an_account(methods_needed=True)


def apps(account: Account, number: int) -> list[RegisteredMethod]:
    return [a_totp_app(account, name=f"app {n}", key=f"the key of app no. {n}".encode()) for n in range(number)]


def problems(outcomes: list[Any]) -> list[str]:
    """What went wrong that is no refusal."""
    return [repr(outcome.error) for outcome in outcomes if outcome.error and not isinstance(outcome.error, Refused)]


def test_of_two_removals_at_once_one_is_refused(parallel: Parallel, account: Account) -> None:
    """R-132."""
    methods = apps(account, 2)
    outcomes = parallel(2, lambda n: lifecycle.remove(account, methods[n].pk, actor=account))
    assert problems(outcomes) == []
    assert [str(outcome.error) for outcome in outcomes if outcome.error] == ["last-method"]
    assert len(usable(account)) == 1


def test_of_many_removals_at_once_one_method_is_left_and_it_is_the_default(parallel: Parallel, account: Account) -> None:
    methods = apps(account, 5)
    outcomes = parallel(10, lambda n: lifecycle.remove(account, methods[n % 5].pk, actor=account))
    assert problems(outcomes) == []
    (left,) = usable(account)
    assert left.is_default
    assert Event.objects.filter(name="method:removed").count() == 4


def test_through_the_pages_too_the_last_method_stays(parallel: Parallel, account: Account) -> None:
    methods = apps(account, 3)
    browsers = [fresh_browser(account) for _ in methods]
    outcomes = parallel(3, lambda n: browsers[n].post(f"/security-info/methods/{methods[n].pk}/delete/"))
    assert problems(outcomes) == []
    assert len(usable(account)) >= 1
    assert sum(method.is_default for method in listed(account)) == 1


def test_parallel_choices_leave_one_default(parallel: Parallel, account: Account) -> None:
    """R-133."""
    methods = apps(account, 4)
    outcomes = parallel(12, lambda n: lifecycle.set_default(account, methods[n % 4].pk, actor=account))
    assert problems(outcomes) == []
    assert RegisteredMethod.objects.filter(account=account, is_default=True).count() == 1


def test_removing_and_preferring_the_same_method_leave_a_default(parallel: Parallel, account: Account) -> None:
    methods = apps(account, 3)

    def act(number: int) -> None:
        verb = lifecycle.remove if number % 2 else lifecycle.set_default
        verb(account, methods[1].pk, actor=account)

    outcomes = parallel(8, act)
    assert problems(outcomes) == []
    assert [method.is_default for method in listed(account)].count(True) == 1
    assert methods[1].pk not in [method.pk for method in listed(account)]


def test_the_same_proof_sent_twice_registers_once(parallel: Parallel, account: Account) -> None:
    """R-141."""
    client = fresh_browser(account)
    client.post("/security-info/totp/")
    code = app_code(key_on(client.get("/security-info/totp/scan/")))
    browsers = [fresh_browser(account) for _ in range(6)]
    for browser in browsers:
        browser.cookies = client.cookies.copy()
    outcomes = parallel(6, lambda n: browsers[n].post("/security-info/totp/scan/", {"code": code}).status_code)
    assert problems(outcomes) == []
    assert len(usable(account)) == 1
    account.refresh_from_db()
    assert account.failures == 0, "who comes second has not guessed"


def test_registrations_at_once_in_many_sessions_respect_the_limit(parallel: Parallel, account: Account) -> None:
    apps(account, 4)
    browsers = [fresh_browser(account) for _ in range(5)]
    codes = []
    for browser in browsers:
        browser.post("/security-info/totp/")
        codes.append(app_code(key_on(browser.get("/security-info/totp/scan/"))))
    outcomes = parallel(5, lambda n: browsers[n].post("/security-info/totp/scan/", {"code": codes[n]}).status_code)
    assert problems(outcomes) == []
    assert len(usable(account)) == 5
    account.refresh_from_db()
    assert account.failures == 0


def test_a_sign_in_and_a_removal_at_once_leave_no_session_of_the_removed_method(parallel: Parallel, account: Account) -> None:
    """Whichever comes first: the session exists as soon as the code is spent."""
    for _ in range(3):
        first, _second = apps(account, 2)
        visitor = Client()
        enter_password(visitor, account)
        code = app_code(b"the key of app no. 0")

        def act(number: int, first: Any = first, visitor: Client = visitor, code: str = code) -> Any:
            return lifecycle.remove(account, first.pk, actor=account) if number else enter_code(visitor, code)

        assert problems(parallel(2, act)) == []
        assert visitor.get("/my-account/").status_code == 302
        RegisteredMethod.objects.filter(account=account).update(state="removed", is_default=False)
