"""R-126: when an app password ends, that its owner is told, and that it never comes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import leaving, locks
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from helpdesk.actions import act
from methods import lifecycle
from methods.contract import IssuedKind
from methods.kinds.app_password.models import AppPasswordDevice
from methods.models import Message, MethodState, RegisteredMethod
from methods.registrant import Registrant
from methods.registration import adopt
from methods.registry import kind
from policies.applications import TEXT_VERSION, submit, withdraw
from policies.models import Application, Home
from policies.restoring import look_around, may_send
from policies.settling import settle_all
from policies.terminations import approve, request
from signin.tasks import clear_expired
from tests.methods.app_passwords import MailServer, a_mail_server, living, make, who_uses_mfa
from tests.methods.people import fresh_browser
from tests.signin.door import enter_password


@pytest.fixture
def server(db: None) -> MailServer:
    return a_mail_server()


@pytest.fixture
def hana(hana: Account, server: MailServer) -> Account:
    return who_uses_mfa(hana)


def end_by_expiry(hana: Account, sato: Account, hiro: Account) -> None:
    RegisteredMethod.objects.filter(kind="app-password").update(expires_at=timezone.now())


def end_by_deletion(hana: Account, sato: Account, hiro: Account) -> None:
    lifecycle.remove(hana, RegisteredMethod.objects.get(kind="app-password").pk, actor=hana)


def end_by_reset(hana: Account, sato: Account, hiro: Account) -> None:
    lifecycle.require_reregistration(hana, actor=sato, reason="lost phone")


def end_by_lock(hana: Account, sato: Account, hiro: Account) -> None:
    act("lock", hana, actor=hiro, reason="strangers")


def end_by_loss(hana: Account, sato: Account, hiro: Account) -> None:
    act("suspend-method", hana, actor=hiro, reason="lost phone", method=str(RegisteredMethod.objects.get(kind="totp").pk))


def end_by_leaving(hana: Account, sato: Account, hiro: Account) -> None:
    account = Account.objects.get(pk=hana.pk)
    leaving.leave(account, timezone.now())
    account.save()


def end_by_approval(hana: Account, sato: Account, hiro: Account) -> None:
    approve(request(hana, actor=hiro, reason="leaves for a year"), actor=sato)


def end_by_withdrawal(hana: Account, sato: Account, hiro: Account) -> None:
    withdraw(hana, actor=hana)


def end_by_pass(hana: Account, sato: Account, hiro: Account) -> None:
    """Whoever has lost everything comes back with a pass from the desk."""
    known = kind("access-pass")
    assert isinstance(known, IssuedKind)
    code = known.issue(hana, actor=sato, lifetime=timedelta(hours=1), uses=1, reason="lost phone")
    browser = Client()
    enter_password(browser, hana)
    browser.post(f"/signin/verify/use/{RegisteredMethod.objects.get(kind='access-pass').pk}/")
    browser.post("/signin/verify/", {"code": code})


def end_by_restoring(hana: Account, sato: Account, hiro: Account) -> None:
    assert may_send()
    Home.objects.update(instance="another site")
    look_around()


ENDS = [
    end_by_expiry,
    end_by_deletion,
    end_by_reset,
    end_by_lock,
    end_by_loss,
    end_by_leaving,
    end_by_approval,
    end_by_withdrawal,
    end_by_pass,
    end_by_restoring,
]


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_at_once(hana: Account, sato: Account, hiro: Account, server: MailServer, end: Callable[..., None]) -> None:
    """R-126: the very next question is answered with no."""
    secret = make(hana)
    assert server.lets_in(hana, secret)
    end(hana, sato, hiro)
    assert not server.lets_in(hana, secret)
    clear_expired()
    assert living() == []
    assert not AppPasswordDevice.objects.exists()


WHY = [
    (end_by_lock, "locked"),
    (end_by_loss, "lost"),
    (end_by_approval, "mfa-changed"),
    (end_by_withdrawal, "mfa-changed"),
    (end_by_pass, "access-pass"),
]


@pytest.mark.parametrize(("end", "why"), WHY)
def test_the_person_is_told_that_it_has_ended(
    hana: Account, sato: Account, hiro: Account, server: MailServer, end: Callable[..., None], why: str
) -> None:
    make(hana, name="tablet")
    end(hana, sato, hiro)
    [event] = Event.objects.filter(name="method:ended", before__kind="app-password")
    assert (event.account_id, event.before["name"], event.after["why"]) == (hana.pk, "tablet", why)
    assert Message.objects.filter(template="app-password-ended", facts__method="tablet").exists()


def test_one_that_was_made_since_something_strange_stops_with_it(hana: Account, hiro: Account, server: MailServer) -> None:
    """R-126: whoever got in may have made it; an older one is nothing to them, who never saw it."""
    before = make(hana, name="tablet")
    strange = record(EventName.CHALLENGE_DECLINED, account=hana, actor=hana, after={"kind": "totp"})
    since = make(hana, name="stranger")
    path, browser = f"/my-account/activity/{strange.uid}/", fresh_browser(hana)
    assert "stranger" in browser.get(path).content.decode()
    browser.post(path)
    assert server.lets_in(hana, before)
    assert not server.lets_in(hana, since)


def test_it_does_not_come_back_with_the_account(hana: Account, hiro: Account, server: MailServer) -> None:
    """R-157: neither after a lock nor after a return to the institution."""
    first = make(hana)
    act("lock", hana, actor=hiro, reason="strangers")
    locks.unlock(hana, actor=hiro, reason="it was her")
    assert not server.lets_in(hana, first)
    hana.refresh_from_db()
    second = make(hana)
    assert server.lets_in(hana, second)
    end_by_leaving(hana, hiro, hiro)
    account = Account.objects.get(pk=hana.pk)
    leaving.come_back(account)
    account.save()
    assert not server.lets_in(hana, second), "not even where nobody has swept"


def test_none_is_made_while_staff_lock_the_account(hana: Account, hiro: Account) -> None:
    """A request that began before the lock would leave one that lives again after it (R-126)."""
    from_session = Registrant(hana, "session:x", first=False, done_url="/", on_registered=lambda *_: None)
    act("lock", hana, actor=hiro, reason="strangers")
    with pytest.raises(Refused, match="account-closed"):
        adopt(from_session, AppPasswordDevice(digest="x"))
    assert living() == []


def test_it_ends_when_a_termination_has_taken_effect(hana: Account, sato: Account, hiro: Account, server: MailServer) -> None:
    """One that was made while the termination was on its way."""
    end_by_approval(hana, sato, hiro)
    make(hana)
    application = Application.objects.get()
    application.deliveries.filter(revision=application.revision).update(state="confirmed")
    settle_all([Account.objects.get(pk=hana.pk)], now=timezone.now())
    assert Application.objects.get().state == "terminated"
    assert living() == []


def test_one_from_an_earlier_use_does_not_survive_a_new_application(hana: Account, server: MailServer) -> None:
    make(hana)
    withdraw(hana, actor=hana)
    RegisteredMethod.objects.filter(kind="app-password").update(state=MethodState.ACTIVE)
    submit(Account.objects.get(pk=hana.pk), actor=hana, text_version=TEXT_VERSION)
    assert living() == []


def test_the_person_is_told_what_a_restore_has_ended_and_a_new_one_stays(
    hana: Account, sato: Account, hiro: Account, server: MailServer
) -> None:
    make(hana, name="tablet")
    end_by_restoring(hana, sato, hiro)
    new = make(Account.objects.get(pk=hana.pk), name="telephone")
    clear_expired()
    [event] = Event.objects.filter(name="method:ended", before__kind="app-password")
    assert (event.before["name"], event.after["why"]) == ("tablet", "all-ended")
    assert Message.objects.filter(account=hana, template="app-password-ended").count() == 1
    assert server.lets_in(hana, new)
