"""A new phone takes over from an old one: both stay for a while, then the old one ends by itself (S-93 to S-95)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods import succession
from methods.ending import end_expired
from methods.kinds.totp.models import TotpDevice
from methods.models import Message, RegisteredMethod
from methods.usable import usable
from selfservice.models import GuideLink
from tests.factories import a_method, a_phone, a_totp_app, app_code, signed_in
from tests.methods.people import add_app, fresh_browser, send_all
from tests.signin.door import enter_code, enter_password

pytestmark = pytest.mark.django_db
PAGE = "/security-info/new-phone/"


def in_later(**period: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**period), tick=False)


@pytest.fixture
def old(hana: Account) -> RegisteredMethod:
    """The app on the phone that Hana will give away."""
    return a_totp_app(hana, name="Old phone", bound_at=timezone.now() - timedelta(days=300))


def the_new_one() -> RegisteredMethod:
    return RegisteredMethod.objects.get(name="New phone")


@pytest.mark.covers("S-93", "S-94")
def test_the_old_phone_approves_the_new_one_and_ends_by_itself_after_a_week(hana: Account, old: RegisteredMethod) -> None:
    client = Client()
    signed_in(client, hana, verified=False)
    assert client.get(PAGE)["Location"].startswith("/signin/step-up/"), "the old phone approves"
    client.post("/signin/step-up/", {"code": app_code()})
    add_app(client, "New phone")
    assert client.post(f"{PAGE}{old.pk}/retire/", follow=True).redirect_chain[-1][0] == PAGE
    assert [method.name for method in usable(hana)] == ["New phone", "Old phone"], "the new one is asked first"
    with in_later(days=6, hours=23):
        end_expired()
        assert len(usable(hana)) == 2
    with in_later(days=7, minutes=1):
        end_expired()
        assert [method.name for method in usable(hana)] == ["New phone"]
        assert TotpDevice.objects.count() == 1


@pytest.mark.covers("S-93")
def test_it_is_recorded_and_told_with_the_day(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="New phone")
    succession.retire(hana, old.pk, actor=hana)
    succession.retire(hana, old.pk, actor=hana)
    event = Event.objects.get(name="method:retiring")
    assert (event.account_id, event.actor_id, event.after["name"]) == (hana.pk, hana.pk, "Old phone")
    assert Event.objects.get(name="method:default-changed").after["name"] == "New phone"
    assert Message.objects.filter(template="method-retiring").count() == 1
    send_all()
    assert "“Old phone” ends by itself on" in mail.outbox[0].body
    assert "“New phone” has taken its place" in mail.outbox[0].body


@pytest.mark.covers("S-94")
def test_before_there_is_a_newer_method_the_old_one_gets_no_end(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="Older still", bound_at=timezone.now() - timedelta(days=400))
    a_method(hana, "email", name="Email")
    a_phone(hana)
    with pytest.raises(Refused, match="no-successor"):
        succession.retire(hana, old.pk, actor=hana)
    html = fresh_browser(hana).get(PAGE).content.decode()
    assert "Register a newer method first; then this one can go." in html
    assert f"{PAGE}{old.pk}/retire/" not in html


def test_what_ends_itself_is_nobodys_successor(hana: Account, old: RegisteredMethod) -> None:
    new = a_totp_app(hana, name="New phone")
    a_totp_app(hana, name="Newest", bound_at=timezone.now() + timedelta(seconds=5))
    succession.retire(hana, new.pk, actor=hana)
    RegisteredMethod.objects.filter(name="Newest").update(expires_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="no-successor"):
        succession.retire(hana, old.pk, actor=hana)


def test_the_end_can_be_taken_back(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="New phone")
    client = fresh_browser(hana)
    client.post(f"{PAGE}{old.pk}/retire/")
    assert "Ends on" in client.get("/security-info/").content.decode()
    client.post(f"{PAGE}{old.pk}/keep/")
    assert Event.objects.get(name="method:kept").after["name"] == "Old phone"
    with in_later(days=8):
        end_expired()
        assert len(usable(hana)) == 2


@pytest.mark.parametrize("gone", ["removed", "suspended"])
def test_the_old_phone_stays_when_the_new_one_is_gone_by_then(hana: Account, old: RegisteredMethod, gone: str) -> None:
    """Also before MFA use is applied for: without any method the password alone would register the next one."""
    new = a_totp_app(hana, name="New phone")
    succession.retire(hana, old.pk, actor=hana)
    RegisteredMethod.objects.filter(pk=new.pk).update(state=gone, is_default=False)
    with in_later(days=8):
        assert end_expired() == 0
        assert [method.name for method in usable(hana)] == ["Old phone"]
        assert end_expired() == 0
    event = Event.objects.get(name="method:kept")
    assert (event.account_id, event.actor_id, event.after["name"]) == (hana.pk, None, "Old phone")
    assert Message.objects.filter(template="method-kept").count() == 1, "said once"


def test_of_two_old_phones_that_end_together_one_stays(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="Other phone")
    RegisteredMethod.objects.update(expires_at=timezone.now())
    assert end_expired() == 1
    assert len(usable(hana)) == 1


def test_the_old_phone_signs_in_until_its_end(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="New phone", key=b"the key of the new phone")
    succession.retire(hana, old.pk, actor=hana)
    client = Client()
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{old.pk}/")
    assert enter_code(client).status_code == 302


@pytest.mark.parametrize("verb", [succession.retire, succession.let_stay])
def test_nobody_decides_on_a_method_of_somebody_else(hana: Account, ken: Account, old: RegisteredMethod, verb: Any) -> None:
    a_totp_app(hana, name="New phone")
    with pytest.raises(Refused, match="not-allowed"):
        verb(hana, old.pk, actor=ken)
    with pytest.raises(Refused, match="method-gone"):
        verb(ken, old.pk, actor=ken)


@pytest.mark.parametrize("verb", [succession.retire, succession.let_stay])
def test_the_end_of_what_is_not_for_sign_in_is_not_moved(hana: Account, old: RegisteredMethod, verb: Any) -> None:
    until = timezone.now() + timedelta(days=1)
    other = a_method(hana, "email", name="Email", expires_at=until)
    a_totp_app(hana, name="New phone")
    with pytest.raises(Refused, match="method-gone"):
        verb(hana, other.pk, actor=hana)
    other.refresh_from_db()
    assert other.expires_at == until


def test_a_form_that_comes_late_is_verified_first(hana: Account, old: RegisteredMethod) -> None:
    a_totp_app(hana, name="New phone")
    client = Client()
    signed_in(client, hana, verified=False)
    assert client.post(f"{PAGE}{old.pk}/retire/")["Location"].startswith("/signin/step-up/")
    assert not Event.objects.filter(name="method:retiring").exists()


@pytest.mark.covers("S-137")
def test_the_institutions_own_guide_to_the_move_is_linked(hana: Account, old: RegisteredMethod) -> None:
    address = "https://www.example.ac.jp/move"
    GuideLink.objects.create(title="Moving the app", topic="new-phone", language="en", address=address)
    assert f'href="{address}"' in fresh_browser(hana).get(PAGE).content.decode()


@pytest.mark.covers("S-95")
def test_a_number_that_changes_is_entered_anew_while_the_old_one_stays(hana: Account) -> None:
    phone = a_phone(hana)
    a_totp_app(hana)
    html = fresh_browser(hana).get(PAGE).content.decode()
    assert f'href="/security-info/methods/{phone.pk}/change/"' in html
    assert "Enter the new number" in html
