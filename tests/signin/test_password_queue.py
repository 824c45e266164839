"""R-023: passwords of one account are judged one after the other, right ones and wrong ones in the same queue."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.budgets import PASSWORD, Limit
from accounts.models import Account, FailureBudget
from audit.catalogue import EventName
from audit.record import record
from signin.models import SignInAttempt
from tests.factories import PASSWORD as RIGHT
from tests.factories import a_totp_app, an_account

Parallel = Callable[..., list[Any]]
LONG = 1.5


@pytest.fixture
def account(transactional_db: None) -> Account:
    account = an_account()
    a_totp_app(account)
    return account


@pytest.mark.parametrize("earlier", [PASSWORD.cap - 1, None])
def test_a_right_password_does_not_overtake_the_wrong_one_before_it(
    parallel: Parallel, account: Account, monkeypatch: pytest.MonkeyPatch, earlier: int | None
) -> None:
    """Otherwise every try that is under way at the same moment is a free one, as many as the site has threads."""
    if earlier:
        FailureBudget.objects.create(scope=PASSWORD.scope, key=str(account.pk), failures=earlier, changed_at=timezone.now())
    else:
        monkeypatch.setattr("signin.password.PASSWORD", Limit("password", 1, PASSWORD.hold, PASSWORD.longest))
    counted = Event()

    def slow(name: EventName, **facts: Any) -> Any:
        if name == EventName.PASSWORD_REFUSED:
            counted.set()
            Event().wait(LONG)  # counted, and not committed yet
        return record(name, **facts)

    monkeypatch.setattr("signin.password.record", slow)

    def guess(number: int) -> int:
        if number:
            counted.wait(LONG * 4)
        word = RIGHT if number else "wrong"
        return int(Client().post("/signin/password/", {"common_id": account.common_id, "password": word}).status_code)

    assert [outcome.value for outcome in parallel(2, guess)] == [200, 200]
    assert not SignInAttempt.objects.exists()
