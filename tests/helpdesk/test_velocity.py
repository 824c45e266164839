"""How much one member of staff may do: others are told before, then it stops with a sentence, and two at once count twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals, velocity
from helpdesk.actions import act, approve_termination
from helpdesk.models import StaffCount
from helpdesk.risks import RISKS
from methods.delivery import deliver
from methods.models import Message
from tests.factories import an_account, signed_in
from tests.harness.parallel import Outcome
from tests.helpdesk.conftest import REASON, a_caller, a_request

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]


@pytest.fixture
def two(settings: Any) -> None:
    """At most two of everything that the tests do."""
    settings.MFA_STAFF_LIMITS = [f"{action}=2/3" for action in ("end-session", "lock", "view", "counter", "approve")]


def lock(desk: Client) -> tuple[int, str, Account]:
    account = an_account()
    answer = desk.post(reverse("helpdesk:lock", args=[account.common_id]), REASON)
    account.refresh_from_db()
    return answer.status_code, answer.content.decode(), account


@pytest.mark.usefixtures("two")
def test_after_the_limit_nothing_is_done_and_a_sentence_says_whom_to_ask(desk: Client, hiro: Account) -> None:
    assert [lock(desk)[0] for _ in range(2)] == [302, 302]
    status, html, account = lock(desk)
    assert (status, account.locked_at) == (403, None)
    assert "You have reached the limit of 2 in an hour for “Lock”" in html
    assert "ask a colleague to go on, or an administrator" in html
    denied = Event.objects.get(name=EventName.ACCESS_DENIED)
    assert (denied.account_id, denied.actor_id, denied.after["why"]) == (account.pk, hiro.pk, "staff-limit")


@pytest.mark.usefixtures("two")
def test_an_hour_later_it_goes_on_until_the_limit_of_the_day(desk: Client) -> None:
    for _ in range(2):
        lock(desk)
    StaffCount.objects.filter(period="hour").update(since=timezone.now() - timedelta(hours=1))
    assert [lock(desk)[0] for _ in range(2)] == [302, 403]
    StaffCount.objects.update(since=timezone.now() - timedelta(days=1))
    assert lock(desk)[0] == 302


@pytest.mark.usefixtures("two")
def test_what_was_refused_does_not_count_and_others_have_their_own(desk: Client, browser_of: Browser, hiro: Account) -> None:
    locked = lock(desk)[2]
    for _ in range(3):
        assert desk.post(reverse("helpdesk:lock", args=[locked.common_id]), REASON).status_code == 409
    assert lock(desk)[0] == 302
    assert lock(desk)[0] == 403
    assert lock(browser_of(an_account(roles=("helpdesk",))))[0] == 302


@pytest.mark.usefixtures("two")
def test_seniors_auditors_and_administrators_are_told_before_and_at_the_limit(
    desk: Client, hiro: Account, sato: Account, aki: Account, ada: Account
) -> None:
    lock(desk)
    assert not Message.objects.filter(template="staff-busy").exists()
    lock(desk)
    told = Message.objects.filter(template="staff-busy", facts__period="hour")
    assert set(told.values_list("account", "facts__stopped")) == {(one.pk, True) for one in (sato, aki, ada)}
    event = Event.objects.get(name=EventName.STAFF_STOPPED)
    assert (event.account_id, event.after) == (hiro.pk, {"action": "lock", "count": 2, "most": 2, "period": "hour"})
    for message in told:
        deliver(message.pk)
    assert all(f"{hiro.get_full_name()} {hiro.common_id}, “Lock”: 2 times in an hour, of at most 2." in sent.body for sent in mail.outbox)


def test_the_soft_alarm_comes_once_when_three_quarters_are_done(settings: Any, hiro: Account, sato: Account) -> None:
    settings.MFA_STAFF_LIMITS = ["lock=8/100"]
    for _ in range(7):
        velocity.count(hiro, "lock")
    event = Event.objects.get(name=EventName.STAFF_BUSY)
    assert (event.account_id, event.after["count"], event.after["most"]) == (hiro.pk, 6, 8)
    assert Message.objects.filter(template="staff-busy", account=sato).count() == 1


@pytest.mark.usefixtures("two")
def test_different_accounts_that_are_looked_at_are_counted_and_the_same_one_once(desk: Client) -> None:
    accounts = [an_account() for _ in range(3)]
    pages = [reverse("helpdesk:account", args=[account.common_id]) for account in accounts]
    assert [desk.get(pages[number]).status_code for number in (0, 0, 0, 1, 0, 1)] == [200] * 6
    stopped = desk.get(pages[2])
    assert stopped.status_code == 403
    assert accounts[2].get_full_name() not in stopped.content.decode().split("<main")[1]
    assert "You have reached the limit" in stopped.content.decode()
    assert desk.get(pages[0]).status_code == 200
    assert not Event.objects.filter(name=EventName.ACCOUNT_VIEWED, account_id=accounts[2].pk).exists()


@pytest.mark.covers("S-146")
@pytest.mark.parametrize("form", ["open-case", "lock", "ask-caller"])
def test_the_answer_to_a_form_is_a_look_like_any_other(form: str, desk: Client, two: None) -> None:
    """Nobody looks at everybody, unseen, by sending forms that come back."""
    accounts = [an_account() for _ in range(3)]
    answers = [desk.post(reverse(f"helpdesk:{form}", args=[account.common_id]), {}) for account in (*accounts[:2], *accounts)]
    assert [accounts[2].common_id in answer.content.decode().split("<main")[1] for answer in answers] == [False] * 5
    assert [answer.status_code for answer in answers][-1] == 403
    viewed = Event.objects.filter(name=EventName.ACCOUNT_VIEWED).values_list("account_id", flat=True)
    assert sorted(viewed) == [account.pk for account in accounts[:2]]


@pytest.mark.usefixtures("two")
def test_approvals_are_limited(sato: Account, ada: Account) -> None:
    requests = []
    for _ in range(3):
        caller = a_caller(an_account())
        requests.append(act("require-reregistration", caller.account, actor=sato, reason="lost"))
    for number in range(2):
        approvals.approve(requests[number], actor=ada)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="staff-limit"):
        approvals.approve(requests[2], actor=ada)  # type: ignore[arg-type]


@pytest.mark.usefixtures("two")
def test_approvals_of_terminations_are_of_the_same_number(sato: Account, ada: Account) -> None:
    requests = [a_request(a_caller(an_account()).account, sato) for _ in range(3)]
    for request in requests[:2]:
        approve_termination(request, actor=ada)
    with pytest.raises(Refused, match="staff-limit"):
        approve_termination(requests[2], actor=ada)
    requests[2].refresh_from_db()
    assert requests[2].state == "requested"


def test_every_action_has_a_limit() -> None:
    assert set(RISKS) <= set(velocity.CAPS)
    assert all(cap.hour <= cap.day for cap in velocity.CAPS.values())


@pytest.mark.parametrize("text", ["lock", "lock=", "lock=5", "lock=0/5", "lock=9/5", "fly=1/2", "lock=a/b"])
def test_a_limit_that_cannot_be_read_stops_the_start(text: str, settings: Any) -> None:
    settings.MFA_STAFF_LIMITS = [text]
    assert [error.id for error in run_checks() if error.id and error.id.startswith("helpdesk")] == ["helpdesk.E001"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("two")
def test_many_at_once_pass_no_more_often_than_the_limit(hiro: Account, parallel: Parallel) -> None:
    outcomes = parallel(6, lambda _: velocity.count(hiro, "lock"))
    assert sum(outcome.error is None for outcome in outcomes) == 2
    assert set(StaffCount.objects.values_list("count", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("two")
def test_six_browsers_of_one_person_lock_no_more_than_the_limit(hiro: Account, parallel: Parallel) -> None:
    accounts, browsers = [an_account() for _ in range(6)], [Client() for _ in range(6)]
    for browser in browsers:
        signed_in(browser, hiro)
    parallel(6, lambda number: browsers[number].post(reverse("helpdesk:lock", args=[accounts[number].common_id]), REASON))
    assert Account.objects.exclude(locked_at=None).count() == 2
