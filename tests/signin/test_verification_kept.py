"""R-022, R-024: what stays of a wrong code whatever happens afterwards, and what is taken back with a right one."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.budgets import METHOD_HARD_CAP
from accounts.models import Account
from audit.models import Event
from methods.kinds.totp.models import TotpDevice
from methods.models import Message, RegisteredMethod
from signin.models import SignInAttempt
from tests.factories import a_totp_app, an_account
from tests.signin.door import enter_code, enter_password, fail_at_door, failures, has_session, leads_to_password, wrong_code

TABLET = b"the key of the tablet"


def test_at_the_hard_cap_the_method_is_disabled_until_bound_anew(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-022, and S-78: another method becomes the default."""
    other = a_totp_app(hana, key=TABLET, name="tablet")
    RegisteredMethod.objects.filter(pk=app.pk).update(failures=METHOD_HARD_CAP - 1)
    fail_at_door(hana, 1)
    app.refresh_from_db()
    other.refresh_from_db()
    assert (app.state, app.is_default, other.is_default) == ("suspended", False, True)
    assert Event.objects.filter(name="method:suspended", account_id=hana.pk).count() == 1
    assert Message.objects.filter(template="method-suspended").count() == 1
    enter_password(client, hana)
    assert client.post(f"/signin/verify/use/{app.pk}/")["Location"] == "/signin/verify/options/"
    assert "my phone" not in client.get("/signin/verify/options/").content.decode()
    assert enter_code(client).status_code == 200, "the page asks for the tablet"


def test_with_its_only_method_disabled_an_account_needs_the_desk(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """Never back to registering with the password alone (S-02)."""
    RegisteredMethod.objects.filter(pk=app.pk).update(failures=METHOD_HARD_CAP - 1)
    fail_at_door(hana, 1)
    assert enter_password(client, hana)["Location"] == "/signin/refused/"
    assert client.get("/signin/refused/").status_code == 403
    assert leads_to_password(client.get("/security-info/totp/"))


def test_a_failure_stays_when_the_page_cannot_be_shown(client: Client, hana: Account, app: RegisteredMethod, monkeypatch: Any) -> None:
    """R-024."""

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("template gone")

    enter_password(client, hana)
    monkeypatch.setattr("signin.door.render", broken)
    client.raise_request_exception = False
    assert enter_code(client, wrong_code()).status_code == 500
    assert failures(hana) == 1
    assert Event.objects.filter(name="challenge:failed").count() == 1


def test_what_follows_a_right_code_is_undone_with_it(client: Client, hana: Account, app: RegisteredMethod, monkeypatch: Any) -> None:
    """I1: the code is not spent without the sign-in that it was for."""

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("audit gone")

    enter_password(client, hana)
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("signin.flow.record", broken)
        assert enter_code(client).status_code == 500
    assert not has_session(client)
    assert TotpDevice.objects.get().last_step == -1
    assert enter_code(client).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_inside_a_larger_transaction_nothing_is_judged(client: Client) -> None:
    """R-024: under ATOMIC_REQUESTS a failure could be taken back."""
    account = an_account()
    a_totp_app(account)
    enter_password(client, account)
    client.raise_request_exception = False
    with transaction.atomic():
        assert enter_code(client, wrong_code()).status_code == 500
        assert enter_code(client).status_code == 500
    assert failures(account) == 0
    assert not has_session(client)


def test_every_judgement_is_recorded(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-185."""
    enter_password(client, hana)
    enter_code(client, wrong_code())
    enter_code(client)
    events = Event.objects.filter(account_id=hana.pk).order_by("id")
    assert [event.name for event in events] == ["password:accepted", "challenge:failed", "challenge:passed", "signin:succeeded"]
    assert {event.actor_id for event in events} == {hana.pk}
    assert {event.attempt for event in events} == {str(SignInAttempt.objects.get().pk)}
