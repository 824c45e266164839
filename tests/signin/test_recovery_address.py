"""D9, S-104, R-110: where a rule says so, a code from the confirmed recovery address opens the first registration, and nothing else."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods.kinds.email.models import EmailDevice
from methods.models import MethodState, RegisteredMethod
from review.detectors.password_only import DETECTOR
from signin.models import SignInAttempt
from tests.factories import a_method, a_totp_app
from tests.methods.people import add_app, mailed_code, send_all
from tests.policies.books import in_force
from tests.signin.door import HOME, attempt_of, enter_password, has_session, leads_to_password

pytestmark = pytest.mark.django_db
ADDRESS = "hana@mail.example.org"
BY_ADDRESS = {"part": "registration", "asks": "address", "id": "home"}


def confirmed(account: Account) -> RegisteredMethod:
    method = a_method(account, kind="email", name="Email", hint="h•••@mail.example.org", is_default=False)
    EmailDevice.objects.create(user=account, name="", method=method, confirmed=True, address=ADDRESS)
    Account.objects.filter(pk=account.pk).update(recovery_address=ADDRESS, recovery_address_confirmed_at=timezone.now())
    return method


@pytest.fixture
def newcomer(client: Client, hana: Account) -> Client:
    """Has given the password, and is asked for the code in the mail."""
    in_force(BY_ADDRESS)
    confirmed(hana)
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    return client


def answer(client: Client, code: str) -> object:
    return client.post("/signin/verify/", {"code": code})["Location"]


@pytest.mark.covers("S-104")
def test_the_code_from_the_mail_opens_the_registration(newcomer: Client, hana: Account) -> None:
    page = newcomer.get("/signin/verify/").content.decode()
    assert "recovery address h•••@mail.example.org" in page
    code = mailed_code()
    assert mail.outbox[-1].to == [ADDRESS]
    assert "wants to register the first verification method" in mail.outbox[-1].body
    assert answer(newcomer, code) == "/signin/more-information/"
    assert not has_session(newcomer)
    add_app(newcomer)
    newcomer.post("/signin/finish/")
    badge = SessionRecord.objects.get()
    assert (badge.account, badge.verified_kind, badge.rule.endswith(":home")) == (hana, "totp", True)
    assert Event.objects.filter(name="recovery-address:proved", account_id=hana.pk, actor_id=hana.pk).count() == 1


def test_the_registration_stays_closed_until_the_code_is_right(newcomer: Client) -> None:
    right = mailed_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    assert "not right" in newcomer.post("/signin/verify/", {"code": wrong}).content.decode()
    for path in ("/security-info/app/", "/security-info/totp/scan/", "/signin/more-information/", HOME):
        assert leads_to_password(newcomer.get(path)), path
    assert not has_session(newcomer)


def test_a_code_is_good_once(newcomer: Client, hana: Account) -> None:
    code = mailed_code()
    answer(newcomer, code)
    other = Client()
    enter_password(other, hana)
    assert "not right" in other.post("/signin/verify/", {"code": code}).content.decode()


def test_the_code_of_another_purpose_opens_nothing(newcomer: Client, hana: Account) -> None:
    other = Client()
    enter_password(other, hana)
    send_all()
    of_other = mailed_code()
    assert "not right" in newcomer.post("/signin/verify/", {"code": of_other}).content.decode()


def test_a_rule_that_was_switched_off_meanwhile_opens_nothing(newcomer: Client) -> None:
    code = mailed_code()
    in_force({"part": "registration", "asks": "pass"})
    assert leads_to_password(newcomer.post("/signin/verify/", {"code": code}))
    assert SignInAttempt.objects.get().requirement == "address"


def test_an_address_that_was_removed_meanwhile_opens_nothing(newcomer: Client) -> None:
    code = mailed_code()
    RegisteredMethod.objects.update(state=MethodState.REMOVED)
    assert newcomer.post("/signin/verify/", {"code": code}).status_code in {302, 200}
    assert not Event.objects.filter(name="recovery-address:proved").exists()
    assert SignInAttempt.objects.get().requirement == "address"


def test_whoever_has_a_method_is_verified_with_it_and_never_by_mail(client: Client, hana: Account) -> None:
    """R-110."""
    in_force(BY_ADDRESS, {"asks": "verify"})
    confirmed(hana)
    a_totp_app(hana)
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    assert ADDRESS[-16:] not in client.get("/signin/verify/options/").content.decode()
    assert mail.outbox == []


def test_without_a_confirmed_address_the_rule_opens_nothing(client: Client, hana: Account) -> None:
    in_force(BY_ADDRESS)
    assert enter_password(client, hana)["Location"] == "/signin/refused/"


def test_an_expired_attempt_leads_back_to_the_password(newcomer: Client) -> None:
    code = mailed_code()
    SignInAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert leads_to_password(newcomer.post("/signin/verify/", {"code": code}))


def test_such_a_registration_is_no_finding_of_the_detector(newcomer: Client) -> None:
    answer(newcomer, mailed_code())
    add_app(newcomer)
    assert attempt_of(newcomer).registered_method
    assert list(DETECTOR.find({"days": 35, "campus": 1, "first": 1, "accounts": 2}, timezone.now())) == []
