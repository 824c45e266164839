"""Of staff who verify a caller, the person whose account it is learns the role alone; auditors learn from where it was done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.models import Event
from audit.record import record
from helpdesk.models import CallerProof, ProofState
from methods.kinds.email.models import EmailDevice
from methods.models import Challenge, RegisteredMethod
from tests.factories import a_method
from tests.helpdesk.conftest import FIREFOX
from tests.methods.people import mailed_code
from tests.methods.push_phone import Phone, a_push_app

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
LONG_AGO = timezone.now() - timedelta(days=40)
ADDRESS = "198.51.100.9"
SECRETS = (ADDRESS, "Firefox", "Verified with", "with your account", "1000000003", "Abe")


@pytest.fixture
def desk(browser_of: Browser, hiro: Account) -> Client:
    """Hiro at a computer of his own."""
    client = browser_of(hiro)
    client.defaults |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": FIREFOX}
    return client


@pytest.fixture
def phone(hana: Account) -> Phone:
    phone = Phone()
    RegisteredMethod.objects.filter(pk=a_push_app(hana, phone).pk).update(bound_at=LONG_AGO)
    return phone


def asked(desk: Client, account: Account, method: RegisteredMethod, way: str = "") -> CallerProof:
    desk.post(reverse("helpdesk:ask-caller", args=[account.common_id]), {"method": str(method.pk), "way": way})
    return CallerProof.objects.get()


def an_address(account: Account) -> RegisteredMethod:
    method = a_method(account, "email", name="Email", hint="h•••@example.net", bound_at=LONG_AGO, is_default=False)
    EmailDevice.objects.create(user=account, name="Email", method=method, confirmed=True, address="hana@example.net")
    return method


def activity(browser: Client) -> str:
    return browser.get("/my-account/activity/").content.decode().partition('<ul class="rows">')[2].partition("</section>")[0]


@pytest.mark.parametrize(("right", "title"), [(True, "Caller verified"), (False, "Caller not verified")])
def test_recent_activity_tells_the_role_of_whoever_judged_the_code_and_no_more(
    desk: Client, browser_of: Browser, hana: Account, title: str, *, right: bool
) -> None:
    proof = asked(desk, hana, an_address(hana))
    code = mailed_code()
    desk.post(reverse("helpdesk:judge-proof", args=[proof.pk]), {"code": code if right else "wrong"})
    html = activity(browser_of(hana))
    assert title in html
    assert html.count("Help desk") == html.count("row-title")
    assert [secret for secret in SECRETS if secret in html] == []


def test_auditors_learn_from_where_a_caller_was_verified(desk: Client, hana: Account, hiro: Account) -> None:
    proof = asked(desk, hana, an_address(hana))
    desk.post(reverse("helpdesk:judge-proof", args=[proof.pk]), {"code": mailed_code()})
    proof.refresh_from_db()
    assert proof.state == ProofState.CONFIRMED
    for name in (EventName.CHALLENGE_ISSUED, EventName.CALLER_ASKED, EventName.CALLER_PROVED):
        event = Event.objects.get(name=name)
        assert (event.address, event.browser, event.verified_with) == (ADDRESS, FIREFOX, "totp")


def test_the_authenticator_tells_neither_from_where_nor_with_what_staff_ask(desk: Client, hana: Account, phone: Phone) -> None:
    asked(desk, hana, hana.registered_methods.get(), "approve")
    [request] = phone.requests()
    assert (request["place"], request["browser"]) == ("", "")
    challenge = Challenge.objects.get()
    assert (challenge.address, challenge.browser) == (None, "")


def test_a_reported_question_of_staff_tells_nothing_of_them(desk: Client, browser_of: Browser, hana: Account, phone: Phone) -> None:
    asked(desk, hana, hana.registered_methods.get(), "approve")
    phone.no()
    assert ADDRESS not in activity(browser_of(hana))
    page = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    assert "Reported requests" in page
    assert "Where it came from" not in page, "it was no stranger"


def test_what_the_holder_does_in_a_case_keeps_their_own_circumstances(browser_of: Browser, hana: Account) -> None:
    browser = browser_of(hana)
    here = Where(address="203.0.113.7", session=str(hana.session_records.get().uid), case="1234")
    with circumstances(here):
        record(EventName.ACTION_STOPPED, account=hana, actor=hana, after={"action": "unlock"})
    html = activity(browser)
    assert "203.0.113.7" in html
    assert "with your account" in html
