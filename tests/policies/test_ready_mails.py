"""The wish to be told when it is ready: one mail about one system, at the person's wish (S-92)."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies.applications import withdraw
from policies.by_hand import settle_by_hand
from policies.models import Application, Delivery
from policies.ready_mails import tell_ready, want
from policies.systems import ensure_system
from tests.methods.people import send_all
from tests.policies.deliveries import of

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


@pytest.fixture
def applied(ready: Account, apply_for: Apply) -> Account:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=600)
    apply_for(ready)
    return ready


def told() -> int:
    return Message.objects.filter(template="system-ready").count()


@pytest.mark.covers("S-92")
def test_the_mail_goes_out_once_when_that_system_has_confirmed(applied: Account, time_passes: Passes) -> None:
    want(applied, of("local").uid, actor=applied)
    assert tell_ready() == 0
    time_passes(41)
    assert (tell_ready(), tell_ready(), told()) == (1, 0, 1)
    send_all()
    assert any("Sign-in of this site is ready" in letter.subject for letter in mail.outbox)


def test_wanting_it_twice_is_recorded_once(applied: Account) -> None:
    for _ in range(2):
        want(applied, of("local").uid, actor=applied)
    event = Event.objects.get(name="delivery:awaited")
    assert (event.account_id, event.actor_id, event.after["system"]) == (applied.pk, applied.pk, "Sign-in of this site")


def test_who_did_not_ask_is_not_told(applied: Account, time_passes: Passes) -> None:
    time_passes(41)
    assert (tell_ready(), told()) == (0, 0)


def test_what_is_withdrawn_is_not_told(applied: Account, time_passes: Passes) -> None:
    want(applied, of("local").uid, actor=applied)
    withdraw(applied, actor=applied)
    time_passes(41)
    assert (tell_ready(), told()) == (0, 0)


def test_a_system_that_is_ready_and_another_ones_delivery_cannot_be_waited_for(applied: Account, ken: Account, time_passes: Passes) -> None:
    with pytest.raises(Refused, match="nothing-to-wait-for"):
        want(ken, of("mail").uid, actor=ken)
    with pytest.raises(Refused, match="not-allowed"):
        want(applied, of("mail").uid, actor=ken)
    time_passes(41)
    with pytest.raises(Refused, match="nothing-to-wait-for"):
        want(applied, of("local").uid, actor=applied)


@pytest.mark.covers("S-92")
def test_the_page_offers_it_for_each_system_that_is_not_ready(
    applied: Account, browser_of: Callable[..., Client], time_passes: Passes
) -> None:
    browser, address = browser_of(applied), reverse("selfservice:mfa-await", args=[of("mail").uid])
    assert address in browser.get("/user-menu/mfa/").content.decode()
    shown = browser.post(address, follow=True).content.decode()
    assert address not in shown
    assert "You will get a mail." in shown
    time_passes(41)
    assert reverse("selfservice:mfa-await", args=[of("local").uid]) not in browser.get("/user-menu/mfa/progress/").content.decode()


def test_no_one_else_can_ask_for_it(applied: Account, ken: Account, browser_of: Callable[..., Client]) -> None:
    address = reverse("selfservice:mfa-await", args=[of("mail").uid])
    assert browser_of(ken).post(address, follow=True).status_code == 200
    assert not of("mail").tell_when_ready
    assert browser_of(applied).get(address).status_code == 405


def test_the_mail_does_not_say_that_a_system_knows_what_staff_answer_for(applied: Account, sato: Account) -> None:
    want(applied, of("mail").uid, actor=applied)
    Delivery.objects.filter(system__code="mail").update(state="failed")
    settle_by_hand(of("mail"), actor=sato, reason="seen there")
    assert tell_ready() == 1
    send_all()
    letter = next(letter for letter in mail.outbox if "Mail is ready" in letter.subject)
    assert "the system itself has not confirmed it" in letter.body
    assert "asks for a verification" not in letter.body
