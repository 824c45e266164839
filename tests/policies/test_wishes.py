"""The holder asks for the end of MFA use with a reason; staff decide, the holder never ends it alone (S-97 to S-99)."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.db.models import F
from django.test import Client

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies import terminations, wishes
from policies.applications import withdraw
from policies.models import Application, ConnectedSystem, Termination, TerminationWish

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
Browser = Callable[..., Client]
PAGE = "/user-menu/mfa/terminate/"
REASON = {"reason": "I lost the use of my hands"}


def state() -> str:
    return TerminationWish.objects.get().state


@pytest.mark.covers("S-97", "S-98", "S-99")
def test_the_holder_asks_on_the_page_and_nothing_changes(protected: Account, browser_of: Browser) -> None:
    browser = browser_of(protected)
    assert "Ask for termination" in browser.get(PAGE).content.decode()
    shown = browser.post(f"{PAGE}ask/", REASON, follow=True).content.decode()
    assert "Your wish waits for the support desk" in shown
    assert REASON["reason"] in shown
    assert (state(), Application.objects.get().state, Termination.objects.count()) == ("open", "in-effect", 0)
    event = Event.objects.get(name="termination:wished")
    assert (event.account_id, event.actor_id, event.reason) == (protected.pk, protected.pk, REASON["reason"])
    assert Message.objects.filter(template="termination-wished").count() == 1
    assert "asked for this already" in browser.post(f"{PAGE}ask/", REASON, follow=True).content.decode()


def test_a_wish_needs_a_reason_a_fresh_verification_and_mfa_use(protected: Account, ken: Account, browser_of: Browser) -> None:
    assert browser_of(protected).post(f"{PAGE}ask/", {"reason": " "}).status_code == 400
    assert "step-up" in browser_of(protected, verified=False).post(f"{PAGE}ask/", REASON)["Location"]
    assert "Ask for termination" not in browser_of(ken).get(PAGE).content.decode()
    with pytest.raises(Refused, match="no-mfa-use"):
        wishes.wish(ken, actor=ken, reason="x")
    with pytest.raises(Refused, match="not-allowed"):
        wishes.wish(protected, actor=ken, reason="x")


def test_what_was_answered_to_a_form_without_a_reason_can_be_loaded_anew(protected: Account, browser_of: Browser) -> None:
    browser = browser_of(protected)
    assert browser.post(f"{PAGE}ask/", {"reason": " "}).status_code == 400
    assert browser.get(f"{PAGE}ask/")["Location"] == PAGE


def test_the_proof_is_asked_before_the_reason_is_written(protected: Account, browser_of: Browser) -> None:
    shown = browser_of(protected, verified=False).get(PAGE).content.decode()
    assert "Verify yourself first" in shown
    assert 'name="reason"' not in shown


def test_a_reason_that_came_with_too_old_a_proof_is_said_not_to_have_been_sent(protected: Account, browser_of: Browser) -> None:
    browser = browser_of(protected, verified=False)
    answer = browser.post(f"{PAGE}ask/", REASON, headers={"referer": f"http://testserver{PAGE}ask/"})
    assert answer["Location"] == f"/signin/step-up/?next={quote(f'{PAGE}ask/', safe='')}", "which leads to the page"
    assert "Nothing has been done yet." in browser.get(answer["Location"]).content.decode()


def test_a_wish_can_be_taken_back(protected: Account, browser_of: Browser) -> None:
    wishes.wish(protected, actor=protected, reason="x")
    browser_of(protected).post(f"{PAGE}take-back/")
    assert state() == "taken-back"
    assert Event.objects.get(name="termination:unwished").actor_id == protected.pk
    with pytest.raises(Refused, match="nothing-wished"):
        wishes.take_back(protected, actor=protected)


@pytest.mark.covers("S-98")
def test_staff_take_it_up_by_requesting_the_termination_and_a_third_person_approves(
    protected: Account, hiro: Account, sato: Account
) -> None:
    made = wishes.wish(protected, actor=protected, reason="x")
    termination = terminations.request(protected, actor=hiro, reason="called back, is herself", days=30)
    made.refresh_from_db()
    assert (made.state, made.termination, made.closed_by) == ("taken-up", termination, hiro)
    with pytest.raises(Refused, match="already-wished"):
        wishes.wish(protected, actor=protected, reason="x")
    with pytest.raises(Refused, match="not-allowed"):
        terminations.approve(termination, actor=protected)
    with pytest.raises(Refused, match="not-allowed"):
        terminations.approve(termination, actor=hiro)
    terminations.approve(termination, actor=sato)


@pytest.mark.covers("S-98")
def test_a_wish_on_which_nobody_decided_in_time_waits_again_and_the_holder_is_told(protected: Account, hiro: Account) -> None:
    wishes.wish(protected, actor=protected, reason="x")
    terminations.request(protected, actor=hiro, reason="called back, is herself", days=30)
    Termination.objects.update(expires_at=F("requested_at"))
    assert terminations.expire() == 1
    assert (state(), wishes.open_wish(protected)) == ("open", TerminationWish.objects.get())
    assert Message.objects.get(template="termination-expired").facts["wished"] is True
    again = terminations.request(protected, actor=hiro, reason="called back, is herself", days=30)
    assert (state(), TerminationWish.objects.get().termination) == ("taken-up", again)


def test_a_request_without_a_wish_that_expires_leaves_none(protected: Account, hiro: Account) -> None:
    terminations.request(protected, actor=hiro, reason="broken arm")
    Termination.objects.update(expires_at=F("requested_at"))
    assert terminations.expire() == 1
    assert not TerminationWish.objects.exists()
    assert Message.objects.get(template="termination-expired").facts["wished"] is False


def test_a_wish_is_over_with_the_mfa_use_that_it_is_about(ready: Account, apply_for: Apply, hiro: Account, browser_of: Browser) -> None:
    apply_for(ready)
    wishes.wish(ready, actor=ready, reason="It is tedious")
    withdraw(ready, actor=ready)
    assert (state(), wishes.open_wish(ready)) == ("over", None)
    assert "It is tedious" not in browser_of(hiro).get("/helpdesk/terminations/").content.decode()
    assert "Your wish waits" not in browser_of(ready).get(PAGE).content.decode()
    apply_for(ready)
    wishes.wish(ready, actor=ready, reason="Still tedious")


def test_staff_decline_with_an_answer_that_the_holder_gets(protected: Account, hiro: Account, browser_of: Browser) -> None:
    made = wishes.wish(protected, actor=protected, reason="It is tedious")
    browser = browser_of(hiro)
    assert "It is tedious" in browser.get("/helpdesk/terminations/").content.decode()
    address = f"/helpdesk/wishes/{made.uid}/decline/"
    assert browser.post(address, {"reason": ""}).status_code == 400
    browser.post(address, {"reason": "Use a passkey instead"})
    assert state() == "declined"
    event = Event.objects.get(name="termination:declined")
    assert (event.account_id, event.actor_id, event.reason) == (protected.pk, hiro.pk, "Use a passkey instead")
    assert Message.objects.get(template="termination-declined").facts["answer"] == "Use a passkey instead"
    assert browser.post(address, {"reason": "again"}).status_code == 409
    assert browser_of(protected).post(address, {"reason": "mine"}).status_code == 403


def test_the_page_names_the_systems_that_will_stop_working(protected: Account, browser_of: Browser) -> None:
    assert "What will stop working" not in browser_of(protected).get(PAGE).content.decode()
    ConnectedSystem.objects.update(needs_mfa=True)
    shown = browser_of(protected).get(PAGE).content.decode()
    assert "What will stop working" in shown
    assert "Sign-in of this site" in shown
