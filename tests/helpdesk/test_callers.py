"""Who is calling: what a proof is worth, who may give it, and that an action waits for enough of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.budgets import CALLER
from accounts.models import Account, FailureBudget
from audit.catalogue import EventName
from audit.models import Event
from helpdesk.models import CallerProof, Case, ProofState, Stop
from helpdesk.risks import RISKS, SORTS
from helpdesk.stops import stop
from methods.kinds.email.models import EmailDevice
from methods.models import RegisteredMethod, Report
from tests.factories import a_method, a_totp_app, an_account
from tests.helpdesk.conftest import REASON, verified
from tests.methods.people import mailed_code
from tests.methods.push_phone import Phone, a_push_app, wrong_number

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def phone(hana: Account) -> Phone:
    """Hana's phone with the Authenticator, registered long ago; too many wrong codes were entered for her."""
    phone = Phone()
    method = a_push_app(hana, phone)
    RegisteredMethod.objects.filter(pk=method.pk).update(bound_at=LONG_AGO)
    Account.objects.filter(pk=hana.pk).update(failures=11, holds=1, held_until=timezone.now() + timedelta(minutes=15))
    return phone


def an_address(account: Account, bound_at: object = LONG_AGO) -> None:
    """A recovery address."""
    method = a_method(account, "email", name="Email", hint="h•••@example.net", bound_at=bound_at, is_default=False)
    EmailDevice.objects.create(user=account, name="Email", method=method, confirmed=True, address="hana@example.net")


def ask(desk: Client, account: Account, sort: str = "") -> CallerProof:
    """Press the button for a method of this account, or for a person who confirms."""
    method = account.registered_methods.exclude(kind="totp").first()
    way = {"push": "approve"}.get(method.kind, "") if method else ""
    what = {"sort": sort} if sort else {"method": str(method.pk if method else ""), "way": way}
    desk.post(reverse("helpdesk:ask-caller", args=[account.common_id]), what)
    return CallerProof.objects.latest("pk")


def unlock(desk: Client, account: Account) -> int:
    return desk.post(reverse("helpdesk:unlock", args=[account.common_id]), REASON).status_code


def judge(desk: Client, proof: CallerProof, code: str = "") -> CallerProof:
    desk.post(reverse("helpdesk:judge-proof", args=[proof.pk]), {"code": code})
    proof.refresh_from_db()
    return proof


def waiting(desk: Client, proof: CallerProof) -> str:
    """What the desk reads beside a proof."""
    return desk.get(reverse("helpdesk:waiting-proof", args=[proof.pk])).content.decode()


@pytest.mark.covers("S-84")
def test_a_caller_locked_by_guesses_types_the_number_into_the_app_and_is_unlocked(desk: Client, hana: Account, phone: Phone) -> None:
    assert unlock(desk, hana) == 409
    proof = ask(desk, hana)
    page = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    [request] = phone.requests()
    assert "support desk" in request["system"]
    number = page.split('proof-number tabular">')[1].split("<")[0]
    assert phone.yes(number) == "yes"
    assert judge(desk, proof).state == ProofState.CONFIRMED
    assert unlock(desk, hana) == 302
    assert Account.objects.get(pk=hana.pk).held_until is None


def test_asking_a_device_is_recorded_once_in_its_case(desk: Client, hana: Account, hiro: Account, phone: Phone) -> None:
    proof = ask(desk, hana)
    asked = Event.objects.get(name=EventName.CALLER_ASKED)
    assert (asked.account_id, asked.actor_id, asked.case) == (hana.pk, hiro.pk, proof.case.number)


def test_before_the_device_has_answered_nothing_is_confirmed(desk: Client, hana: Account, phone: Phone) -> None:
    proof = ask(desk, hana)
    assert judge(desk, proof).state == ProofState.WAITING
    assert unlock(desk, hana) == 409


def test_a_wrong_number_confirms_nothing_and_locks_nobody_out(desk: Client, hana: Account, phone: Phone) -> None:
    proof = ask(desk, hana)
    number = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode().split('proof-number tabular">')[1].split("<")[0]
    phone.yes(wrong_number(number))
    assert judge(desk, proof).state == ProofState.WAITING
    assert Account.objects.get(pk=hana.pk).failures == 11
    assert FailureBudget.objects.get(scope=CALLER.scope).failures == 1
    assert "the number did not match" in desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()


@pytest.mark.covers("S-143")
def test_the_owner_who_did_not_call_reports_it_from_the_app_and_the_desk_is_alarmed(desk: Client, hana: Account, phone: Phone) -> None:
    proof = ask(desk, hana)
    phone.no()
    assert judge(desk, proof).state == ProofState.REFUSED
    assert Report.objects.filter(account=hana).count() == 1
    assert Case.objects.filter(account=hana, urgent=True).count() == 1
    assert unlock(desk, hana) == 409


def test_the_code_goes_to_the_recovery_address_with_a_warning_and_staff_never_see_it(desk: Client, hana: Account) -> None:
    an_address(hana)
    proof = ask(desk, hana)
    code = mailed_code()
    assert "If you did not call, tell the code to nobody" in mail.outbox[-1].body
    assert code not in desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    assert judge(desk, proof, code).state == ProofState.CONFIRMED


def test_a_wrong_code_ends_the_question(desk: Client, hana: Account) -> None:
    an_address(hana)
    proof = ask(desk, hana)
    code = mailed_code()
    assert judge(desk, proof, "000000" if code != "000000" else "000001").state == ProofState.REFUSED
    assert judge(desk, proof, code).state == ProofState.REFUSED


def test_after_five_wrong_answers_no_device_is_asked_for_a_while(desk: Client, hana: Account) -> None:
    an_address(hana)
    FailureBudget.objects.create(
        scope=CALLER.scope, key=str(hana.pk), failures=5, held_until=timezone.now() + timedelta(hours=1), changed_at=timezone.now()
    )
    answer = desk.post(reverse("helpdesk:ask-caller", args=[hana.common_id]), {"method": str(hana.registered_methods.get().pk), "way": ""})
    assert "Too many answers of callers were wrong" in answer.content.decode()


@pytest.mark.parametrize("days", [0, 6])
def test_what_was_registered_lately_proves_nothing(days: int, desk: Client, hana: Account) -> None:
    an_address(hana, timezone.now() - timedelta(days=days))
    desk.post(reverse("helpdesk:ask-caller", args=[hana.common_id]), {"method": str(hana.registered_methods.get().pk), "way": ""})
    assert not CallerProof.objects.exists()


def test_the_office_confirms_the_card_and_whoever_asked_does_not(desk: Client, browser_of: Browser, hana: Account, sato: Account) -> None:
    proof = ask(desk, hana, "card")
    confirm = reverse("helpdesk:attest-proof", args=[proof.pk])
    assert desk.post(confirm, REASON | {"seen": "yes"}).status_code == 403
    office = browser_of(sato)
    assert hana.common_id in office.get(reverse("helpdesk:confirmations")).content.decode()
    assert office.post(confirm, REASON | {"seen": "yes"}).status_code == 302
    event = Event.objects.get(name=EventName.CALLER_PROVED)
    assert (event.account_id, event.actor_id, event.after["proof"]) == (hana.pk, sato.pk, "card")


def test_the_person_in_question_cannot_vouch_for_a_caller(desk: Client, browser_of: Browser) -> None:
    colleague = an_account(roles=("helpdesk",))
    senior = an_account(roles=("senior-helpdesk",))
    proof = ask(browser_of(senior), colleague, "colleague")
    answer = browser_of(colleague).post(reverse("helpdesk:attest-proof", args=[proof.pk]), REASON | {"seen": "yes"})
    assert answer.status_code == 403


def test_who_does_not_recognise_the_caller_says_so(desk: Client, browser_of: Browser, hana: Account, sato: Account) -> None:
    proof = ask(desk, hana, "colleague")
    browser_of(sato).post(reverse("helpdesk:attest-proof", args=[proof.pk]), REASON | {"seen": "no"})
    proof.refresh_from_db()
    assert proof.state == ProofState.REFUSED
    assert Event.objects.filter(name=EventName.CALLER_REFUSED, actor_id=sato.pk).count() == 1


def test_proofs_count_for_half_an_hour_and_for_their_own_case(desk: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, held_until=timezone.now() + timedelta(minutes=15))
    case = verified(hana, "device")
    CallerProof.objects.update(expires_at=timezone.now())
    assert unlock(desk, hana) == 409
    CallerProof.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now())
    assert unlock(desk, hana) == 409


def test_a_sort_counts_once_however_often_it_was_given(desk: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, held_until=timezone.now() + timedelta(minutes=15))
    verified(hana, "colleague", "colleague", "colleague")
    assert unlock(desk, hana) == 409


def test_after_the_owner_said_stop_nothing_that_a_caller_proved_counts(desk: Client, hana: Account, hiro: Account) -> None:
    verified(hana, "device", "colleague")
    assert unlock(desk, hana) == 302
    stop(Stop.objects.get(account=hana).pk)
    assert unlock(desk, hana) == 409
    assert set(CallerProof.objects.values_list("state", flat=True)) == {ProofState.REFUSED}
    assert Event.objects.filter(name=EventName.CALLER_REFUSED, account_id=hana.pk).count() == 2


def test_after_the_owner_reported_a_request_nothing_that_a_caller_proved_counts(desk: Client, hana: Account, phone: Phone) -> None:
    verified(hana, "card", "call-back")
    ask(desk, hana)
    phone.no()
    assert unlock(desk, hana) == 409


def test_after_somebody_said_that_it_is_not_the_person_nothing_that_the_caller_proved_counts(
    desk: Client, browser_of: Browser, hana: Account, sato: Account
) -> None:
    verified(hana, "device")
    Account.objects.filter(pk=hana.pk).update(failures=11, held_until=timezone.now() + timedelta(minutes=15))
    proof = ask(desk, hana, "card")
    browser_of(sato).post(reverse("helpdesk:attest-proof", args=[proof.pk]), REASON | {"seen": "no"})
    assert unlock(desk, hana) == 409
    assert "somebody said that the caller is not the person" in waiting(desk, CallerProof.objects.get(sort="device"))


def test_what_a_device_proved_counts_no_more_when_the_device_is_suspended(
    desk: Client, browser_of: Browser, hana: Account, sato: Account, phone: Phone
) -> None:
    """A thief types the number into the stolen phone, and the owner has it suspended by somebody else at the desk."""
    proof = ask(desk, hana)
    number = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode().split('proof-number tabular">')[1].split("<")[0]
    phone.yes(number)
    assert judge(desk, proof).state == ProofState.CONFIRMED
    method = hana.registered_methods.get(kind="push")
    at = {name: reverse(f"helpdesk:{name}", args=[hana.common_id, method.pk]) for name in ("suspend-method", "restore-method")}
    assert browser_of(sato).post(at["suspend-method"], REASON).status_code == 302
    assert desk.post(at["restore-method"], REASON).status_code == 409
    assert "the device was suspended or removed" in waiting(desk, proof)


@pytest.mark.parametrize("settled", [False, True])
def test_after_a_report_no_address_is_asked_until_it_is_settled(desk: Client, hana: Account, *, settled: bool) -> None:
    an_address(hana)
    Report.objects.create(account=hana, facts={}, settled_at=timezone.now() if settled else None)
    answer = desk.post(reverse("helpdesk:ask-caller", args=[hana.common_id]), {"method": str(hana.registered_methods.get().pk), "way": ""})
    assert CallerProof.objects.exists() is settled
    assert ("This person reported a request that was not their own" in answer.content.decode()) is not settled


def test_who_vouches_for_a_caller_does_not_act_on_that_word_and_two_at_the_desk_help_each_other(
    desk: Client, browser_of: Browser, hana: Account, hiro: Account, sato: Account
) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, held_until=timezone.now() + timedelta(minutes=15))
    case = verified(hana, "colleague")
    CallerProof.objects.update(sort="recovery-code")
    theirs = [ask(desk, hana, "colleague"), ask(browser_of(sato), hana, "colleague")]
    assert [proof.asked_by for proof in theirs] == [hiro, sato]
    remove = reverse("helpdesk:remove-method", args=[hana.common_id, a_totp_app(hana).pk])
    a_totp_app(hana, name="another")
    senior = browser_of(sato)
    senior.post(reverse("helpdesk:attest-proof", args=[theirs[0].pk]), REASON | {"seen": "yes"})
    assert case.proofs.filter(sort="colleague", state=ProofState.CONFIRMED).count() == 1
    assert "2 points" in senior.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    assert senior.post(remove, REASON).status_code == 409
    desk.post(reverse("helpdesk:attest-proof", args=[theirs[1].pk]), REASON | {"seen": "yes"})
    assert senior.post(remove, REASON).status_code == 302


def test_no_single_proof_opens_what_is_most_dangerous() -> None:
    assert max(sort.weight for sort in SORTS.values()) < RISKS["require-reregistration"].points
