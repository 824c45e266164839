"""S-25, S-36, S-39, R-014: "More information required", and who may register with the password alone."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, SessionRecord
from methods.kinds.totp.models import TotpDevice
from methods.models import RegisteredMethod
from signin import flow
from tests.factories import a_totp_app
from tests.methods.people import Handset, add_app, enter_number, mailed_code, send_all
from tests.signin.door import HOME, enter_code, enter_password, has_session, leads_to_password

HANDSET = "methods.kinds.phone.kind.sms_gateway"


@pytest.fixture
def newcomer(client: Client, hana: Account) -> Client:
    """A browser at "More information required"."""
    assert enter_password(client, hana)["Location"] == "/signin/more-information/"
    return client


def confirm_address(client: Client) -> Any:
    client.post("/security-info/email/", {"address": "hana@mail.example.org"})
    return client.post("/security-info/email/confirm/", {"code": mailed_code()})


@pytest.mark.covers("S-25", "S-26", "S-43", "S-44")
def test_the_way_through_the_interrupt_has_the_words_of_the_guide(newcomer: Client) -> None:
    page = newcomer.get("/signin/more-information/").content.decode()
    assert "More information required" in page
    assert 'href="/security-info/app/"' in page
    page = newcomer.get("/security-info/app/").content.decode()
    assert "I want to use a different authenticator app" in page
    assert "I want to use a different method" in page
    page = newcomer.get("/security-info/add/").content.decode()
    assert "Which method would you like to use?" in page
    assert "Phone" in page
    assert ">Email" not in page


@pytest.mark.covers("S-36", "S-39", "S-49", "S-58", "S-119")
def test_a_phone_an_address_and_the_session(newcomer: Client, hana: Account, monkeypatch: Any) -> None:
    handset = Handset()
    monkeypatch.setattr(HANDSET, lambda: handset)
    enter_number(newcomer)
    send_all()
    assert newcomer.post("/security-info/phone/confirm/", {"code": handset.code})["Location"] == "/signin/continue/"
    assert newcomer.get("/signin/continue/")["Location"] == "/security-info/email/"
    confirm_address(newcomer)
    page = newcomer.get("/signin/continue/").content.decode()
    assert "Succeeded" in page
    assert newcomer.post("/signin/finish/")["Location"] == HOME
    badge = SessionRecord.objects.get()
    assert (badge.account, badge.verified_kind) == (hana, "phone")


@pytest.mark.covers("S-36")
def test_the_address_cannot_be_left_out(newcomer: Client) -> None:
    add_app(newcomer)
    assert newcomer.post("/signin/finish/")["Location"] == "/signin/continue/"
    assert not has_session(newcomer)
    confirm_address(newcomer)
    newcomer.post("/signin/finish/")
    assert has_session(newcomer)


def test_where_no_address_is_asked_for_the_method_is_enough(newcomer: Client, settings: Any) -> None:
    """C-03."""
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    add_app(newcomer)
    assert "Succeeded" in newcomer.get("/signin/continue/").content.decode()
    newcomer.post("/signin/finish/")
    assert has_session(newcomer)


def test_an_address_known_already_is_not_asked_for_again(newcomer: Client) -> None:
    confirm_address(newcomer)
    add_app(newcomer)
    assert "Succeeded" in newcomer.get("/signin/continue/").content.decode()


def test_an_address_alone_opens_no_session(newcomer: Client) -> None:
    """R-110."""
    confirm_address(newcomer)
    assert newcomer.get("/signin/continue/")["Location"] == "/signin/more-information/"
    assert leads_to_password(newcomer.post("/signin/finish/"))
    assert not has_session(newcomer)


def test_without_a_method_there_is_nothing_to_finish(newcomer: Client) -> None:
    newcomer.post("/security-info/totp/")
    for answer in (newcomer.post("/signin/finish/"), newcomer.get("/signin/finish/")):
        assert answer.status_code in {302, 405}
    assert not has_session(newcomer)


def test_a_method_registered_elsewhere_is_no_evidence_here(newcomer: Client, hana: Account) -> None:
    other = Client()
    enter_password(other, hana)
    add_app(other)
    assert leads_to_password(newcomer.get("/signin/continue/"))
    assert leads_to_password(newcomer.post("/signin/finish/"))
    assert not has_session(newcomer)


def test_the_new_method_must_still_be_there_at_the_end(newcomer: Client, settings: Any) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    add_app(newcomer)
    TotpDevice.objects.all().delete()
    assert leads_to_password(newcomer.post("/signin/finish/"))
    assert not has_session(newcomer)


def test_the_registration_is_spent_once(newcomer: Client, settings: Any) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    add_app(newcomer)
    token = newcomer.cookies[settings.SIGNIN_COOKIE_NAME].value
    newcomer.post("/signin/finish/")
    newcomer.post("/signout/")
    newcomer.cookies[settings.SIGNIN_COOKIE_NAME] = token
    assert leads_to_password(newcomer.post("/signin/finish/"))
    assert leads_to_password(newcomer.get("/security-info/add/"))
    assert not has_session(newcomer)


@pytest.mark.parametrize(
    ("networks", "address", "leads"),
    [
        ([], "127.0.0.1", "refused"),
        (["10.0.0.0/8"], "10.1.2.3", "more-information"),
        (["10.0.0.0/8"], "203.0.113.5", "refused"),
        (["2001:db8::/32"], "2001:db8::1", "more-information"),
    ],
)
def test_the_first_method_is_registered_from_the_campus_unless_the_institution_says_otherwise(
    hana: Account, settings: Any, networks: list[str], address: str, leads: str
) -> None:
    """R-014: whoever guesses the password of an unused account does not register first."""
    settings.MFA_FIRST_REGISTRATION, settings.MFA_CAMPUS_NETWORKS = "networks", networks
    client = Client(REMOTE_ADDR=address)
    assert enter_password(client, hana)["Location"] == f"/signin/{leads}/"
    if leads == "refused":
        page = client.get("/signin/refused/")
        assert page.status_code == 403
        assert "campus network" in page.content.decode()
        assert leads_to_password(client.get("/security-info/totp/"))


def test_a_forged_address_is_no_campus(hana: Account, settings: Any) -> None:
    settings.MFA_FIRST_REGISTRATION, settings.MFA_CAMPUS_NETWORKS = "networks", ["10.0.0.0/8"]
    client = Client(REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR="10.1.2.3", HTTP_X_REAL_IP="10.1.2.3")
    assert enter_password(client, hana)["Location"] == "/signin/refused/"


@pytest.mark.covers("S-102")
def test_once_a_method_stands_the_password_registers_no_other(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    enter_password(client, hana)
    for path in ("totp/", "totp/scan/", "phone/", "email/", "add/", "app/"):
        assert leads_to_password(client.post(f"/security-info/{path}", {"method": "totp"}))
    assert RegisteredMethod.objects.count() == 1


def test_where_the_site_does_not_ask_yet_the_password_opens_other_pages_only(client: Client, hana: Account, settings: Any) -> None:
    settings.MFA_VERIFY_BEFORE_EFFECT = False
    a_totp_app(hana)
    assert enter_password(client, hana, next_path="/my-account/")["Location"] == "/my-account/"
    assert client.get("/my-account/").status_code == 200
    assert client.get(HOME)["Location"].startswith("/signin/step-up/")
    assert client.get("/security-info/totp/")["Location"].startswith("/signin/step-up/")
    other = Client()
    assert enter_password(other, hana, next_path=HOME)["Location"] == "/signin/verify/"
    assert enter_code(other).status_code == 302


def test_an_application_that_takes_effect_meanwhile_is_seen(client: Client, hana: Account, settings: Any, monkeypatch: Any) -> None:
    """Between the decision and the session: the password is no longer enough."""
    settings.MFA_VERIFY_BEFORE_EFFECT = False
    a_totp_app(hana)
    plain = flow.complete

    def in_effect_meanwhile(*args: Any) -> None:
        Account.objects.update(mfa_asked_here=True)
        plain(*args)

    monkeypatch.setattr(flow, "complete", in_effect_meanwhile)
    assert leads_to_password(enter_password(client, hana, next_path="/my-account/"))
    assert not has_session(client)
