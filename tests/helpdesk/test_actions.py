"""What every form of staff has in common: posted, reasoned, freshly verified, told to the person, on the right account."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from helpdesk.actions import act
from methods.delivery import deliver
from methods.models import Message, MessageState, MethodState
from methods.suspending import suspend
from tests.factories import a_verification, signed_in
from tests.helpdesk.conftest import DAYS, REASON, Caller, verified

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
ACTIONS = [
    "lock",
    "unlock",
    "end-session",
    "end-sessions",
    "suspend-method",
    "remove-method",
    "issue-pass",
    "mail-guide",
    "require-reregistration",
    "request-termination",
]
RECORDED = {
    "lock": EventName.ACCOUNT_LOCKED,
    "unlock": EventName.ACCOUNT_UNLOCKED,
    "end-session": EventName.SESSION_ENDED,
    "end-sessions": EventName.SESSION_ENDED,
    "suspend-method": EventName.METHOD_SUSPENDED,
    "remove-method": EventName.METHOD_REMOVED,
    "issue-pass": EventName.ACCESS_PASS_ISSUED,
    "mail-guide": EventName.GUIDE_MAILED,
    "require-reregistration": EventName.ACTION_REQUESTED,
    "request-termination": EventName.TERMINATION_REQUESTED,
}
MAILS = {
    "lock": "account-locked",
    "unlock": "account-unlocked",
    "end-session": "session-ended",
    "end-sessions": "session-ended",
    "suspend-method": "device-suspended",
    "remove-method": "method-removed",
    "issue-pass": "access-pass-issued",
    "mail-guide": "guide-for-you",
    "require-reregistration": "action-requested",
    "request-termination": "termination-requested",
}


@pytest.fixture
def staff(browser_of: Browser, sato: Account) -> Client:
    """The senior help desk, freshly verified."""
    return browser_of(sato)


@pytest.mark.parametrize("action", ACTIONS)
def test_afterwards_the_page_of_the_account_says_that_it_is_done(action: str, staff: Client, caller: Caller) -> None:
    answer = staff.post(caller.url(action), DAYS, follow=True)
    assert answer.redirect_chain == [(caller.page, 302)]
    assert 'class="notice notice-success"' in answer.content.decode()


@pytest.mark.covers("S-146")
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_recorded_with_target_actor_and_reason(action: str, staff: Client, caller: Caller, sato: Account) -> None:
    staff.post(caller.url(action), DAYS)
    event = Event.objects.filter(name=RECORDED[action]).earliest("pk")
    assert (event.account_id, event.actor_id, event.reason) == (caller.account.pk, sato.pk, "Ticket 4711")
    assert event.verified_with == "totp"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("action", ACTIONS)
def test_the_person_is_told_by_mail_in_their_language(action: str, language: str, staff: Client, caller: Caller) -> None:
    Account.objects.filter(pk=caller.account.pk).update(language=language)
    staff.post(caller.url(action), DAYS)
    message = Message.objects.get(template=MAILS[action], address=caller.account.contact_address)
    deliver(message.pk)
    [sent] = mail.outbox
    assert sent.subject.startswith("Example University: " if language == "en" else "見本大学")
    assert ("support desk" in sent.body) is (language == "en")
    assert "support@example.ac.jp" in sent.body


def test_a_notice_goes_to_the_recovery_address_as_well(staff: Client, caller: Caller) -> None:
    staff.post(caller.url("unlock"), REASON)
    assert set(Message.objects.values_list("address", flat=True)) == {caller.account.contact_address, "at-home@example.net"}


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", None])
@pytest.mark.parametrize("action", ACTIONS)
def test_without_a_reason_nothing_is_done(action: str, reason: str | None, staff: Client, caller: Caller) -> None:
    answer = staff.post(caller.url(action), {"days": "45"} | ({} if reason is None else {"reason": reason}))
    assert answer.status_code == 400
    assert "Write down why. The reason is kept with the action." in answer.content.decode()
    assert not caller.is_done(action)


def test_what_was_entered_besides_the_missing_reason_is_kept(staff: Client, caller: Caller) -> None:
    html = staff.post(caller.url("request-termination"), {"days": "45", "reason": ""}).content.decode()
    assert 'name="days" value="45"' in html
    assert html.count('<details class="panel" open>') == 2  # this form, and the one for the locked account


@pytest.mark.parametrize("days", ["0", "367", "-5", "x", ""])
def test_a_termination_is_for_some_days_of_a_year(days: str, staff: Client, caller: Caller) -> None:
    answer = staff.post(caller.url("request-termination"), REASON | {"days": days})
    assert answer.status_code == 400
    assert "Ticket 4711" in answer.content.decode()
    assert not caller.is_done("request-termination")


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
@pytest.mark.parametrize("action", ACTIONS)
def test_only_a_posted_form_does_anything(action: str, method: str, staff: Client, caller: Caller) -> None:
    assert getattr(staff, method)(caller.url(action)).status_code == 405
    assert not caller.is_done(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_form_from_elsewhere_does_nothing(action: str, caller: Caller, sato: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(strict, sato)
    assert strict.post(caller.url(action), DAYS).status_code == 403
    assert not caller.is_done(action)


@pytest.mark.parametrize("minutes", [11, 600])
@pytest.mark.parametrize("action", ACTIONS)
def test_an_old_verification_is_asked_for_again_and_leads_back_to_the_account(
    action: str, minutes: int, caller: Caller, sato: Account
) -> None:
    stale = Client()
    signed_in(stale, sato, verified=a_verification(at=timezone.now() - timedelta(minutes=minutes)))
    answer = stale.post(caller.url(action), DAYS)
    assert answer.headers["Location"] == f"{reverse('signin:step-up')}?next=%2Fhelpdesk%2Faccounts%2F{caller.account.common_id}%2F"
    assert not caller.is_done(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_session_with_the_password_alone_does_nothing(action: str, browser_of: Browser, caller: Caller, sato: Account) -> None:
    answer = browser_of(sato, verified=False).post(caller.url(action), DAYS)
    assert answer.headers["Location"].startswith(reverse("signin:step-up"))
    assert not caller.is_done(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_that_was_withdrawn_counts_no_more_at_the_next_request(action: str, staff: Client, caller: Caller, sato: Account) -> None:
    assert staff.get(caller.page).status_code == 200
    RoleGrant.objects.filter(account=sato).delete()
    assert staff.post(caller.url(action), DAYS).status_code == 403
    assert not caller.is_done(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_caller_who_became_a_colleague_of_equal_rank_is_refused_at_once(action: str, staff: Client, caller: Caller) -> None:
    RoleGrant.objects.create(account=caller.account, role="senior-helpdesk")
    answer = staff.post(caller.url(action), DAYS)
    assert answer.status_code == 403
    assert "This account has a role equal to or above yours." in answer.content.decode()
    assert not caller.is_done(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_account_that_does_not_exist_is_not_found(action: str, staff: Client, caller: Caller) -> None:
    assert staff.post(caller.url(action).replace(caller.account.common_id, "1999999999"), DAYS).status_code == 404


def test_a_session_is_ended_only_under_the_address_of_its_own_account(staff: Client, caller: Caller, ken: Account) -> None:
    kens = Client()
    badge = signed_in(kens, ken)
    answer = staff.post(reverse("helpdesk:end-session", args=[caller.account.common_id, badge.uid]), REASON)
    assert answer.status_code == 409
    assert "This session has already ended." in answer.content.decode()
    assert kens.get("/my-account/").status_code == 200


def test_a_session_that_staff_ended_is_refused_at_its_next_request(staff: Client, caller: Caller) -> None:
    hanas = Client()
    caller.badge = signed_in(hanas, caller.account)
    staff.post(caller.url("end-session"), REASON)
    assert hanas.get("/my-account/").status_code == 302


@pytest.mark.parametrize("action", ["require-reregistration", "request-termination", "end-session"])
def test_doing_it_twice_is_refused_with_a_sentence(action: str, staff: Client, caller: Caller) -> None:
    staff.post(caller.url(action), DAYS)
    answer = staff.post(caller.url(action), DAYS)
    assert answer.status_code == 409
    assert 'class="notice notice-danger"' in answer.content.decode()


def test_who_is_refused_is_recorded_with_account_page_and_why(browser_of: Browser, caller: Caller, sato: Account) -> None:
    RoleGrant.objects.create(account=caller.account, role="administrator")
    browser_of(sato).post(caller.url("unlock"), REASON)
    event = Event.objects.get(name=EventName.ACCESS_DENIED)
    assert (event.account_id, event.actor_id) == (caller.account.pk, sato.pk)
    assert event.after == {"path": caller.url("unlock"), "why": "equal-or-higher-role"}


def test_a_suspended_device_is_brought_back(caller: Caller, sato: Account) -> None:
    method = str(caller.method.pk)
    act("suspend-method", caller.account, actor=sato, reason="lost", method=method)
    verified(caller.account)
    act("restore-method", caller.account, actor=sato, reason="found in the library", method=method)
    caller.method.refresh_from_db()
    assert caller.method.state == MethodState.ACTIVE
    event = Event.objects.get(name=EventName.METHOD_RESTORED)
    assert (event.account_id, event.actor_id, event.reason) == (caller.account.pk, sato.pk, "found in the library")


def test_no_pass_is_mailed_to_an_address_that_is_suspended(browser_of: Browser, caller: Caller, sato: Account) -> None:
    suspend(caller.account, caller.account.registered_methods.get(kind="email"))
    answer = browser_of(sato).post(caller.url("issue-pass"), REASON)
    assert answer.status_code == 409
    assert "Send the person to a counter with their ID card." in answer.content.decode()
    assert not caller.is_done("issue-pass")


def test_a_pass_does_not_leave_when_its_address_is_suspended_meanwhile(browser_of: Browser, caller: Caller, sato: Account) -> None:
    browser_of(sato).post(caller.url("issue-pass"), REASON)
    suspend(caller.account, caller.account.registered_methods.get(kind="email"))
    letter = Message.objects.get(account=caller.account, template="access-pass")
    deliver(letter.pk)
    letter.refresh_from_db()
    assert letter.state == MessageState.FAILED
    assert not [one for one in mail.outbox if one.to == ["at-home@example.net"]]
