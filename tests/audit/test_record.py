"""R-180, R-184: what happened is written with the change, and says who, on whom, from where and how verified."""

import uuid

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory

from accounts.locks import unlock
from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, WhereMiddleware, circumstances, where
from audit.models import Event
from audit.record import record
from tests.factories import a_verification, signed_in


def test_an_event_says_who_did_what_to_whom(hana: Account, hiro: Account) -> None:
    record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="proved by phone", before={"held": True}, after={"held": False})
    event = Event.objects.get()
    assert (event.name, event.reason) == ("account:unlocked", "proved by phone")
    assert (event.account_id, event.account_label) == (hana.pk, hana.common_id)
    assert (event.actor_id, event.actor_label, event.actor_kind) == (hiro.pk, hiro.common_id, "staff")
    assert (event.before, event.after) == ({"held": True}, {"held": False})


def test_the_person_and_the_site_are_told_apart(hana: Account) -> None:
    assert record(EventName.SESSION_ENDED, account=hana, actor=hana).actor_kind == "self"
    assert record(EventName.SESSION_ENDED, account=hana).actor_kind == "system"


def test_an_event_says_from_where(hana: Account) -> None:
    here = Where(address="192.0.2.7", browser="a browser", request_id="r", attempt="a", session="s", verified_with="totp")
    with circumstances(here):
        record(EventName.ACCOUNT_VIEWED, account=hana)
    event = Event.objects.get()
    told = Where(event.address, event.browser, event.request_id, event.attempt, event.session, event.verified_with)
    assert told == here
    assert where() == Where()


def test_the_circumstances_are_those_of_the_request_and_end_with_it() -> None:
    seen: list[Where] = []
    request = RequestFactory().get("/", headers={"user-agent": "b" * 500}, REMOTE_ADDR="192.0.2.7")
    WhereMiddleware(lambda _: seen.append(where()))(request)
    assert (seen[0].address, seen[0].browser) == ("192.0.2.7", "b" * 200)
    assert uuid.UUID(seen[0].request_id)
    assert where() == Where()


def test_an_event_of_a_request_names_the_session_and_how_it_was_verified(client: Client, hana: Account) -> None:
    badge = signed_in(client, hana, verified=a_verification("totp"))
    assert client.get("/audit/", headers={"user-agent": "her browser"}).status_code == 403
    event = Event.objects.get(name="access:denied")
    assert (event.account_id, event.session, event.verified_with) == (hana.pk, str(badge.uid), "totp")
    assert (event.address, event.browser) == ("127.0.0.1", "her browser")


def test_without_the_change_there_is_no_event(hana: Account) -> None:
    with transaction.atomic():
        record(EventName.ACCOUNT_UPDATED, account=hana)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_without_the_event_there_is_no_change(hana: Account, hiro: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=9)

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError

    monkeypatch.setattr("accounts.locks.record", broken)
    with pytest.raises(OSError), transaction.atomic():  # noqa: PT011  raised above
        unlock(hana, actor=hiro, reason="asked")
    assert Account.objects.get(pk=hana.pk).failures == 9


def test_an_event_outlives_the_account_it_tells_of(hana: Account) -> None:
    record(EventName.ACCOUNT_LEFT, account=hana)
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, Event._meta.db_table)
    assert not [name for name, constraint in constraints.items() if constraint["foreign_key"]]
