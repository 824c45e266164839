"""The link in a notice: “stop, this was not me”."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import approvals
from helpdesk.actions import act, approve_termination, refuse_termination
from helpdesk.cases import close
from helpdesk.models import Approval, ApprovalState, Case, CaseKind, Stop
from methods.models import Message
from methods.stopping import link
from methods.usable import listed, passes
from policies.models import Application, Delivery, Termination
from policies.states import ApplicationState
from tests.factories import a_totp_app, an_account
from tests.harness.parallel import Outcome
from tests.helpdesk.conftest import Caller, verified
from tests.methods.people import send_all

pytestmark = pytest.mark.django_db
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]


def stop_path() -> str:
    """The link in the mail that was sent last."""
    send_all()
    found = re.search(r"https?://[^/\s]+(/stop/\S+/)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


def press(path: str) -> Any:
    return Client().post(path)


def test_looking_at_the_link_changes_nothing(hana: Account, hiro: Account) -> None:
    verified(hana)
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now())
    act("unlock", hana, actor=hiro, reason="called")
    path = stop_path()
    for _ in range(2):
        answer = Client().get(path)
        assert "Was this you?" in answer.content.decode()
    assert not Stop.objects.exclude(used_at=None).exists()


def test_what_was_loosened_is_locked_and_the_desk_is_alarmed_once(hana: Account, hiro: Account) -> None:
    verified(hana)
    act("unlock", hana, actor=hiro, reason="called")
    path = stop_path()
    assert "Your account is locked" in press(path).content.decode()
    assert press(path).status_code == 410
    assert Account.objects.get(pk=hana.pk).locked_at is not None
    assert Case.objects.filter(account=hana, kind=CaseKind.STOPPED, urgent=True).count() == 1
    event = Event.objects.get(name=EventName.ACTION_STOPPED)
    assert (event.account_id, event.actor_id, event.after["action"]) == (hana.pk, hana.pk, "unlock")


def test_what_was_loosened_is_locked_although_something_else_waits(hana: Account, hiro: Account, sato: Account) -> None:
    a_totp_app(hana)
    verified(hana)
    act("unlock", hana, actor=hiro, reason="called")
    path = stop_path()
    act("require-reregistration", hana, actor=sato, reason="lost")
    press(path)
    assert Approval.objects.get().state == ApprovalState.STOPPED
    assert Account.objects.get(pk=hana.pk).locked_at is not None


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_pending_is_cancelled_and_nothing_is_locked(approved: bool, hana: Account, sato: Account) -> None:  # noqa: FBT001
    a_totp_app(hana)
    verified(hana)
    approval = act("require-reregistration", hana, actor=sato, reason="lost")
    assert approval
    if approved:
        approvals.approve(approval, actor=an_account(roles=("senior-helpdesk",)))
    press(stop_path())
    Approval.objects.filter(state=ApprovalState.WAITING).update(due_at=timezone.now())
    assert approvals.carry_out_due() == 0
    assert Approval.objects.get().state == ApprovalState.STOPPED
    assert listed(hana)
    assert Account.objects.get(pk=hana.pk).locked_at is None


def test_a_pass_that_was_sent_is_taken_back(caller: Caller, sato: Account) -> None:
    act("issue-pass", caller.account, actor=sato, reason="lost")
    notice = Message.objects.filter(template="access-pass-issued").first()
    assert notice
    assert passes(listed(caller.account))
    press("/" + link(notice.facts["stop"]).split("/", 3)[3])
    assert not passes(listed(caller.account))


def test_a_termination_that_waits_is_stopped(caller: Caller, hiro: Account) -> None:
    act("request-termination", caller.account, actor=hiro, reason="wants out", days=30)
    press(stop_path())
    found = Termination.objects.get()
    assert (found.state, found.decided_by_id) == ("refused", caller.account.pk)


@pytest.mark.parametrize("decide", [approve_termination, refuse_termination], ids=["approved", "refused"])
def test_the_mail_about_the_decision_on_a_termination_can_be_stopped_as_well(
    decide: Callable[..., None], caller: Caller, hiro: Account, sato: Account
) -> None:
    act("request-termination", caller.account, actor=hiro, reason="wants out", days=30)
    decide(Termination.objects.get(), actor=sato)
    press(stop_path())
    account = Account.objects.get(pk=caller.account.pk)
    assert account.locked_at
    assert Case.objects.filter(account=account, kind=CaseKind.STOPPED, urgent=True).count() == 1


def test_the_decision_on_a_termination_can_be_stopped_although_its_case_was_closed(caller: Caller, hiro: Account, sato: Account) -> None:
    act("request-termination", caller.account, actor=hiro, reason="wants out", days=30)
    case = Case.objects.get(account=caller.account)
    close(case, actor=hiro, text="asked for")
    approve_termination(Termination.objects.get(), actor=sato)
    assert Event.objects.get(name=EventName.TERMINATION_APPROVED).case == case.number
    press(stop_path())
    assert Termination.objects.get().state == "ended"


def test_an_approved_termination_that_is_stopped_brings_mfa_use_back_at_once(caller: Caller, hiro: Account, sato: Account) -> None:
    act("request-termination", caller.account, actor=hiro, reason="wants out", days=30)
    approve_termination(Termination.objects.get(), actor=sato)
    assert Application.objects.latest("revision").state == ApplicationState.TERMINATING
    press(stop_path())
    assert Termination.objects.get().state == "ended"
    back = Application.objects.latest("revision")
    assert back.state == ApplicationState.APPLIED
    assert {delivery.desired for delivery in Delivery.objects.filter(application=back)} == {"on"}
    assert Event.objects.filter(name=EventName.TERMINATION_ENDED).count() == 1


def test_what_only_protects_alarms_and_locks_nothing(caller: Caller, hiro: Account) -> None:
    act("suspend-method", caller.account, actor=hiro, reason="lost", method=str(caller.method.pk))
    press(stop_path())
    assert Account.objects.get(pk=caller.account.pk).locked_at is None
    assert Case.objects.filter(kind=CaseKind.STOPPED).count() == 1


@pytest.mark.parametrize("path", ["/stop/x/", "/stop/00000000-0000-0000-0000-000000000000:abc/"])
def test_a_link_that_this_site_has_not_signed_does_nothing(path: str, db: None) -> None:
    assert press(path).status_code == 410


def test_no_notice_keeps_the_link_itself(hana: Account, hiro: Account) -> None:
    act("lock", hana, actor=hiro, reason="called")
    facts = Message.objects.get(template="account-locked").facts
    assert "/stop/" not in str(facts)
    assert ":" not in facts["stop"]


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_alarms_once(hana: Account, hiro: Account, parallel: Parallel) -> None:
    act("lock", hana, actor=hiro, reason="called")
    path = stop_path()
    outcomes = parallel(2, lambda _: press(path).status_code)
    assert sorted(outcome.value for outcome in outcomes) == [200, 410]
    assert Case.objects.filter(kind=CaseKind.STOPPED).count() == 1
