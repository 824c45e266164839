"""The caller is called back: on a number that has been on record long enough, with digits that staff say and the person keys."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from helpdesk.models import CallerProof, Case, ProofState
from methods.models import RegisteredMethod, Report
from tests.factories import a_phone
from tests.helpdesk.conftest import REASON
from tests.methods.caller import Exchange
from tests.methods.people import send_all

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
NUMBER = "+819012345678"


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    return Exchange().connect(monkeypatch)


@pytest.fixture
def phone(hana: Account, settings: LazySettings) -> RegisteredMethod:
    """A number just old enough; too many wrong codes were entered for its owner."""
    Account.objects.filter(pk=hana.pk).update(failures=11, holds=1, held_until=timezone.now() + timedelta(minutes=15))
    return a_phone(hana, NUMBER, way="call", bound_at=timezone.now() - timedelta(days=settings.MFA_PROOF_DAYS, minutes=1))


def page(desk: Client, account: Account) -> str:
    return desk.get(reverse("helpdesk:account", args=[account.common_id])).content.decode()


def call_back(desk: Client, phone: RegisteredMethod) -> None:
    """Press the button, and let the worker place the call."""
    desk.post(reverse("helpdesk:ask-caller", args=[phone.account.common_id]), {"method": str(phone.pk), "way": "call"})
    send_all()


def digits_to_say(desk: Client, account: Account) -> str:
    return page(desk, account).split('proof-number tabular">')[1].split("<")[0]


def judge(desk: Client) -> CallerProof:
    proof = CallerProof.objects.get()
    desk.post(reverse("helpdesk:judge-proof", args=[proof.pk]))
    proof.refresh_from_db()
    return proof


def unlock(desk: Client, account: Account) -> int:
    return desk.post(reverse("helpdesk:unlock", args=[account.common_id]), REASON).status_code


@pytest.mark.covers("S-84")
def test_the_number_on_record_is_called_and_the_digits_that_staff_say_count(
    desk: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    assert unlock(desk, hana) == 409
    call_back(desk, phone)
    line = exchange.line.answer()
    assert line.facts["to"] == NUMBER
    assert judge(desk).state == ProofState.WAITING
    line.press(f"{digits_to_say(desk, hana)}#")
    assert judge(desk).state == ProofState.CONFIRMED
    assert "2 points" in page(desk, hana)
    assert Event.objects.get(name=EventName.CALLER_PROVED).after["proof"] == "call-back"
    assert unlock(desk, hana) == 302


def test_whoever_answers_without_having_heard_the_digits_proves_nothing(
    desk: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange
) -> None:
    call_back(desk, phone)
    digits = digits_to_say(desk, hana)
    exchange.line.answer().press("#").press(f"{(int(digits) + 1) % 100:02}#")
    assert judge(desk).state != ProofState.CONFIRMED
    assert unlock(desk, hana) == 409


@pytest.mark.covers("S-143")
def test_the_owner_who_did_not_call_reports_it_by_key(desk: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    call_back(desk, phone)
    exchange.line.answer().press("0#")
    assert Report.objects.filter(account=hana).count() == 1
    assert Case.objects.filter(account=hana, urgent=True).exists()
    assert judge(desk).state != ProofState.CONFIRMED


def test_a_number_that_is_too_new_is_neither_offered_nor_called(
    desk: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, settings: LazySettings
) -> None:
    offered = f'value="{phone.pk}"'
    assert offered in page(desk, hana)
    bound_at = timezone.now() - timedelta(days=settings.MFA_PROOF_DAYS) + timedelta(minutes=1)
    RegisteredMethod.objects.filter(pk=phone.pk).update(bound_at=bound_at)
    assert offered not in page(desk, hana)
    call_back(desk, phone)
    assert exchange.lines == []
    assert not CallerProof.objects.exists()
