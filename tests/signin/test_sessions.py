"""R-152 to R-157: how long a session lives, and what ends it at the next request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.leaving import leave
from accounts.locks import lock
from accounts.models import Account, SessionRecord
from accounts.sessions import end, end_all, end_one
from methods import lifecycle
from tests.factories import a_totp_app, an_account, app_code, signed_in
from tests.signin.door import HOME, leads_to_password

PAGE = "/my-account/"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def is_open(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def use_until(client: Client, moment: Any, end_at: Any, every: timedelta) -> None:
    """Load a page again and again."""
    while timezone.now() + every < end_at:
        moment.shift(every)
        client.get("/signin/")


@pytest.mark.parametrize(("person", "idle"), [("hana", HOUR), ("hiro", 15 * MINUTE), ("ada", 15 * MINUTE)])
def test_an_idle_session_ends(client: Client, person: str, idle: timedelta, request: pytest.FixtureRequest) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        signed_in(client, request.getfixturevalue(person))
        moment.shift(idle - 2 * MINUTE)
        assert is_open(client)
        moment.shift(idle + MINUTE)
        assert leads_to_password(client.get(PAGE))
        moment.shift(-2 * MINUTE)
        assert leads_to_password(client.get(PAGE)), "it was ended, not only asleep"


@pytest.mark.parametrize(("person", "longest", "idle"), [("hana", 24 * HOUR, HOUR), ("hiro", 12 * HOUR, 15 * MINUTE)])
def test_no_session_outlives_its_day_however_it_is_used(
    client: Client, person: str, longest: timedelta, idle: timedelta, request: pytest.FixtureRequest
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        began = timezone.now()
        signed_in(client, request.getfixturevalue(person))
        use_until(client, moment, began + longest, idle - 2 * MINUTE)
        assert is_open(client)
        moment.move_to(began + longest + MINUTE)
        assert leads_to_password(client.get(PAGE))


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(client: Client, ada: Account) -> None:
    """R-152."""
    board = "/policies/systems/"
    with time_machine.travel(timezone.now(), tick=False) as moment:
        signed_in(client, ada)
        for _ in range(14):
            moment.shift(timedelta(minutes=1, seconds=1))
            assert client.get(board, headers={"X-Requested-With": "poll"}).status_code == 200
        moment.shift(timedelta(minutes=1))
        assert leads_to_password(client.get(board))


def test_a_role_shortens_the_session_at_once(client: Client, hana: Account) -> None:
    """R-167: nothing of a role is kept in the session."""
    with time_machine.travel(timezone.now(), tick=False) as moment:
        signed_in(client, hana)
        hana.role_grants.create(role="helpdesk")
        moment.shift(20 * MINUTE)
        assert leads_to_password(client.get(PAGE))


def raised_epoch(account: Account, badge: SessionRecord) -> None:
    Account.objects.filter(pk=account.pk).update(epoch=account.epoch + 1)


def departure(account: Account, badge: SessionRecord) -> None:
    leave(account, timezone.now())
    account.save()


def locked(account: Account, badge: SessionRecord) -> None:
    lock(account, actor=an_account(roles=("senior-helpdesk",)), reason="reported a stolen password")


def ended_by_its_owner(account: Account, badge: SessionRecord) -> None:
    end_one(account, badge.uid, actor=account)


def ended_with_all_others(account: Account, badge: SessionRecord) -> None:
    end_all(account, actor=None, why="in-effect")


def ended_as_a_row(account: Account, badge: SessionRecord) -> None:
    end([badge], why="staff")


@pytest.mark.parametrize("change", [raised_epoch, departure, locked, ended_by_its_owner, ended_with_all_others, ended_as_a_row])
def test_the_next_request_of_an_ended_session_is_refused(client: Client, hana: Account, change: Callable[..., None]) -> None:
    badge, key = signed_in(client, hana), client.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_open(client)
    change(hana, badge)
    for path in (PAGE, HOME, "/signin/step-up/", "/user-menu/"):
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        assert leads_to_password(client.get(path)), path


def test_a_session_that_ends_while_it_steps_up_is_not_brought_back(client: Client, hana: Account, monkeypatch: Any) -> None:
    """The proof was right, but somebody ended the session between the judgement and the new key."""
    a_totp_app(hana)
    badge = signed_in(client, hana, verified=False)
    plain = sessions.prove_again

    def ended_meanwhile(*args: Any) -> None:
        end([badge], why="staff")
        plain(*args)

    monkeypatch.setattr("signin.stepup.prove_again", ended_meanwhile)
    assert client.post("/signin/step-up/", {"code": app_code(), "next": HOME}).status_code == 400
    assert not SessionRecord.objects.filter(ended_at=None).exists()
    assert leads_to_password(client.get(PAGE))


def test_emptying_the_cache_signs_nobody_in_or_out(client: Client, hana: Account, ken: Account) -> None:
    """R-157."""
    badge, ended = signed_in(client, hana), Client()
    end([signed_in(ended, ken)], why="staff")
    cache.clear()
    assert is_open(client)
    assert leads_to_password(ended.get(PAGE))
    assert SessionRecord.objects.get(ended_at=None).uid == badge.uid


def test_removing_a_method_ends_the_other_sessions_and_keeps_ones_own(client: Client, hana: Account) -> None:
    """R-139."""
    method = a_totp_app(hana)
    elsewhere = Client()
    signed_in(elsewhere, hana)
    signed_in(client, hana)
    client.post(f"/security-info/methods/{method.pk}/delete/")
    assert is_open(client)
    assert leads_to_password(elsewhere.get(PAGE))


def test_a_reset_by_staff_ends_every_session(client: Client, hana: Account, sato: Account) -> None:
    a_totp_app(hana)
    signed_in(client, hana)
    lifecycle.require_reregistration(hana, actor=sato, reason="lost phone, seen in person")
    assert leads_to_password(client.get(PAGE))


def test_a_key_that_was_never_given_out_is_nobodys(client: Client, hana: Account) -> None:
    signed_in(Client(), hana)
    for key in ("", "0" * 32, "x" * 500, "a' OR 1=1 --", str(hana.pk), hana.common_id):
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        assert leads_to_password(client.get(PAGE))


@pytest.mark.django_db
def test_visitors_have_no_session(client: Client) -> None:
    for path in ("/", "/signin/", "/signout/", PAGE):
        client.get(path)
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not SessionRecord.objects.exists()


def test_a_verified_session_is_verified_for_other_django_otp_applications(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    client.post("/signin/password/", {"common_id": hana.common_id, "password": "correct horse battery staple", "next": HOME})
    answer = client.post("/signin/verify/", {"code": app_code()})
    assert client.get(answer["Location"]).wsgi_request.user.is_verified()
