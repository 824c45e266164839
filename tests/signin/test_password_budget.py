"""R-020, R-026, R-029, R-030: how often a password may be tried, and by whom."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import budgets
from accounts.budgets import NETWORK, PASSWORD, UNKNOWN
from accounts.hashers import Argon2id
from accounts.locks import unlock
from accounts.models import Account, FailureBudget
from audit.models import Event
from signin.models import SignInAttempt
from tests.factories import PASSWORD as RIGHT
from tests.factories import a_totp_app, an_account
from tests.signin.door import enter_code, enter_password, has_session, sign_in

SORRY = "tried too often"


def guess(account: Account, times: int = 1, client: Client | None = None, password: str = "wrong", **extra: Any) -> Any:
    """Wrong passwords, each from a browser of its own unless one is given."""
    for _ in range(times):
        answer = (client or Client(**extra)).post("/signin/password/", {"common_id": account.common_id, "password": password})
    return answer


def budget_of(account: Account, known: str = "") -> FailureBudget:
    return FailureBudget.objects.get(scope=PASSWORD.scope, key=f"{account.pk}{known}")


def is_let_in(answer: Any) -> bool:
    return bool(answer.status_code == 302)


def test_after_the_cap_the_right_password_is_refused_like_a_wrong_one(hana: Account) -> None:
    a_totp_app(hana)
    guess(hana, PASSWORD.cap - 1)
    assert is_let_in(guess(hana, password=RIGHT))
    guess(hana)
    right, wrong = guess(hana, password=RIGHT), guess(hana)
    assert (right.status_code, wrong.status_code) == (200, 200)
    assert SORRY in right.content.decode()
    assert SORRY in wrong.content.decode()


def test_a_try_during_a_hold_does_not_lengthen_it(hana: Account) -> None:
    guess(hana, PASSWORD.cap)
    before = budget_of(hana)
    guess(hana, 5)
    guess(hana, password=RIGHT)
    after = budget_of(hana)
    assert (after.held_until, after.failures, after.holds) == (before.held_until, before.failures, before.holds)


def test_each_hold_is_twice_as_long_up_to_a_day(hana: Account) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        guess(hana, PASSWORD.cap)
        lengths = []
        for _ in range(9):
            held_until = budget_of(hana).held_until
            assert held_until is not None
            lengths.append(held_until - timezone.now())
            moment.move_to(held_until + timedelta(seconds=1))
            guess(hana)
    quarter = timedelta(minutes=15)
    assert lengths == [quarter * 2**n for n in range(7)] + [timedelta(days=1)] * 2


def test_after_the_hold_the_right_password_is_taken(hana: Account) -> None:
    a_totp_app(hana)
    guess(hana, PASSWORD.cap)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert is_let_in(guess(hana, password=RIGHT))


def test_the_password_alone_forgives_nothing(hana: Account) -> None:
    """R-029: only a whole sign-in does."""
    a_totp_app(hana)
    guess(hana, 5)
    for _ in range(3):
        guess(hana, password=RIGHT)
    assert budget_of(hana).failures == 5


def test_a_whole_sign_in_forgives_the_account_and_never_the_network(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    guess(hana, 5, client)
    sign_in(client, hana)
    assert not FailureBudget.objects.filter(scope=PASSWORD.scope).exists()
    assert FailureBudget.objects.get(scope=NETWORK.scope).failures == 5


def test_a_browser_that_has_signed_in_before_has_a_budget_of_its_own(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    sign_in(client, hana)
    client.post("/signout/")
    guess(hana, PASSWORD.cap + 5)
    assert not is_let_in(guess(hana, password=RIGHT))
    assert is_let_in(guess(hana, client=client, password=RIGHT))
    guess(hana, PASSWORD.cap, client)
    assert not is_let_in(guess(hana, client=client, password=RIGHT)), "its own budget has the same cap"


def test_a_known_browser_still_needs_everything(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    sign_in(client, hana)
    client.post("/signout/")
    assert guess(hana, client=client, password=RIGHT)["Location"] == "/signin/verify/"
    assert not has_session(client)


def test_a_browser_is_known_for_one_account_until_its_epoch(client: Client, hana: Account, ken: Account) -> None:
    a_totp_app(hana)
    sign_in(client, hana)
    client.post("/signout/")
    guess(ken, client=client)
    assert budget_of(ken).failures == 1
    Account.objects.filter(pk=hana.pk).update(epoch=1)
    guess(hana, client=client)
    assert budget_of(hana).failures == 1


def test_a_forged_browser_cookie_earns_no_budget(hana: Account) -> None:
    client = Client()
    for value in ("x", f"{hana.pk}:0:abc", "W10:1abc:xyz"):
        client.cookies["known"] = value
        guess(hana, client=client)
    assert budget_of(hana).failures == 3


def test_a_network_is_held_after_many_failures_but_not_for_known_browsers(client: Client, hana: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr("signin.password.NETWORK", budgets.Limit("network", 3, NETWORK.hold, NETWORK.longest, NETWORK.window))
    a_totp_app(hana)
    sign_in(client, hana)
    client.post("/signout/")
    for _ in range(3):
        guess(an_account())
    assert not is_let_in(guess(hana, password=RIGHT))
    assert is_let_in(guess(hana, password=RIGHT, REMOTE_ADDR="198.51.100.7"))
    assert is_let_in(guess(hana, client=client, password=RIGHT))


def test_ones_own_right_passwords_cost_the_network_nothing(hana: Account) -> None:
    a_totp_app(hana)
    for _ in range(5):
        guess(hana, password=RIGHT)
    assert not FailureBudget.objects.exists()


def test_slow_mistakes_of_many_do_not_hold_a_network(hana: Account) -> None:
    """Twelve an hour, with never a quiet quarter of an hour."""
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(15):
            guess(an_account(), REMOTE_ADDR="203.0.113.9")
            moment.shift(timedelta(minutes=5))
        budget = FailureBudget.objects.get(scope=NETWORK.scope)
    assert budget.failures <= 4
    assert budget.held_until is None


@pytest.mark.django_db
def test_behind_a_unix_socket_each_visitor_is_a_network_of_their_own_and_an_address_is_no_socket(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["unix"]
    account, theirs = an_account(), "192.0.2.1, 198.51.100.7"
    guess(account, REMOTE_ADDR="", HTTP_X_FORWARDED_FOR=theirs)
    guess(account, REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="198.51.100.8")
    guess(account, REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=theirs)
    networks = FailureBudget.objects.filter(scope=NETWORK.scope)
    assert sorted(networks.values_list("key", flat=True)) == ["198.51.100.7/32", "198.51.100.8/32", "203.0.113.9/32"]


@pytest.mark.django_db
def test_of_ipv6_the_whole_subscriber_counts() -> None:
    account = an_account()
    for end in ("1", "2", "ffff:ffff"):
        guess(account, REMOTE_ADDR=f"2001:db8:1:2::{end}")
    guess(account, REMOTE_ADDR="2001:db8:1:3::1")
    networks = FailureBudget.objects.filter(scope=NETWORK.scope)
    assert dict(networks.values_list("key", "failures")) == {"2001:db8:1:2::/64": 3, "2001:db8:1:3::/64": 1}


def test_a_forged_forwarded_address_changes_no_budget(hana: Account) -> None:
    """R-028."""
    for address in ("1.2.3.4", "127.0.0.1", "::1", "x", ""):
        guess(hana, HTTP_X_FORWARDED_FOR=address, HTTP_X_REAL_IP=address, HTTP_FORWARDED=f"for={address}")
    assert FailureBudget.objects.get(scope=NETWORK.scope).failures == 5


def test_budgets_of_strangers_are_cleared_after_a_day_and_of_accounts_after_a_month(hana: Account) -> None:
    guess(hana)
    guess(Account(common_id="9999999999"))
    assert FailureBudget.objects.filter(key__startswith=UNKNOWN).exists()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert budgets.clear_old() == 2
    assert budget_of(hana)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert budgets.clear_old() == 1


def test_a_failure_stays_when_the_page_cannot_be_shown(hana: Account, monkeypatch: Any) -> None:
    """R-024."""

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("template gone")

    monkeypatch.setattr("signin.views.render", broken)
    guess(hana, client=Client(raise_request_exception=False))
    assert budget_of(hana).failures == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_larger_transaction_nothing_is_judged() -> None:
    """R-024: under ATOMIC_REQUESTS the failure could be taken back, so the door refuses to open at all."""
    account = an_account()
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        assert enter_password(client, account).status_code == 500
    assert not SignInAttempt.objects.exists()


def test_staff_can_clear_the_holds(hana: Account, hiro: Account) -> None:
    a_totp_app(hana)
    guess(hana, PASSWORD.cap)
    unlock(hana, actor=hiro, reason="called, identity checked")
    assert is_let_in(guess(hana, password=RIGHT))


def test_holds_and_refusals_are_recorded(hana: Account) -> None:
    guess(hana, PASSWORD.cap + 1)
    names = Event.objects.filter(account_id=hana.pk).values_list("name", flat=True)
    assert list(names.order_by("id")) == ["password:refused"] * PASSWORD.cap + ["password:held"]


def test_a_password_hashed_with_weaker_parameters_is_hashed_anew(client: Client, hana: Account, settings: Any) -> None:
    a_totp_app(hana)
    old = hana.password
    settings.MFA_ARGON2_PASSES = 2
    enter_password(client, hana)
    hana.refresh_from_db()
    assert hana.password != old
    assert "t=2" in hana.password
    assert enter_code(client).status_code == 302, "the renewal is no change of password"


def test_the_hash_has_the_parameters_of_the_settings(settings: Any) -> None:
    settings.MFA_ARGON2_MEMORY_KIB, settings.MFA_ARGON2_PASSES, settings.MFA_ARGON2_LANES = 128, 3, 1
    assert "argon2id$v=19$m=128,t=3,p=1" in Argon2id().encode("x", "saltsaltsalt")
