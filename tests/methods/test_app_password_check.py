"""R-125, R-126, R-033: what a connected system is told of an app password, and what it may ask."""

import dataclasses
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.budgets import APP_PASSWORD, APP_PASSWORD_NETWORK, SYSTEM_SECRET, clear_old
from accounts.models import Account, FailureBudget
from audit.catalogue import EventName
from audit.models import Event
from methods import callers
from methods.eligibility import NobodyKnows
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.app_password.secret import make_secret, read_secret
from methods.models import MethodState, RegisteredMethod
from policies.models import ConnectedSystem
from tests.factories import a_totp_app
from tests.methods.app_passwords import CHECK, MailServer, a_mail_server, basic, make

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(db: None) -> MailServer:
    return a_mail_server()


@pytest.fixture
def hana(hana: Account, server: MailServer) -> Account:
    """She uses MFA."""
    a_totp_app(hana)
    Account.objects.filter(pk=hana.pk).update(methods_needed=True)
    hana.refresh_from_db()
    return hana


@pytest.fixture
def secret(hana: Account) -> str:
    return make(hana)


def events(name: EventName) -> list[Event]:
    return list(Event.objects.filter(name=name).order_by("at"))


def test_the_right_one_is_accepted_however_it_is_written(hana: Account, server: MailServer, secret: str) -> None:
    for text in (secret, read_secret(secret), secret.upper(), secret.replace(" ", "-")):
        assert server.lets_in(hana, text)
    hana.refresh_from_db()
    assert hana.failures == 0


@pytest.mark.parametrize("text", ["", "password", "correct horse battery staple", "1" * 28, "\0", "x" * 3000, "é" * 28])
def test_anything_else_is_not(hana: Account, server: MailServer, secret: str, text: str) -> None:
    assert not server.lets_in(hana, text)


def test_one_of_another_account_is_not(hana: Account, ken: Account, server: MailServer, secret: str) -> None:
    Account.objects.filter(pk=ken.pk).update(methods_needed=True)
    ken.refresh_from_db()
    theirs = make(ken)
    assert not server.lets_in(hana, theirs)
    assert not server.lets_in(ken, secret)
    assert server.lets_in(ken, theirs)


STATES: dict[str, dict[str, Any]] = {
    "locked": {"locked_at": timezone.now()},
    "left": {"left_at": timezone.now()},
    "without MFA": {"methods_needed": False},
    "of another epoch": {"epoch": 7},
}


@pytest.mark.parametrize("state", STATES)
def test_the_answer_is_the_same_whatever_is_wrong(hana: Account, server: MailServer, secret: str, state: str) -> None:
    """Nobody learns from it which accounts there are, nor how they stand."""
    unknown = server.ask("9999999999", secret)
    wrong = server.ask(hana.common_id, make_secret())
    Account.objects.filter(pk=hana.pk).update(**STATES[state])
    ended = server.ask(hana.common_id, secret)
    odd = server.ask("not an id \0", secret)
    assert {answer.content for answer in (unknown, wrong, ended, odd)} == {b'{"accepted": false}'}
    heads = [
        {name: value for name, value in answer.headers.items() if name not in {"Date", "Expires"}}
        for answer in (unknown, wrong, ended, odd)
    ]
    assert heads.count(heads[0]) == 4


@pytest.mark.parametrize("columns", [{"state": MethodState.SUSPENDED}, {"state": MethodState.REMOVED}, {"expires_at": None}])
def test_a_method_that_is_not_in_force_is_not(hana: Account, server: MailServer, secret: str, columns: dict[str, Any]) -> None:
    RegisteredMethod.objects.filter(kind="app-password").update(**columns)
    assert not server.lets_in(hana, secret)


def test_it_ends_to_the_second(hana: Account, server: MailServer, secret: str) -> None:
    ends = RegisteredMethod.objects.get(kind="app-password").expires_at
    assert ends is not None
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert server.lets_in(hana, secret)
    with time_machine.travel(ends, tick=False):
        assert not server.lets_in(hana, secret)


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic bWFpbA==", "Bearer x", "Basic " + "A" * 2000, "Digest x"])
def test_without_the_systems_secret_there_is_no_answer(hana: Account, secret: str, header: str) -> None:
    answer = Client().post(
        CHECK, {"account": hana.common_id, "password": secret}, content_type="application/json", headers={"Authorization": header}
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
    assert answer["WWW-Authenticate"].startswith("Basic ")
    assert not AppPasswordDevice.objects.exclude(last_used_at=None).exists()


def test_each_system_has_a_secret_of_its_own(hana: Account, server: MailServer, secret: str) -> None:
    files = a_mail_server("files")
    crossed = [MailServer(server.system, files.secret), MailServer(server.system, ""), MailServer(server.system, server.secret + "x")]
    without = a_mail_server("news")
    ConnectedSystem.objects.filter(pk=without.system.pk).update(caller_digest="")
    gone = a_mail_server("old", enabled=False)
    for stranger in (*crossed, without, MailServer(without.system, ""), gone):
        assert stranger.ask(hana.common_id, secret).status_code == 401
    assert files.lets_in(hana, secret)


def test_a_system_that_does_not_take_them_is_told_so(hana: Account, secret: str) -> None:
    library = a_mail_server("library", takes_app_passwords=False)
    answer = library.ask(hana.common_id, secret)
    assert (answer.status_code, answer.json()) == (403, {"error": "this system does not take app passwords"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("[" * 4000, "application/json"),
        ('{"account": "1000000001"}', "application/json"),
        ('{"account": 1000000001, "password": "x"}', "application/json"),
        ('{"account": "1000000001", "password": "x", "address": 7}', "application/json"),
        ('{"account": "1000000001", "password": "x"}', "text/plain"),
        ("account=1000000001&password=x", "application/x-www-form-urlencoded"),
        (json.dumps({"account": "1000000001", "password": "x" * 5000}), "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
def test_what_cannot_be_understood_is_said_to_be_so(server: MailServer, body: str, kind: str) -> None:
    answer = Client().post(CHECK, body, content_type=kind, headers={"Authorization": server.authorization})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_only_questions_are_answered(server: MailServer) -> None:
    for verb in ("get", "put", "delete"):
        assert getattr(Client(), verb)(CHECK, headers={"Authorization": server.authorization}).status_code == 405


def test_the_last_use_is_kept_with_its_system(hana: Account, server: MailServer, secret: str) -> None:
    assert server.lets_in(hana, secret, address="203.0.113.7")
    device = AppPasswordDevice.objects.get()
    assert device.last_used_in == "mail"
    assert device.last_used_at is not None
    assert RegisteredMethod.objects.get(kind="app-password").last_proven_at == device.last_used_at
    [event] = events(EventName.APP_PASSWORD_USED)
    assert (event.account_id, event.actor_kind) == (hana.pk, "system")
    assert event.after == {"system": "Mail", "kind": "app-password", "name": "mail on my laptop", "asked_from": "203.0.113.7/32"}


def test_a_program_that_asks_all_day_is_recorded_once_a_day_and_system(hana: Account, server: MailServer, secret: str) -> None:
    files = a_mail_server("files")
    with time_machine.travel("2026-06-01T08:00:00Z", tick=False) as clock:
        RegisteredMethod.objects.filter(kind="app-password").update(expires_at=timezone.now() + timedelta(days=9))
        for _ in range(60):
            assert server.lets_in(hana, secret)
            clock.shift(5 * MINUTE)
        assert len(events(EventName.APP_PASSWORD_USED)) == 1
        assert files.lets_in(hana, secret)
        assert [event.after["system"] for event in events(EventName.APP_PASSWORD_USED)] == ["Mail", "Files"]
        clock.shift(timedelta(days=1))
        assert files.lets_in(hana, secret)
        assert len(events(EventName.APP_PASSWORD_USED)) == 3


def test_asking_is_cheap(hana: Account, server: MailServer, secret: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    server.lets_in(hana, secret)
    with django_assert_max_num_queries(8):  # one says which policy is in force
        server.lets_in(hana, secret)


def failures(scope: str) -> int:
    return FailureBudget.objects.get(scope=scope).failures


def test_wrong_ones_are_counted_and_keep_nobody_out(hana: Account, server: MailServer, secret: str) -> None:
    """R-033; a forgotten tablet, or a stranger, neither keeps the laptop from its mail nor its owner from signing in."""
    for _ in range(APP_PASSWORD.cap + 2):
        assert not server.lets_in(hana, make_secret(), address="203.0.113.7")
    assert failures(APP_PASSWORD.scope) == APP_PASSWORD.cap, "held: nothing more is counted"
    assert server.lets_in(hana, secret, address="203.0.113.7")
    assert server.lets_in(hana, secret)
    hana.refresh_from_db()
    assert (hana.failures, hana.held_until) == (0, None)
    [event] = events(EventName.APP_PASSWORD_REFUSED)
    assert (event.account_id, event.after) == (hana.pk, {"system": "Mail", "asked_from": "203.0.113.7/32"})
    with time_machine.travel(timezone.now() + APP_PASSWORD.hold + MINUTE):
        server.lets_in(hana, make_secret(), address="203.0.113.7")
    assert failures(APP_PASSWORD.scope) == 1, "counted anew"


def test_a_network_that_tries_many_accounts_is_held(server: MailServer, hana: Account, secret: str, monkeypatch: Any) -> None:
    low = dataclasses.replace(APP_PASSWORD_NETWORK, cap=5)
    monkeypatch.setattr("methods.kinds.app_password.checking.APP_PASSWORD_NETWORK", low)
    for number in range(low.cap):
        server.ask(f"{number:010}", make_secret(), address=f"2001:db8::{number}")
    assert not server.lets_in(hana, make_secret(), address="2001:db8::ffff")
    assert failures(low.scope) == low.cap, "held: nothing more is counted"
    assert server.lets_in(hana, secret, address="2001:db8::ffff")
    assert events(EventName.APP_PASSWORD_REFUSED) == [], "no event for accounts that do not exist"


def test_guessing_a_systems_secret_is_held_by_network(hana: Account, server: MailServer, secret: str) -> None:
    for number in range(SYSTEM_SECRET.cap):
        assert MailServer(server.system, f"guess {number}").ask(hana.common_id, secret).status_code == 401
    assert server.ask(hana.common_id, secret).status_code == 401
    elsewhere = Client(REMOTE_ADDR="198.51.100.1").post(
        CHECK,
        {"account": hana.common_id, "password": secret},
        content_type="application/json",
        headers={"Authorization": server.authorization},
    )
    assert elsewhere.json() == {"accepted": True}


def test_budgets_of_strangers_are_forgotten_after_a_day(hana: Account, server: MailServer) -> None:
    server.ask("0000000009", make_secret(), address="203.0.113.7")
    server.lets_in(hana, make_secret(), address="203.0.113.7")
    MailServer(server.system, "wrong").ask(hana.common_id, "x")
    assert FailureBudget.objects.count() == 4
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        clear_old()
    assert FailureBudget.objects.count() == 0


def test_the_secret_is_told_once_and_a_new_one_takes_its_place(hana: Account, server: MailServer, secret: str) -> None:
    output = StringIO()
    call_command("system_secret", "mail", stdout=output)
    new = output.getvalue().strip()
    assert server.ask(hana.common_id, secret).status_code == 401
    assert MailServer(server.system, new).lets_in(hana, secret)
    stored = ConnectedSystem.objects.values().get(code="mail")
    told = str(list(Event.objects.values()))
    assert new not in str(stored)
    assert new not in told
    assert Event.objects.filter(name="system:changed", after__caller_secret=True).count() == 2
    with pytest.raises(CommandError, match="nowhere"):
        call_command("system_secret", "nowhere")


def test_where_nobody_judges_callers_none_is_let_in(monkeypatch: Any) -> None:
    monkeypatch.setattr(callers, "_judges", [])
    with pytest.raises(NobodyKnows):
        callers.caller_of("mail", "x")


def test_a_session_is_no_way_to_ask(hana: Account, browser_of: Any) -> None:
    client = browser_of(hana)
    assert client.post(CHECK, {"account": hana.common_id, "password": "x"}, content_type="application/json").status_code == 401
    assert basic("mail", "x") == "Basic bWFpbDp4"
