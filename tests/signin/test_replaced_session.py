"""I4: whatever ends a session, an event tells it, and both are written together."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, SessionRecord
from audit.catalogue import EventName
from audit.models import Event
from tests.factories import a_totp_app, signed_in
from tests.signin.door import enter_code, enter_password

pytestmark = pytest.mark.django_db


def ends() -> list[Event]:
    return list(Event.objects.filter(name=EventName.SESSION_ENDED))


def test_a_session_that_the_next_person_replaces_is_recorded_as_ended(client: Client, hana: Account, ken: Account) -> None:
    a_totp_app(hana)
    enter_password(client, hana)
    replaced = signed_in(client, ken)
    enter_code(client)
    assert SessionRecord.objects.get(ended_at=None).account == hana
    assert SessionRecord.objects.get(uid=replaced.uid).ended_why == "signed-out"
    [event] = ends()
    assert (event.account_id, event.actor_id, event.after) == (ken.pk, ken.pk, {"session": str(replaced.uid), "why": "signed-out"})


def test_a_first_session_ends_none(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    enter_password(client, hana)
    enter_code(client)
    assert ends() == []


def test_signing_out_that_fails_leaves_no_event(client: Client, hana: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(client, hana)
    client.raise_request_exception = False

    def broken(request: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("signin.signout.logout", broken)
    assert client.post("/signout/").status_code == 500
    assert ends() == []
