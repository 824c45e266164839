"""Lists in the hands of workers: each account once, whatever dies, and nobody's fault holds up the others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, OperationalError
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import IdleInTransactionSessionTimeout

from accounts.models import Account, SessionRecord
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals, bulk, bulk_work
from helpdesk.models import Approval, ApprovalState, BulkJob, Case, JobState, RowState
from helpdesk.tasks import work_on_lists
from methods.models import Message
from methods.usable import listed
from policies import alarms
from policies.models import Alarm
from tests.helpdesk.lists import END, RESET, Parallel, browser, open_sessions, people, rows, running

pytestmark = pytest.mark.django_db
IDLE = InternalError("terminating connection due to idle-in-transaction timeout")
IDLE.__cause__ = IdleInTransactionSessionTimeout()


def test_what_a_verb_refuses_is_kept_with_its_reason_and_the_rest_goes_on(sato: Account, ada: Account) -> None:
    accounts = people(2)
    job = running(accounts, sato, ada)
    SessionRecord.objects.filter(account=accounts[0]).update(ended_at=timezone.now())
    work_on_lists()
    assert rows(job) == [(RowState.FAILED, "session-gone"), (RowState.DONE, "")]
    assert not Case.objects.filter(account=accounts[0]).exists()


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_once_do_each_account_once(sato: Account, ada: Account, parallel: Parallel) -> None:
    accounts = people(6)
    job = running(accounts, sato, ada)
    parallel(3, lambda _: bulk_work.work())
    bulk_work.work()
    assert rows(job) == [(RowState.DONE, "")] * 6
    assert Event.objects.filter(name=EventName.SESSION_ENDED, after__why="staff").count() == 6
    assert Event.objects.filter(name=EventName.BULK_FINISHED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_a_row_leaves_it_for_the_next(sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts, calls = people(3), []
    job = running(accounts, sato, ada)
    ends = bulk.BULK[END]

    def die(account: Account, **facts: Any) -> None:
        ends(account, **facts)
        calls.append(account)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setitem(bulk.BULK, END, die)
    with pytest.raises(KeyboardInterrupt):
        bulk_work.work()
    assert [state for state, _ in rows(job)] == [RowState.DONE, RowState.READY, RowState.READY]
    bulk_work.work()
    assert rows(job) == [(RowState.DONE, "")] * 3
    assert Event.objects.filter(name=EventName.SESSION_ENDED, after__why="staff").count() == 3


def test_what_is_stopped_while_a_worker_has_it_in_hand_is_not_done(sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    [account] = people(1)
    job = running([account], sato, ada, RESET)
    work_on_lists()
    Approval.objects.update(due_at=timezone.now())
    held = approvals._held

    def stopped_meanwhile(approval: Approval) -> tuple[Approval, Account]:
        found = held(approval)
        bulk.stop(job, actor=sato)
        return found

    monkeypatch.setattr(approvals, "_held", stopped_meanwhile)
    assert approvals.carry_out_due() == 0
    assert Approval.objects.get().state == ApprovalState.REFUSED
    assert listed(account)
    assert rows(job) == [(RowState.READY, "")]


def broken_for(account: Account, error: Exception) -> Callable[..., None]:
    """Ending the sessions of this one account fails in a way that nobody foresaw."""
    ends = bulk.BULK[END]

    def end(one: Account, **facts: Any) -> None:
        ends(one, **facts)
        if one.pk == account.pk:
            raise error

    return end


def test_a_fault_with_one_account_is_kept_in_its_row_and_the_rest_goes_on(
    sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = people(3)
    first, second = running(accounts[:2], sato, ada), running(accounts[2:], sato, ada)
    monkeypatch.setitem(bulk.BULK, END, broken_for(accounts[0], ZeroDivisionError("a bug")))
    work_on_lists()
    assert rows(first) == [(RowState.FAILED, "broke-off"), (RowState.DONE, "")]
    assert rows(second) == [(RowState.DONE, "")]
    assert open_sessions(accounts[:1]) == 1, "nothing of it has happened"
    assert set(BulkJob.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert "Something went wrong at the server" in browser(sato).get(reverse("helpdesk:bulk-job", args=[first.pk])).content.decode()
    alarms.watch()
    assert Alarm.objects.get(kind="broke-off").count == 1
    assert Message.objects.filter(account=ada, template="alarm-raised").count() == 1


@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), IDLE])
def test_a_database_that_was_away_costs_no_row_and_holds_up_no_other_list(
    sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    accounts = people(2)
    first, second = running(accounts[:1], sato, ada), running(accounts[1:], sato, ada)
    with monkeypatch.context() as broken:
        broken.setitem(bulk.BULK, END, broken_for(accounts[0], error))
        work_on_lists()
    assert (rows(first), rows(second)) == ([(RowState.READY, "")], [(RowState.DONE, "")])
    work_on_lists()
    assert rows(first) == [(RowState.DONE, "")]


def test_a_long_list_leaves_those_behind_it_their_turn(sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_work, "PORTION", 1)
    accounts, turns = people(4), []
    long, short = running(accounts[:3], sato, ada), running(accounts[3:], sato, ada)
    ends = bulk.BULK[END]
    monkeypatch.setitem(bulk.BULK, END, lambda account, **facts: turns.append(account) or ends(account, **facts))
    bulk_work.work()
    assert [account.pk for account in turns[:2]] == [accounts[0].pk, accounts[3].pk]
    assert (rows(long), rows(short)) == ([(RowState.DONE, "")] * 3, [(RowState.DONE, "")])


def test_an_approved_action_that_breaks_off_holds_up_no_other(sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = people(2)
    job = running(accounts, sato, ada, RESET)
    work_on_lists()
    Approval.objects.update(due_at=timezone.now())
    resets = approvals.EFFECTS[RESET]

    def reset(account: Account, **facts: Any) -> None:
        resets(account, **facts)
        if account.pk == accounts[0].pk:
            raise ZeroDivisionError

    monkeypatch.setitem(approvals.EFFECTS, RESET, reset)
    assert approvals.carry_out_due() == 1
    assert (bool(listed(accounts[0])), listed(accounts[1])) == (True, [])
    dropped = Event.objects.get(name=EventName.ACTION_DROPPED)
    assert (dropped.account_id, dropped.after["why"]) == (accounts[0].pk, "broke-off")
    assert approvals.carry_out_due() == 0, "what broke off is not tried again by itself"
    work_on_lists()
    assert rows(job) == [(RowState.FAILED, "broke-off"), (RowState.DONE, "")]
    alarms.watch()
    assert Alarm.objects.get(kind="broke-off").count == 1


@pytest.mark.parametrize("error", [OperationalError("connection reset by peer"), IDLE])
def test_an_approved_action_waits_for_a_database_that_is_away(
    sato: Account, ada: Account, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    accounts = people(2)
    running(accounts, sato, ada, RESET)
    work_on_lists()
    Approval.objects.update(due_at=timezone.now())
    resets = approvals.EFFECTS[RESET]

    def reset(account: Account, **facts: Any) -> None:
        if account.pk == accounts[0].pk:
            raise error
        resets(account, **facts)

    with monkeypatch.context() as broken:
        broken.setitem(approvals.EFFECTS, RESET, reset)
        assert approvals.carry_out_due() == 1
    assert approvals.carry_out_due() == 1
    assert not any(listed(account) for account in accounts)
