"""R-023, R-042, I3: many requests at the same moment are worth no more than one after another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.budgets import PASSWORD, VERIFICATION
from accounts.models import Account, FailureBudget, SessionRecord
from audit.models import Event
from methods.kinds.totp.kind import TotpKind
from methods.models import Challenge, ChallengeState
from signin.models import AttemptState, SignInAttempt
from tests.factories import PASSWORD as RIGHT
from tests.factories import a_totp_app, an_account, app_code, signed_in
from tests.signin.door import enter_code, enter_password, has_session, sign_in, wrong_code

THREADS, EACH = 20, 10
Parallel = Callable[..., list[Any]]


@pytest.fixture
def account(transactional_db: None) -> Account:
    account = an_account()
    a_totp_app(account)
    return account


def copies(client: Client, number: int) -> list[Client]:
    """The same browser, able to send many requests at once."""
    browsers = [Client() for _ in range(number)]
    for browser in browsers:
        browser.cookies = client.cookies.copy()
    return browsers


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[int]:
    """A list that grows by one at each call of a method."""
    calls: list[int] = []
    plain = getattr(owner, name)

    def counting(*args: Any) -> Any:
        calls.append(1)
        return plain(*args)

    monkeypatch.setattr(owner, name, counting)
    return calls


def test_two_hundred_wrong_codes_are_verified_ten_times(parallel: Parallel, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [Client() for _ in range(THREADS)]
    for client in clients:
        enter_password(client, account)
    calls, wrong = counted(monkeypatch, TotpKind, "check"), wrong_code()
    outcomes = parallel(THREADS, lambda n: [enter_code(clients[n], wrong).status_code for _ in range(EACH)])
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert len(calls) == VERIFICATION.cap
    account.refresh_from_db()
    assert account.failures == VERIFICATION.cap
    assert not SessionRecord.objects.exists()


def test_one_right_code_in_twenty_requests_of_one_browser_signs_in_once(parallel: Parallel, account: Account) -> None:
    client = Client()
    enter_password(client, account)
    browsers, code = copies(client, THREADS), app_code()
    outcomes = parallel(THREADS, lambda n: enter_code(browsers[n], code))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert sum(has_session(browser) for browser in browsers) == 1
    assert SessionRecord.objects.count() == 1
    assert SignInAttempt.objects.get().state == AttemptState.DONE
    account.refresh_from_db()
    assert account.failures == 0


def test_one_right_code_in_twenty_browsers_signs_in_once(parallel: Parallel, account: Account) -> None:
    """R-042: whoever looks over the shoulder is too late."""
    browsers, code = [Client() for _ in range(THREADS)], app_code()
    for browser in browsers:
        enter_password(browser, account)
    outcomes = parallel(THREADS, lambda n: enter_code(browsers[n], code))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert SessionRecord.objects.count() == 1
    assert Challenge.objects.filter(state=ChallengeState.PASSED).count() == 1


def test_one_right_code_steps_up_one_of_many_sessions(parallel: Parallel, account: Account) -> None:
    browsers, code = [Client() for _ in range(8)], app_code()
    for browser in browsers:
        signed_in(browser, account, verified=False)
    outcomes = parallel(8, lambda n: browsers[n].post("/signin/step-up/", {"code": code, "next": "/"}))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert SessionRecord.objects.exclude(verified_at=None).count() == 1


def test_among_parallel_wrong_passwords_a_right_one_counts_as_one_of_the_cap(parallel: Parallel, account: Account) -> None:
    """R-023: whoever comes after the cap learns nothing, right or wrong."""

    def guess(number: int) -> int:
        word = RIGHT if number == THREADS - 1 else "wrong"
        return int(Client().post("/signin/password/", {"common_id": account.common_id, "password": word}).status_code)

    FailureBudget.objects.create(scope="password", key=str(account.pk), failures=PASSWORD.cap - 1, changed_at=timezone.now())
    let_in = [outcome.value for outcome in parallel(THREADS, guess)].count(302)
    assert let_in == SignInAttempt.objects.count() <= 1
    assert FailureBudget.objects.get(scope="password").failures == PASSWORD.cap
    assert Event.objects.filter(name="password:refused").count() == 1
    assert Event.objects.filter(name="password:held").count() == THREADS - 1 - let_in


def test_parallel_wrong_passwords_stop_at_the_cap(parallel: Parallel, account: Account) -> None:
    def guess(number: int) -> int:
        return int(Client().post("/signin/password/", {"common_id": account.common_id, "password": "wrong"}).status_code)

    parallel(THREADS, guess)
    budget = FailureBudget.objects.get(scope="password")
    assert (budget.failures, budget.holds) == (PASSWORD.cap, 1)
    assert Client().post("/signin/password/", {"common_id": account.common_id, "password": RIGHT}).status_code == 200


def test_many_right_passwords_at_once_lock_nobody_out(parallel: Parallel, account: Account) -> None:
    parallel(THREADS, lambda n: enter_password(Client(), account))
    assert SignInAttempt.objects.count() == THREADS
    assert not FailureBudget.objects.exists()
    client = Client()
    assert sign_in(client, account).status_code == 302
    assert has_session(client)


def test_a_sign_in_and_a_departure_at_once_leave_no_session(parallel: Parallel, account: Account) -> None:
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        enter_password(browser, account)

    def act(number: int) -> Any:
        if number == 4:
            return Account.objects.filter(pk=account.pk).update(left_at=account.created_at, epoch=1)
        return enter_code(browsers[number])

    parallel(5, act)
    for browser in browsers:
        assert browser.get("/my-account/").status_code == 302
