"""Whoever left the first registration before the recovery address is told on Security info until there is one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from methods.models import MethodState, RegisteredMethod
from signin.models import SignInAttempt
from tests.factories import a_totp_app, app_code
from tests.methods.people import add_app, fresh_browser, mailed_code
from tests.policies.books import in_force, methods_of
from tests.signin.door import enter_code, enter_password
from tests.signin.test_recovery_address import confirmed

pytestmark = pytest.mark.django_db
NOTICE, SETUP = "You have no recovery address", "/security-info/email/"


def page(client: Client) -> str:
    answer = client.get("/security-info/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_address_that_was_skipped_is_asked_for_until_it_is_confirmed(hana: Account) -> None:
    first = Client()
    enter_password(first, hana)
    key = add_app(first)
    assert first.get("/signin/continue/")["Location"] == SETUP
    SignInAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client = Client()
    enter_password(client, hana)
    assert enter_code(client, app_code(key, steps_ahead=1))["Location"] == "/security-info/"
    for _ in range(2):
        assert NOTICE in page(client)
    assert f'href="{SETUP}"' in page(client)
    client.post(SETUP, {"address": "hana@mail.example.org"})
    client.post(f"{SETUP}confirm/", {"code": mailed_code()})
    assert NOTICE not in page(client)


def test_an_address_that_cannot_be_used_is_none(hana: Account) -> None:
    a_totp_app(hana)
    confirmed(hana)
    assert NOTICE not in page(fresh_browser(hana))
    RegisteredMethod.objects.filter(kind="email").update(state=MethodState.SUSPENDED)
    assert NOTICE in page(fresh_browser(hana))


def test_before_the_first_method_the_guide_alone_says_what_to_do(hana: Account) -> None:
    assert NOTICE not in page(fresh_browser(hana))


def test_where_no_address_is_asked_for_none_is_missing(hana: Account, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    a_totp_app(hana)
    assert NOTICE not in page(fresh_browser(hana))


def test_where_no_address_may_be_registered_none_is_missing(hana: Account) -> None:
    in_force({"asks": "verify"}, methods=(methods_of("totp"),))
    a_totp_app(hana)
    assert NOTICE not in page(fresh_browser(hana))
