"""R-093, R-094: what holds for one answer after another holds for many at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from methods.answers import Outcome, answer
from methods.kinds.fido.asking import handle_of
from methods.kinds.fido.judging import Signed
from methods.kinds.fido.kind import _count_on
from methods.kinds.fido.models import FidoDevice, UserHandle
from methods.models import RegisteredMethod
from tests.factories import an_account
from tests.methods.security_key import SoftKey
from tests.methods.test_fido_answers import asked, options_of, register, verify

Parallel = Callable[..., list[Any]]
THREADS = 8


@pytest.fixture
def accounts(transactional_db: None) -> list[Account]:
    return [an_account() for _ in range(THREADS)]


def test_one_credential_on_many_accounts_at_once_stands_on_one(parallel: Parallel, accounts: list[Account]) -> None:
    keys = [SoftKey(credential_id=b"the same one on every key") for _ in range(THREADS)]
    outcomes = parallel(THREADS, lambda n: register(accounts[n], keys[n]).outcome)
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert sorted(outcome.value for outcome in outcomes) == [Outcome.PASSED] + [Outcome.WRONG] * (THREADS - 1)
    assert FidoDevice.objects.filter(confirmed=True).count() == RegisteredMethod.objects.count() == 1


def test_of_many_answers_with_the_same_count_one_is_right(parallel: Parallel, accounts: list[Account]) -> None:
    assert register(accounts[0], SoftKey()).outcome == Outcome.PASSED
    device = FidoDevice.objects.get(confirmed=True)
    outcomes = parallel(THREADS, lambda _: _count_on(device, Signed(sign_count=5, backed_up=False)))
    assert sorted(outcome.value for outcome in outcomes) == [False] * (THREADS - 1) + [True]


def test_one_answer_sent_many_times_is_right_once(parallel: Parallel, accounts: list[Account]) -> None:
    """R-090."""
    account, key = accounts[0], SoftKey(counts=False)
    assert register(account, key).outcome == Outcome.PASSED
    question, challenge = asked(account)
    right = key.get(options_of(challenge))
    outcomes = parallel(THREADS, lambda _: answer(account.pk, right, question).outcome)
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert sorted(outcome.value for outcome in outcomes) == [Outcome.OVER] * (THREADS - 1) + [Outcome.PASSED]
    assert verify(account, key).outcome == Outcome.PASSED


def test_pages_opened_at_once_give_an_account_one_handle(parallel: Parallel, accounts: list[Account]) -> None:
    assert register(accounts[0], SoftKey()).outcome == Outcome.PASSED
    UserHandle.objects.all().delete()
    outcomes = parallel(THREADS, lambda _: handle_of(accounts[0]))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert len({outcome.value for outcome in outcomes}) == UserHandle.objects.count() == 1
