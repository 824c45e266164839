"""R-073, R-074: digits on the screen, then #: for everybody by policy, for roles always, and for whoever may be a machine."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from methods import calls
from methods.models import Challenge, RegisteredMethod, Report
from tests.factories import a_phone, an_account
from tests.methods.caller import Exchange
from tests.methods.ringing import NUMBER, go_on, page_of, ring, waiting
from tests.signin.door import failures, has_session


@pytest.mark.parametrize("by", ["unknown", None, "something new"])
def test_who_may_be_a_machine_has_to_key_the_digits_on_the_screen(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, by: str | None
) -> None:
    """R-074: a greeting that holds the tone of # knows no digits."""
    ring(client, hana)
    line = exchange.line.answer(by)
    shown = calls.digits(Challenge.objects.get())
    assert "two digits that you see on the screen" in line.heard
    assert f"Key in {shown}" in waiting(client)
    line.press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_with_the_setting_every_call_asks_for_the_digits(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    """R-073."""
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    shown = calls.digits(Challenge.objects.get())
    assert f">{shown}<" in page_of(client)
    line = exchange.line.answer()
    assert "two digits" in line.heard
    line.press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_wrong_digits_end_the_call_and_count(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    wrong = f"{(int(calls.digits(Challenge.objects.get())) + 1) % 100:02}#"
    line = exchange.line.answer().press(wrong)
    assert line.over
    assert "The digits did not match" in page_of(client)
    assert failures(hana) == 1
    go_on(client)
    assert not has_session(client)


def test_with_digits_zero_and_pound_still_report(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: Any
) -> None:
    settings.MFA_CALL_DIGITS = True
    ring(client, hana)
    exchange.line.answer().press("0#")
    assert Report.objects.get().account == hana


@pytest.mark.parametrize("role", ["helpdesk", "auditor", "administrator"])
def test_somebody_with_a_role_is_always_asked_for_the_digits(client: Client, exchange: Exchange, db: None, role: str) -> None:
    """R-073: also with a phone from before the role."""
    account = an_account(roles=(role,))
    a_phone(account, NUMBER, way="call")
    ring(client, account)
    shown = calls.digits(Challenge.objects.get())
    assert f">{shown}<" in page_of(client)
    exchange.line.answer().press(f"{shown}#")
    go_on(client)
    assert has_session(client)


def test_two_calls_show_different_digits(hana: Account, phone: RegisteredMethod) -> None:
    shown = {calls.digits(Challenge()) for _ in range(50)}
    assert len(shown) > 10
    assert all(len(digits) == 2 and digits.isdecimal() for digits in shown)
