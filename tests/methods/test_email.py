"""S-36 to S-38, S-66, R-110, R-118: the recovery address."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from methods import lifecycle
from methods.allowance import Allowance
from methods.kinds.email.forms import AddressForm
from methods.models import Message, RegisteredMethod
from methods.usable import listed, usable
from tests.factories import a_method, a_totp_app, app_code, signed_in
from tests.methods.people import fresh_browser, mailed_code
from tests.signin.door import enter_password

SETUP, CONFIRM, RESEND = "/security-info/email/", "/security-info/email/confirm/", "/security-info/email/resend/"
ADDRESS = "hana@mail.example.org"


@pytest.fixture
def client(hana: Account) -> Client:
    return fresh_browser(hana)


def add_address(client: Client, address: str = ADDRESS) -> None:
    client.post(SETUP, {"address": address})
    assert client.post(CONFIRM, {"code": mailed_code()}).status_code == 302


@pytest.mark.covers("S-38")
def test_an_address_is_kept_when_its_code_was_entered(client: Client, hana: Account) -> None:
    client.post(SETUP, {"address": ADDRESS})
    hana.refresh_from_db()
    assert hana.recovery_address == ""
    code = mailed_code()
    assert mail.outbox[-1].to == [ADDRESS]
    client.post(CONFIRM, {"code": code})
    hana.refresh_from_db()
    assert (hana.recovery_address, hana.recovery_address_confirmed_at is not None) == (ADDRESS, True)
    assert Event.objects.filter(name="recovery-address:confirmed", account_id=hana.pk).count() == 1


USUAL = Allowance(("email",), refused_domains=("example.ac.jp",))
OWN = [
    "hana@example.ac.jp",
    "hana@EXAMPLE.AC.JP",
    "hana@g.ecc.example.ac.jp",
    "hana@mail.Example.ac.JP",
    "hana@ｅｘａｍｐｌｅ.ac.jp",
    '"a@b"@example.ac.jp',
]
NONE = [
    "hana@example。ac。jp",
    "hana",
    "hana@",
    "@mail.example.org",
    "hana@localhost",
    "hana@[127.0.0.1]",
    "a b@mail.example.org",
    f"{'x' * 250}@mail.example.org",
    "",
]


@pytest.mark.covers("S-37")
@pytest.mark.parametrize("address", OWN)
def test_an_address_of_the_institution_is_refused_with_the_reason(address: str) -> None:
    form = AddressForm(USUAL, {"address": address})
    assert not form.is_valid()
    assert "locked out" in str(form.errors["address"])


@pytest.mark.parametrize("address", NONE)
def test_what_is_no_address_is_refused(address: str) -> None:
    form = AddressForm(USUAL, {"address": address})
    assert not form.is_valid()
    assert "locked out" not in str(form.errors["address"])


@pytest.mark.covers("S-37")
@pytest.mark.parametrize(
    "address", ["hana@gmail.com", "h.s+mfa@mail.example.org", "hana@notexample.ac.jp", "hana@example.ac.jp.example.org"]
)
def test_any_other_provider_will_do(address: str) -> None:
    form = AddressForm(USUAL, {"address": address})
    assert form.is_valid()
    assert form.cleaned_data["address"] == address


def test_an_address_in_another_script_is_kept_as_mail_servers_write_it() -> None:
    form = AddressForm(USUAL, {"address": "hana@メール.example.org"})
    assert form.is_valid()
    assert form.cleaned_data["address"].isascii()


TOO_LONG = {"a label": f"{'ü' * 60}.example.org", "in ASCII": f"{'.'.join(['大学' * 10] * 11)}.example.org", "as typed": f"{'x.' * 130}org"}


@pytest.mark.parametrize("domain", TOO_LONG.values(), ids=TOO_LONG)
def test_an_address_that_is_too_long_for_mail_servers_is_refused(client: Client, domain: str) -> None:
    page = client.post(SETUP, {"address": f"hana@{domain}"})
    assert page.status_code == 200
    assert "This email address is too long" in page.content.decode()


def test_of_a_long_domain_the_list_shows_the_end(client: Client, hana: Account) -> None:
    address = f"hana@{'a' * 40}.{'b' * 40}.example.org"
    add_address(client, address)
    hana.refresh_from_db()
    assert hana.recovery_address == address
    hint = RegisteredMethod.objects.get().hint
    assert len(hint) == 64
    assert hint.startswith("h•••@…a")
    assert hint.endswith("b.example.org")


@pytest.mark.covers("S-66")
def test_an_address_is_never_asked_counted_or_default(client: Client, hana: Account) -> None:
    add_address(client)
    (method,) = listed(hana)
    assert (method.kind, method.is_default, usable(hana)) == ("email", False, [])
    app = a_totp_app(hana)
    assert [one.pk for one in usable(hana)] == [app.pk]
    visitor = Client()
    enter_password(visitor, hana)
    assert visitor.post(f"/signin/verify/use/{method.pk}/")["Location"] == "/signin/verify/options/"
    assert "Email" not in visitor.get("/signin/verify/options/").content.decode()


@pytest.mark.covers("S-66")
def test_an_address_steps_nobody_up_and_cannot_be_the_default(client: Client, hana: Account) -> None:
    add_address(client)
    method = RegisteredMethod.objects.get()
    assert (
        "cannot be the default"
        in client.get(client.post("/security-info/default/", {"method": str(method.pk)})["Location"]).content.decode()
    )
    stale = Client()
    signed_in(stale, hana, verified=False)
    sent = Message.objects.count()
    stale.post(f"/signin/step-up/use/{method.pk}/")
    assert stale.get("/signin/step-up/").status_code == 403
    assert Message.objects.count() == sent


def test_an_account_with_nothing_but_an_address_registers_first(client: Client, hana: Account) -> None:
    """It is no method that could be asked, nor one that makes the account somebody's already."""
    add_address(client)
    assert enter_password(Client(), hana)["Location"] == "/signin/more-information/"


@pytest.mark.covers("S-65", "S-66")
def test_it_is_offered_and_listed_as_not_for_sign_in(client: Client) -> None:
    offered = re.compile(r'<optgroup label="Not for sign-in">\s*(<option.*</option>)*<option value="email">Email</option>')
    assert offered.search(client.get("/security-info/add/").content.decode())
    add_address(client)
    assert offered.search(client.get("/security-info/add/").content.decode()), "a new one takes its place"
    assert "It takes the place of h•••@mail.example.org" in client.get(SETUP).content.decode()
    page = client.get("/security-info/").content.decode()
    assert "Not for sign-in" in page
    assert "h•••@mail.example.org" in page


def test_after_an_hour_the_code_is_worth_nothing(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        client.post(SETUP, {"address": ADDRESS})
        code = mailed_code()
        moment.shift(timedelta(minutes=50))
        client.post("/signin/step-up/", {"code": app_code(), "next": CONFIRM})
        moment.shift(timedelta(minutes=10))
        client.post("/signin/step-up/", {"code": app_code(), "next": CONFIRM})
        assert client.post(CONFIRM, {"code": code})["Location"] == SETUP
    assert not RegisteredMethod.objects.filter(kind="email").exists()


def test_a_code_that_comes_late_is_accepted_after_a_fresh_proof(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        client.post(SETUP, {"address": ADDRESS})
        code = mailed_code()
        moment.shift(timedelta(minutes=50))
        assert client.get(CONFIRM)["Location"].startswith("/signin/step-up/")
        client.post("/signin/step-up/", {"code": app_code(), "next": CONFIRM})
        assert client.post(CONFIRM, {"code": code})["Location"] == "/security-info/"


def test_a_change_of_address_is_told_to_the_old_one(client: Client, hana: Account) -> None:
    """R-118, R-137."""
    add_address(client)
    Message.objects.all().delete()
    add_address(client, "new@mail.example.net")
    told = Message.objects.filter(template="method-registered").values_list("address", flat=True)
    assert sorted(told) == sorted([hana.contact_address, ADDRESS])
    assert [method.state for method in RegisteredMethod.objects.order_by("bound_at")] == ["removed", "active"]
    hana.refresh_from_db()
    assert hana.recovery_address == "new@mail.example.net"


def test_the_removal_of_an_address_is_told_to_it(client: Client, hana: Account) -> None:
    add_address(client)
    method = RegisteredMethod.objects.get()
    lifecycle.remove(hana, method.pk, actor=hana)
    told = Message.objects.filter(template="method-removed").values_list("address", flat=True)
    assert sorted(told) == sorted([hana.contact_address, ADDRESS])
    hana.refresh_from_db()
    assert (hana.recovery_address, hana.recovery_address_confirmed_at) == ("", None)


def test_removing_the_address_is_allowed_while_methods_are_needed(client: Client, hana: Account) -> None:
    add_address(client)
    a_totp_app(hana)
    Account.objects.filter(pk=hana.pk).update(methods_needed=True)
    lifecycle.remove(hana, RegisteredMethod.objects.get(kind="email").pk, actor=hana)
    assert [method.kind for method in listed(hana)] == ["totp"]


def test_of_an_account_with_one_app_the_address_does_not_count_as_another(client: Client, hana: Account) -> None:
    app = a_totp_app(hana)
    a_method(hana, "email", name="Email")
    Account.objects.filter(pk=hana.pk).update(methods_needed=True)
    page = client.get(client.post(f"/security-info/methods/{app.pk}/delete/")["Location"]).content.decode()
    assert "last verification method" in page


def test_a_new_code_replaces_the_old(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        client.post(SETUP, {"address": ADDRESS})
        old = mailed_code()
        moment.shift(timedelta(seconds=31))
        client.post(RESEND)
        new = mailed_code()
        if old != new:
            assert client.post(CONFIRM, {"code": old}).status_code == 200
        assert client.post(CONFIRM, {"code": new}).status_code == 302


def test_the_code_is_in_the_mail_alone(client: Client) -> None:
    client.post(SETUP, {"address": ADDRESS})
    code = mailed_code()
    rows = str(list(Message.objects.values("facts", "template", "address", "problem", "provider_id"))) + str(
        list(Event.objects.values("after"))
    )
    assert code not in rows
