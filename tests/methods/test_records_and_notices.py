"""I4, R-137, R-180, R-186: every verb leaves one record with the right names on it, and tells every address; or neither."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods import lifecycle
from methods.models import Message, RegisteredMethod
from tests.factories import a_totp_app, app_code
from tests.methods.people import Handset, add_app, enter_number, fresh_browser, key_on, send_all

RECOVERY = "hana@mail.example.org"


@pytest.fixture
def app(hana: Account) -> RegisteredMethod:
    hana.recovery_address, hana.recovery_address_confirmed_at = RECOVERY, timezone.now()
    hana.save()
    a_totp_app(hana, name="kept", key=b"the key that is kept")
    return a_totp_app(hana, name="tablet")


def registered(client: Client, app: RegisteredMethod) -> None:
    add_app(client, "third")


def renamed(client: Client, app: RegisteredMethod) -> None:
    client.post(f"/security-info/methods/{app.pk}/change/", {"name": "new name"})


def preferred(client: Client, app: RegisteredMethod) -> None:
    client.post("/security-info/default/", {"method": str(app.pk)})


def removed(client: Client, app: RegisteredMethod) -> None:
    client.post(f"/security-info/methods/{app.pk}/delete/")


VERBS = [
    (registered, "method:registered", {"name": "third", "kind": "totp"}, "method-registered"),
    (renamed, "method:renamed", {"name": "new name"}, None),
    (preferred, "method:default-changed", {"name": "tablet"}, "default-changed"),
    (removed, "method:removed", {}, "method-removed"),
]


@pytest.mark.parametrize(("verb", "name", "after", "template"), VERBS, ids=[verb[1] for verb in VERBS])
def test_a_verb_leaves_one_record_and_tells_every_address(
    hana: Account, app: RegisteredMethod, verb: Callable[..., None], name: str, after: dict[str, str], template: str | None
) -> None:
    verb(fresh_browser(hana), app)
    event = Event.objects.get(name__startswith="method:")
    assert (event.name, event.account_id, event.actor_id, event.actor_kind) == (name, hana.pk, hana.pk, "self")
    assert event.after.items() >= after.items()
    assert event.session == str(SessionRecord.objects.get().uid)
    assert event.verified_with == "totp"
    told = Message.objects.filter(template=template or "").values_list("address", flat=True)
    assert sorted(told) == (sorted([hana.contact_address, RECOVERY]) if template else [])


def test_what_was_removed_is_named_in_the_record(hana: Account, app: RegisteredMethod) -> None:
    lifecycle.remove(hana, app.pk, actor=hana)
    assert Event.objects.get(name="method:removed").before["name"] == "tablet"


def test_a_choice_that_changes_nothing_leaves_no_record(hana: Account, app: RegisteredMethod) -> None:
    default = RegisteredMethod.objects.get(account=hana, is_default=True)
    lifecycle.set_default(hana, default.pk, actor=hana)
    assert not Event.objects.filter(name="method:default-changed").exists()
    assert not Message.objects.exists()


def test_a_refused_verb_leaves_neither_record_nor_notice(hana: Account, app: RegisteredMethod) -> None:
    lifecycle.remove(hana, app.pk, actor=hana)
    Account.objects.filter(pk=hana.pk).update(methods_needed=True)
    Message.objects.all().delete()
    before = Event.objects.count()
    fresh_browser(hana).post(f"/security-info/methods/{RegisteredMethod.objects.get(name='kept').pk}/delete/")
    assert Event.objects.count() == before
    assert not Message.objects.exists()


def remove(account: Account, method: RegisteredMethod) -> None:
    lifecycle.remove(account, method.pk, actor=account)


def rename(account: Account, method: RegisteredMethod) -> None:
    lifecycle.rename(account, method.pk, "x", actor=account)


def prefer(account: Account, method: RegisteredMethod) -> None:
    lifecycle.set_default(account, method.pk, actor=account)


@pytest.mark.parametrize("verb", [remove, rename, prefer])
def test_what_is_taken_back_leaves_neither(hana: Account, app: RegisteredMethod, verb: Callable[..., None]) -> None:
    with transaction.atomic():
        verb(hana, app)
        transaction.set_rollback(True)
    assert not Event.objects.filter(name__startswith="method:").exists()
    assert not Message.objects.exists()
    app.refresh_from_db()
    assert (app.name, app.state, app.is_default) == ("tablet", "active", False)


@pytest.mark.parametrize("verb", [remove, rename, prefer])
def test_without_a_record_there_is_no_change(hana: Account, app: RegisteredMethod, verb: Callable[..., None], monkeypatch: Any) -> None:
    """R-180."""

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("audit gone")

    monkeypatch.setattr("methods.lifecycle.record", broken)
    with pytest.raises(OSError, match="audit gone"):
        verb(hana, app)
    app.refresh_from_db()
    assert (app.name, app.state, app.is_default) == ("tablet", "active", False)


def test_without_a_record_nothing_is_registered(hana: Account, monkeypatch: Any) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("audit gone")

    client = fresh_browser(hana)
    client.post("/security-info/totp/")
    key = key_on(client.get("/security-info/totp/scan/"))
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("methods.lifecycle.record", broken)
        assert client.post("/security-info/totp/scan/", {"code": app_code(key)}).status_code == 500
    assert not RegisteredMethod.objects.exists()
    assert client.post("/security-info/totp/scan/", {"code": app_code(key)}).status_code == 302, "the code was not spent"


def test_a_replaced_number_is_one_record_with_before_and_after(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    for number in ("090-1234-5678", "080-8765-4321"):
        enter_number(client, number)
        send_all()
        client.post("/security-info/phone/confirm/", {"code": handset.code})
    event = Event.objects.filter(name="method:registered").latest("id")
    assert (event.before["hint"][-2:], event.after["hint"][-2:]) == ("78", "21")


def test_records_hold_no_number_and_no_code(hana: Account, handset: Handset) -> None:
    """R-184, I8."""
    client = fresh_browser(hana)
    enter_number(client)
    send_all()
    client.post("/security-info/phone/confirm/", {"code": handset.code})
    recorded = str(list(Event.objects.values("name", "before", "after", "reason")))
    assert "12345678" not in recorded.replace("-", "")
    assert handset.code not in recorded


def test_every_mail_that_the_verbs_plan_can_be_written(hana: Account, app: RegisteredMethod, sato: Account) -> None:
    lifecycle.set_default(hana, app.pk, actor=hana)
    lifecycle.remove(hana, app.pk, actor=hana)
    lifecycle.require_reregistration(hana, actor=sato, reason="lost phone, seen in person")
    for language in ("en", "ja"):
        Account.objects.filter(pk=hana.pk).update(language=language)
        Message.objects.update(state="waiting", due_at=timezone.now())
        send_all()
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
