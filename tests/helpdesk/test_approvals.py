"""Two people: who may approve what, when it is done, and that it is done once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.locks import lock_for_owner
from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals
from helpdesk.actions import act
from helpdesk.models import Approval, ApprovalState
from helpdesk.risks import in_words
from methods.models import Message
from methods.usable import listed
from tests.factories import a_totp_app, an_account
from tests.harness.parallel import Outcome
from tests.helpdesk.conftest import REASON, verified

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]
RESET = "require-reregistration"


@pytest.fixture
def other() -> Account:
    """Another senior of the desk."""
    return an_account(roles=("senior-helpdesk",))


@pytest.fixture
def request_(hana: Account, sato: Account) -> Approval:
    """Yuki asked for everything of Hana's to be registered anew."""
    a_totp_app(hana)
    verified(hana)
    found = act(RESET, hana, actor=sato, reason="lost everything")
    assert found
    return found


def decide(browser: Client, approval: Approval, decision: str = "approve") -> int:
    return browser.post(reverse(f"helpdesk:{decision}", args=[approval.pk])).status_code


def over(approval: Approval) -> None:
    """The waiting time is over."""
    Approval.objects.filter(pk=approval.pk, state=ApprovalState.WAITING).update(due_at=timezone.now())


def state(approval: Approval) -> str:
    return Approval.objects.get(pk=approval.pk).state


@pytest.mark.covers("S-142")
def test_it_is_done_once_after_approval_and_the_waiting_time(
    request_: Approval, other: Account, browser_of: Browser, hana: Account
) -> None:
    assert listed(hana)
    browser = browser_of(other)
    html = browser.get(reverse("helpdesk:approvals")).content.decode()
    assert "lost everything" in html
    assert "my phone" in html
    assert decide(browser, request_) == 302
    assert approvals.carry_out_due() == 0
    over(request_)
    assert [approvals.carry_out_due(), approvals.carry_out_due()] == [1, 0]
    assert listed(hana) == []
    event = Event.objects.get(name=EventName.METHODS_RESET)
    assert (event.account_id, event.actor_id, event.after["case"]) == (hana.pk, request_.requested_by_id, request_.case.number)
    assert event.approver == other.common_id


def test_the_owner_is_told_at_every_step(request_: Approval, other: Account, hana: Account) -> None:
    approvals.approve(request_, actor=other)
    over(request_)
    approvals.carry_out_due()
    told = Message.objects.filter(account=hana).order_by("due_at").values_list("template", flat=True)
    assert list(told) == ["action-requested", "action-approved", "methods-reset"]
    assert all("stop" in facts for facts in Message.objects.filter(account=hana).values_list("facts", flat=True))


def test_nobody_approves_their_own_request(request_: Approval, sato: Account, browser_of: Browser) -> None:
    assert decide(browser_of(sato), request_) == 403
    assert state(request_) == ApprovalState.REQUESTED
    denied = Event.objects.get(name=EventName.ACCESS_DENIED)
    assert (denied.account_id, denied.actor_id, denied.after["why"]) == (request_.account_id, sato.pk, "own-approval")


def test_neither_the_owner_nor_a_junior_approves(request_: Approval, hiro: Account, hana: Account, browser_of: Browser) -> None:
    assert decide(browser_of(hiro), request_) == 403
    RoleGrant.objects.create(account=hana, role="administrator")
    assert decide(browser_of(hana), request_) == 403


def test_what_has_changed_since_the_request_is_not_approved(request_: Approval, other: Account, hana: Account) -> None:
    a_totp_app(hana, name="another")
    with pytest.raises(Refused, match="approval-outdated"):
        approvals.approve(request_, actor=other)


@pytest.mark.parametrize("change", ["method", "lock", "right of the requester", "right of the approver", "role of the owner"])
def test_what_has_changed_while_it_waited_is_dropped(change: str, request_: Approval, other: Account, hana: Account, sato: Account) -> None:
    approvals.approve(request_, actor=other)
    over(request_)
    if change == "method":
        a_totp_app(hana, name="another")
    elif change == "lock":
        lock_for_owner(hana)
    elif change == "role of the owner":
        RoleGrant.objects.create(account=hana, role="administrator")
    else:
        RoleGrant.objects.filter(account=sato if "requester" in change else other).delete()
    assert approvals.carry_out_due() == 0
    assert state(request_) == ApprovalState.DROPPED
    assert listed(hana)
    assert Event.objects.filter(name=EventName.ACTION_DROPPED, account_id=hana.pk).count() == 1


def test_a_request_that_nobody_decides_ends_after_a_day(request_: Approval, other: Account) -> None:
    Approval.objects.filter(pk=request_.pk).update(expires_at=timezone.now())
    with pytest.raises(Refused, match="approval-closed"):
        approvals.approve(request_, actor=other)
    approvals.carry_out_due()
    assert state(request_) == ApprovalState.DROPPED


def test_it_is_asked_for_once_at_a_time(request_: Approval, hana: Account, sato: Account) -> None:
    with pytest.raises(Refused, match="approval-open"):
        act(RESET, hana, actor=sato, reason="again")


@pytest.mark.parametrize("by", ["requester", "other"])
def test_it_can_be_taken_back_or_refused_until_it_is_done(
    by: str, request_: Approval, other: Account, sato: Account, browser_of: Browser
) -> None:
    approvals.approve(request_, actor=other)
    assert decide(browser_of(sato if by == "requester" else other), request_, "refuse") == 302
    over(request_)
    assert approvals.carry_out_due() == 0
    assert state(request_) == ApprovalState.REFUSED
    event = Event.objects.get(name=EventName.ACTION_REFUSED)
    assert (event.account_id, event.actor_id) == (request_.account_id, (sato if by == "requester" else other).pk)


@pytest.mark.parametrize("page", ["account", "approvals"])
def test_what_waits_for_its_time_can_be_taken_back_or_refused_by_a_button(
    page: str, request_: Approval, other: Account, sato: Account, hiro: Account, browser_of: Browser
) -> None:
    approvals.approve(request_, actor=other)
    address = reverse("helpdesk:approvals") if page == "approvals" else reverse("helpdesk:account", args=[request_.account.common_id])
    refuse, approve = (reverse(f"helpdesk:{name}", args=[request_.pk]) for name in ("refuse", "approve"))
    for who, words in ((sato, "Take back the request"), (other, "Refuse the request")):
        html = browser_of(who).get(address).content.decode()
        assert "approved, takes effect" in html
        assert words in html
        assert (refuse in html, approve in html) == (True, False)
    assert refuse not in browser_of(hiro).get(address).content.decode()


def test_on_an_account_with_a_role_even_one_method_takes_two_people_and_a_day(sato: Account, ada: Account, browser_of: Browser) -> None:
    agent = an_account(roles=("helpdesk",))
    method = a_totp_app(agent)
    a_totp_app(agent, name="second")
    verified(agent)
    browser_of(sato).post(reverse("helpdesk:remove-method", args=[agent.common_id, method.pk]), REASON)
    approval = Approval.objects.get()
    approvals.approve(approval, actor=ada)
    approval.refresh_from_db()
    assert approval.due_at
    assert approval.due_at - timezone.now() > timedelta(hours=23)
    over(approval)
    assert approvals.carry_out_due() == 1
    assert method.pk not in {one.pk for one in listed(agent)}


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_approve_it_once(request_: Approval, other: Account, ada: Account, parallel: Parallel) -> None:
    people = [other, ada]
    outcomes = parallel(2, lambda number: approvals.approve(request_, actor=people[number]))
    assert sum(outcome.error is None for outcome in outcomes) == 1
    assert Event.objects.filter(name=EventName.ACTION_APPROVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_it_once(request_: Approval, other: Account, parallel: Parallel) -> None:
    approvals.approve(request_, actor=other)
    over(request_)
    outcomes = parallel(2, lambda _: approvals.carry_out(request_.pk))
    assert sorted(outcome.value for outcome in outcomes) == [False, True]
    assert Event.objects.filter(name=EventName.METHODS_RESET).count() == 1


def test_a_waiting_time_is_said_in_hours_or_minutes() -> None:
    assert [in_words(timedelta(minutes=number)) for number in (1, 60, 90, 24 * 60)] == ["1 minute", "1 hour", "90 minutes", "24 hours"]
