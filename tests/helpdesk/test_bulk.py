"""Work on a list: seen first, approved by somebody else, done once for each account, stopped and resumed; nobody is done twice."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals, bulk
from helpdesk.models import Approval, ApprovalState, BulkJob, BulkRow, Case, JobState, RowState, Stop
from helpdesk.stops import stop
from helpdesk.tasks import forget_lists, work_on_lists
from methods.models import Message
from methods.usable import listed
from tests.factories import an_account, an_affiliation
from tests.helpdesk.lists import END, RESET, Parallel, a_list, browser, open_sessions, people, post, rows, running

pytestmark = pytest.mark.django_db


@pytest.mark.covers("S-142")
def test_from_the_list_to_the_result(sato: Account, ada: Account) -> None:
    accounts, desk = people(3), browser(sato)
    text = f'\ufeff{accounts[0].common_id}\r\n"{accounts[1].common_id}",Sato\n {accounts[2].common_id};Mori\n\n'
    answer = desk.post(reverse("helpdesk:bulk-new"), {"action": END, "text": text, "reason": "phishing wave"}, follow=True)
    job = BulkJob.objects.get()
    assert answer.redirect_chain == [(reverse("helpdesk:bulk-job", args=[job.pk]), 302)]
    assert all(account.common_id in answer.content.decode() for account in accounts)
    assert [post(desk, job, "ask"), post(browser(ada), job, "approve")] == [302, 302]
    assert open_sessions(accounts) == 3
    work_on_lists()
    assert open_sessions(accounts) == 0
    job.refresh_from_db()
    assert (job.state, rows(job)) == (JobState.DONE, [(RowState.DONE, "")] * 3)
    names = [EventName.BULK_REQUESTED, EventName.BULK_APPROVED, EventName.BULK_FINISHED]
    assert [Event.objects.get(name=name).after["count"] for name in names] == [3, 3, 3]
    for account in accounts:
        event = Event.objects.get(name=EventName.SESSION_ENDED, account_id=account.pk, after__why="staff")
        assert event.after["case"] == Case.objects.get(account=account).number
        assert Message.objects.get(account=account, template="session-ended").facts["stop"]
    table = list(csv.reader(io.StringIO(desk.get(reverse("helpdesk:bulk-result", args=[job.pk])).content.decode("utf-8-sig"))))
    assert [row[3] for row in table[1:]] == ["done"] * 3


def test_the_preview_says_who_is_left_out_and_why(sato: Account, ada: Account, ken: Account) -> None:
    gone = an_account(left_at=timezone.now())
    job = a_list([ken, ken, ada, gone, sato], sato, END, "1999999999", "=1+1")
    assert rows(job) == [
        (RowState.READY, ""),
        (RowState.EXCLUDED, "bulk-twice"),
        (RowState.EXCLUDED, "equal-or-higher-role"),
        (RowState.EXCLUDED, "account-left"),
        (RowState.EXCLUDED, "own-account"),
        (RowState.EXCLUDED, "bulk-unknown"),
        (RowState.EXCLUDED, "bulk-unknown"),
    ]
    assert not Event.objects.filter(name__startswith="bulk:").exists()
    text = browser(sato).get(reverse("helpdesk:bulk-result", args=[job.pk])).content.decode()
    assert "'=1+1" in text


def test_people_with_a_role_are_left_out(ada: Account, hiro: Account) -> None:
    assert rows(a_list([hiro], ada)) == [(RowState.EXCLUDED, "bulk-staff")]


def test_accounts_of_others_look_unknown() -> None:
    actor = an_account()
    RoleGrant.objects.create(account=actor, role="senior-helpdesk", affiliation=an_affiliation("science"))
    mine, theirs = an_account(affiliation=an_affiliation("science")), an_account(affiliation=an_affiliation("arts"))
    job = a_list([mine, theirs], actor, END, "1999999999")
    assert rows(job)[1:] == [(RowState.EXCLUDED, "bulk-unknown")] * 2
    html = browser(actor).get(reverse("helpdesk:bulk-job", args=[job.pk])).content.decode()
    assert theirs.get_full_name() not in html.split(theirs.common_id)[1][:20]
    assert BulkRow.objects.get(job=job, line=2).account is None


def test_whoever_asked_does_not_approve_and_a_preview_is_ones_own(sato: Account, ada: Account) -> None:
    job = a_list(people(1), sato)
    assert post(browser(ada), job, "approve") == 404
    bulk.ask(job, actor=sato)
    assert post(browser(sato), job, "approve") == 403
    assert BulkJob.objects.get().state == JobState.REQUESTED
    assert Event.objects.get(name=EventName.ACCESS_DENIED).after["why"] == "own-approval"


@pytest.mark.parametrize("role", ["helpdesk", "counter", "auditor"])
def test_others_may_not(role: str, sato: Account) -> None:
    job = a_list(people(1), sato)
    bulk.ask(job, actor=sato)
    for name in ("ask", "approve", "refuse", "stop", "resume"):
        assert post(browser(an_account(roles=(role,))), job, name) == 403


def test_a_right_that_one_of_the_two_has_lost_stops_every_row(sato: Account, ada: Account) -> None:
    accounts = people(2)
    job = running(accounts, sato, ada)
    RoleGrant.objects.filter(account=ada).delete()
    work_on_lists()
    assert rows(job) == [(RowState.FAILED, "not-allowed")] * 2
    assert open_sessions(accounts) == 2


def test_what_loosens_is_announced_waits_and_is_done_once(sato: Account, ada: Account) -> None:
    accounts = people(2)
    job = running(accounts, sato, ada, RESET)
    work_on_lists()
    assert rows(job) == [(RowState.WAITING, "")] * 2
    assert all(listed(account) for account in accounts)
    assert set(Message.objects.values_list("template", flat=True)) == {"action-approved"}
    due = Approval.objects.values_list("due_at", flat=True)
    assert all(timedelta(minutes=55) < moment - timezone.now() < timedelta(minutes=61) for moment in due)
    stop(Stop.objects.get(account=accounts[0]).pk)
    Approval.objects.filter(state=ApprovalState.WAITING).update(due_at=timezone.now())
    approvals.carry_out_due()
    work_on_lists()
    job.refresh_from_db()
    assert rows(job) == [(RowState.FAILED, "bulk-stopped-by-owner"), (RowState.DONE, "")]
    assert (bool(listed(accounts[0])), listed(accounts[1]), job.state) == (True, [], JobState.DONE)
    assert Event.objects.filter(name=EventName.METHODS_RESET).count() == 1


def test_stopped_nothing_more_happens_and_resumed_it_goes_on(sato: Account, ada: Account, browser_of: Callable[..., Client]) -> None:
    accounts = people(2)
    job = running(accounts, sato, ada, RESET)
    work_on_lists()
    other = an_account(roles=("senior-helpdesk",))
    assert post(browser(other), job, "stop") == 302
    Approval.objects.update(due_at=timezone.now())
    approvals.carry_out_due()
    work_on_lists()
    assert all(listed(account) for account in accounts)
    assert rows(job) == [(RowState.READY, "")] * 2
    assert post(browser(other), job, "resume") == 409
    assert post(browser(sato), job, "resume") == 302
    work_on_lists()
    assert rows(job) == [(RowState.WAITING, "")] * 2
    assert {name for name in Event.objects.values_list("name", flat=True) if name.startswith("bulk:")} >= {
        EventName.BULK_STOPPED,
        EventName.BULK_RESUMED,
    }


def test_an_approval_holds_for_a_day(sato: Account, ada: Account) -> None:
    accounts = people(2)
    stopped, left = running(accounts[:1], sato, ada), running(accounts[1:], sato, ada)
    bulk.stop(stopped, actor=ada)
    BulkJob.objects.update(decided_at=timezone.now() - timedelta(days=1))
    assert post(browser(sato), stopped, "resume") == 409
    work_on_lists()
    assert (rows(stopped), rows(left)) == ([(RowState.READY, "")], [(RowState.FAILED, "bulk-outdated")])
    assert open_sessions(accounts) == 2


def test_previews_are_limited_for_one_person(sato: Account, settings: Any) -> None:
    settings.MFA_STAFF_LIMITS = ["bulk-preview=2/3"]
    desk, data = browser(sato), {"action": END, "text": people(1)[0].common_id, "reason": "phishing wave"}
    assert [desk.post(reverse("helpdesk:bulk-new"), data).status_code for _ in range(3)] == [302, 302, 403]
    assert BulkJob.objects.count() == 2


def test_refused_nothing_happens(sato: Account, ada: Account) -> None:
    accounts = people(1)
    job = a_list(accounts, sato)
    bulk.ask(job, actor=sato)
    assert post(browser(ada), job, "refuse") == 302
    work_on_lists()
    assert open_sessions(accounts) == 1
    assert Event.objects.get(name=EventName.BULK_REFUSED).actor_id == ada.pk


@pytest.mark.parametrize(("text", "status"), [("", 400), ("\n \n", 400), (",\n;", 409), ("1\n2\n3\n4", 409)])
def test_an_empty_list_and_one_that_is_too_long_are_refused_and_kept_in_the_form(
    text: str, status: int, sato: Account, settings: Any
) -> None:
    settings.MFA_BULK_MOST = 3
    answer = browser(sato).post(reverse("helpdesk:bulk-new"), {"action": END, "text": text, "reason": "why not"})
    assert answer.status_code == status
    assert "why not" in answer.content.decode()
    assert not BulkJob.objects.exists()


def test_lists_are_limited_for_one_person(sato: Account) -> None:
    for number in range(4):
        job = a_list(people(1), sato)
        assert post(browser(sato), job, "ask") == (302 if number < 3 else 403)


def test_a_request_that_nobody_decided_within_a_day_is_over(sato: Account, ada: Account) -> None:
    job = a_list(people(1), sato)
    bulk.ask(job, actor=sato)
    BulkJob.objects.update(expires_at=timezone.now())
    assert post(browser(ada), job, "approve") == 409


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_approve_it_once(sato: Account, ada: Account, parallel: Parallel) -> None:
    job, other = a_list(people(1), sato), an_account(roles=("administrator",))
    bulk.ask(job, actor=sato)
    outcomes = parallel(2, lambda number: bulk.approve(job, actor=(ada, other)[number]))
    assert sum(outcome.error is None for outcome in outcomes) == 1
    assert Event.objects.filter(name=EventName.BULK_APPROVED).count() == 1


def test_lists_that_nobody_asked_for_are_removed_when_they_are_a_day_old(sato: Account, ada: Account) -> None:
    asked, closed, refused = (a_list(people(1), sato) for _ in range(3))
    a_list(people(1), sato)
    for job in (asked, refused):
        bulk.ask(job, actor=sato)
    bulk.refuse(closed, actor=sato)
    bulk.refuse(refused, actor=ada)
    forget_lists()
    assert BulkJob.objects.count() == 4
    BulkJob.objects.update(expires_at=timezone.now())
    forget_lists()
    assert set(BulkJob.objects.values_list("pk", flat=True)) == {asked.pk, refused.pk}
    assert set(BulkRow.objects.values_list("job", flat=True)) == {asked.pk, refused.pk}
    html = browser(ada).get(reverse("helpdesk:bulk-job", args=[asked.pk])).content.decode()
    assert "Not decided in time" in html
    assert "Approve this list" not in html


def test_a_preview_of_yesterday_is_not_asked_for(sato: Account) -> None:
    job = a_list(people(1), sato)
    BulkJob.objects.update(expires_at=timezone.now())
    assert post(browser(sato), job, "ask") == 409


def test_whoever_is_limited_since_sees_only_the_lines_of_their_own_accounts() -> None:
    maker = an_account(roles=("senior-helpdesk",))
    mine, theirs = (an_account(affiliation=an_affiliation(code), name_en=name) for code, name in (("science", "Mine"), ("arts", "Theirs")))
    job = a_list([mine, theirs], maker, END, "1999999999")
    RoleGrant.objects.filter(account=maker).update(affiliation=an_affiliation("science"))
    desk = browser(maker)
    pages = [desk.get(reverse(f"helpdesk:bulk-{name}", args=[job.pk])).content.decode() for name in ("job", "result")]
    for page in pages:
        assert mine.common_id in page
        assert "1999999999" in page
        assert theirs.common_id not in page
        assert theirs.name_en not in page
    assert "1 line is of an account that you no longer look after." in pages[0]


def test_a_line_that_is_longer_than_an_id_is_nobodys(sato: Account, settings: Any) -> None:
    settings.MFA_ACCOUNT_ID_PATTERN = r"\d{10,32}"
    longest = an_account(common_id="7" * 32)
    assert rows(a_list([longest], sato, END, "7" * 33)) == [(RowState.READY, ""), (RowState.EXCLUDED, "bulk-unknown")]
