"""The help desk: cases, callers, what staff do for somebody, and second persons."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from helpdesk import approvals
from helpdesk.actions import act
from helpdesk.models import Approval, CallerProof, Case
from helpdesk.stops import open_for_report
from methods.models import MethodState
from signin.models import CounterRequest
from tests.audit.stages.staging import CASE, REQUEST, browser, stage
from tests.factories import a_method, a_phone, a_totp_app, an_account
from tests.helpdesk.conftest import REASON, a_report, verified
from tests.helpdesk.test_callers import ask
from tests.helpdesk.test_cases import a_case
from tests.helpdesk.test_stops import stop_path
from tests.signin.door import enter_password


def at(action: str, account: Account, *more: object) -> str:
    return reverse(f"helpdesk:{action}", args=[account.common_id, *more])


def asked(hana: Account, sato: Account) -> Approval:
    """Yuki asks for everything of Hana's to be registered anew."""
    a_totp_app(hana)
    verified(hana)
    found = act("require-reregistration", hana, actor=sato, reason="lost everything")
    assert found
    return found


@stage(EventName.ACCOUNT_LOCKED, on="hana", by="hiro", at=CASE, before="locked", after="locked", reason=True)
def an_account_that_is_locked(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    desk.post(at("lock", hana), REASON)


@stage(EventName.ACCOUNT_UNLOCKED, on="hana", by="hiro", at=CASE, before="held_until locked", after="held_until locked", reason=True)
def an_account_that_is_unlocked(hana: Account, hiro: Account) -> Iterator[None]:
    Account.objects.filter(pk=hana.pk).update(failures=11, holds=1, held_until=timezone.now() + timedelta(minutes=15))
    verified(hana)
    desk = browser(hiro)
    yield
    desk.post(at("unlock", hana), REASON)


@stage(EventName.METHOD_SUSPENDED, on="hana", by="hiro", at=CASE, after="kind method name why", reason=True)
def a_lost_phone(hana: Account, hiro: Account) -> Iterator[None]:
    app, desk = a_totp_app(hana), browser(hiro)
    yield
    desk.post(at("suspend-method", hana, app.pk), REASON)


@stage(EventName.METHOD_RESTORED, on="hana", by="hiro", at=CASE, after="kind method name", reason=True)
def a_phone_that_was_found(hana: Account, hiro: Account) -> Iterator[None]:
    app, desk = a_totp_app(hana, state=MethodState.SUSPENDED, is_default=False), browser(hiro)
    verified(hana)
    yield
    desk.post(at("restore-method", hana, app.pk), REASON)


@stage(EventName.ACCESS_PASS_ISSUED, on="hana", by="sato", at=CASE, after="kind method until uses", reason=True)
def a_pass_by_mail(hana: Account, sato: Account) -> Iterator[None]:
    hana.recovery_address, hana.recovery_address_confirmed_at = "at-home@example.net", timezone.now() - timedelta(days=40)
    hana.save()
    a_phone(hana)
    a_method(hana, "email", name="Email")
    verified(hana)
    desk = browser(sato)
    yield
    desk.post(at("issue-pass", hana), REASON)


@stage(EventName.METHODS_RESET, on="hana", by="sato", at=frozenset({"approver", "case"}), before="methods", reason=True)
def everything_anew_after_two_people_agreed(hana: Account, sato: Account) -> Iterator[None]:
    request = asked(hana, sato)
    approvals.approve(request, actor=an_account("1000000009", roles=("senior-helpdesk",)))
    Approval.objects.update(due_at=timezone.now())
    yield
    assert approvals.carry_out_due() == 1


@stage(EventName.REPORT_SETTLED, on="hana", by="hiro", at=CASE, after="report", reason=True)
def a_report_that_is_settled(hana: Account, hiro: Account) -> Iterator[None]:
    report, desk = a_report(hana), browser(hiro)
    open_for_report(report)
    yield
    desk.post(reverse("helpdesk:settle-report", args=[report.pk]), REASON)


@stage(EventName.CASE_OPENED, on="hana", by="hiro", at=CASE, after="case_kind source")
def a_case_that_is_opened(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    desk.post(at("open-case", hana), REASON | {"kind": "lost"})


@stage(EventName.CASE_TAKEN, on="hana", by="hiro", at=CASE, before="owner")
def a_case_that_is_taken(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    case, desk = a_case(hana), browser(hiro)
    Case.objects.update(owner=sato)
    yield
    desk.post(reverse("helpdesk:take-case", args=[case.number]), REASON)


@stage(EventName.CASE_NOTED, on="hana", by="hiro", at=CASE)
def a_note_in_a_case(hana: Account, hiro: Account) -> Iterator[None]:
    case, desk = a_case(hana), browser(hiro)
    yield
    desk.post(reverse("helpdesk:note-case", args=[case.number]), REASON)


@stage(EventName.CASE_CLOSED, on="hana", by="hiro", at=CASE, reason=True)
def a_case_that_is_closed(hana: Account, hiro: Account) -> Iterator[None]:
    case, desk = a_case(hana), browser(hiro)
    yield
    desk.post(reverse("helpdesk:close-case", args=[case.number]), REASON)


@stage(EventName.ACTION_REQUESTED, on="hana", by="sato", at=CASE, after="action", reason=True)
def an_action_that_takes_two(hana: Account, sato: Account) -> Iterator[None]:
    a_totp_app(hana)
    verified(hana)
    desk = browser(sato)
    yield
    desk.post(at("require-reregistration", hana), REASON)


@stage(EventName.ACTION_APPROVED, on="hana", by="sato", at=CASE | {"approver"}, after="action requested_by until", reason=True)
def a_second_person_who_says_yes(hana: Account, sato: Account) -> Iterator[None]:
    request, second = asked(hana, an_account(roles=("senior-helpdesk",))), browser(sato)
    yield
    second.post(reverse("helpdesk:approve", args=[request.pk]))


@stage(EventName.ACTION_REFUSED, on="hana", by="sato", at=CASE, after="action")
def a_second_person_who_says_no(hana: Account, sato: Account) -> Iterator[None]:
    request, second = asked(hana, an_account(roles=("senior-helpdesk",))), browser(sato)
    yield
    second.post(reverse("helpdesk:refuse", args=[request.pk]))


@stage(EventName.ACTION_DROPPED, on="hana", at=frozenset({"case"}), after="action why")
def a_request_on_which_nobody_decides(hana: Account, sato: Account) -> Iterator[None]:
    asked(hana, sato)
    Approval.objects.update(expires_at=timezone.now())
    yield
    approvals.carry_out_due()


@stage(EventName.ACTION_STOPPED, on="hana", by="hana", at=REQUEST | {"case"}, after="action")
def stop_this_was_not_me(hana: Account, hiro: Account) -> Iterator[None]:
    verified(hana)
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now())
    act("unlock", hana, actor=hiro, reason="called")
    path = stop_path()
    yield
    browser().post(path)


@stage(EventName.COUNTER_CONFIRMED, on="hana", by="hiro", at=CASE)
def a_card_that_was_seen(hana: Account, hiro: Account) -> Iterator[None]:
    a_totp_app(hana, state=MethodState.SUSPENDED, is_default=False)
    Account.objects.filter(pk=hana.pk).update(mfa_asked_here=True, methods_needed=True)
    RoleGrant.objects.create(account=hiro, role="counter")
    person, clerk = Client(), browser(hiro)
    enter_password(person, hana)
    person.get("/signin/refused/")
    person.post("/signin/counter/")
    yield
    card = {"code": CounterRequest.objects.get().said, "common_id": hana.common_id}
    assert clerk.post(reverse("helpdesk:confirm-counter"), card).status_code == 302


@stage(EventName.GUIDE_MAILED, on="hana", by="hiro", at=CASE, reason=True)
def the_guide_by_mail(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    desk.post(at("mail-guide", hana), REASON)


@stage(EventName.CALLER_ASKED, on="hana", by="hiro", at=CASE, after="proof")
def a_caller_who_is_asked(hana: Account, hiro: Account) -> Iterator[None]:
    desk = browser(hiro)
    yield
    ask(desk, hana, "card")


def attested(hana: Account, hiro: Account, sato: Account, seen: str) -> Iterator[None]:
    proof: CallerProof = ask(browser(hiro), hana, "card")
    office = browser(sato)
    yield
    office.post(reverse("helpdesk:attest-proof", args=[proof.pk]), REASON | {"seen": seen})


@stage(EventName.CALLER_PROVED, on="hana", by="sato", at=CASE, after="proof", reason=True)
def a_caller_whose_card_was_seen(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    yield from attested(hana, hiro, sato, "yes")


@stage(EventName.CALLER_REFUSED, on="hana", by="sato", at=CASE, after="proof", reason=True)
def a_caller_whom_nobody_knows(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    yield from attested(hana, hiro, sato, "no")
