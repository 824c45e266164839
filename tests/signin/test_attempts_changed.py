"""R-005, R-006: what changes on the account between the password and the code ends the attempt."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.leaving import leave
from accounts.locks import lock
from accounts.models import Account
from methods import lifecycle
from methods.models import Challenge, ChallengeState, RegisteredMethod
from signin import flow
from tests.factories import a_totp_app, an_account
from tests.signin.door import assert_over, enter_code, has_session


def a_changed_password(account: Account, method: RegisteredMethod) -> None:
    account.set_password("an entirely different one")
    account.save()


def a_raised_epoch(account: Account, method: RegisteredMethod) -> None:
    Account.objects.filter(pk=account.pk).update(epoch=account.epoch + 1)


def another_method_removed(account: Account, method: RegisteredMethod) -> None:
    other = a_totp_app(account, key=b"another app's own key", name="old phone")
    lifecycle.remove(account, other.pk, actor=account)


def the_method_removed(account: Account, method: RegisteredMethod) -> None:
    lifecycle.remove(account, method.pk, actor=account)


def a_departure(account: Account, method: RegisteredMethod) -> None:
    leave(account, timezone.now())
    account.save()


def a_reset(account: Account, method: RegisteredMethod) -> None:
    lifecycle.require_reregistration(account, actor=an_account(roles=("senior-helpdesk",)), reason="lost phone")


def a_lock(account: Account, method: RegisteredMethod) -> None:
    lock(account, actor=an_account(roles=("senior-helpdesk",)), reason="reported a stolen password")


def a_closed_challenge(account: Account, method: RegisteredMethod) -> None:
    Challenge.objects.update(state=ChallengeState.CLOSED)


CHANGES = [a_changed_password, a_raised_epoch, another_method_removed, the_method_removed, a_departure, a_reset, a_lock]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_account_between_the_steps_ends_the_attempt(
    waiting: Client, hana: Account, app: RegisteredMethod, change: Callable[[Account, RegisteredMethod], None]
) -> None:
    """R-005, R-006."""
    change(hana, app)
    assert_over(waiting)


@pytest.mark.parametrize("change", [*CHANGES, a_closed_challenge])
def test_a_change_in_the_moment_of_the_answer_is_seen(
    waiting: Client, hana: Account, app: RegisteredMethod, change: Callable[[Account, RegisteredMethod], None], monkeypatch: Any
) -> None:
    """R-006: checked at completion, too, under the lock, and not only when the page was opened."""
    known = flow.living(waiting.cookies[settings.SIGNIN_COOKIE_NAME].value)
    monkeypatch.setattr("signin.attempts.living", lambda token: known)
    change(hana, app)
    answer = enter_code(waiting)
    assert answer["Location"] in {"/signin/", "/signin/verify/options/"}
    assert not has_session(waiting)
