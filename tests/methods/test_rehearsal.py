"""What is left when a device is lost: independent devices are counted, not methods (S-18, S-53, S-140)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.carriers import Carrier
from methods.models import MethodState, RegisteredMethod
from methods.rehearsal import by_telephone_alone, devices, say_where
from methods.usable import listed
from tests.factories import a_method, a_phone, a_totp_app, app_code, signed_in
from tests.methods.people import fresh_browser

pytestmark = pytest.mark.django_db
HOME = "/security-info/"
Browser = Callable[..., Client]


def left(account: Account) -> dict[str, list[str]]:
    """What each device would leave, by the words for the device."""
    return {str(device.label): [method.name for method in device.left] for device in devices(listed(account))}


def page(client: Client, query: str = "") -> str:
    return " ".join(client.get(f"{HOME}{query}").content.decode().split())


@pytest.mark.covers("S-140")
def test_an_app_and_the_texts_to_the_same_smartphone_are_one_device(hana: Account) -> None:
    a_totp_app(hana, name="App")
    a_phone(hana)
    assert left(hana) == {"My smartphone": []}


@pytest.mark.covers("S-140")
def test_a_landline_and_a_security_key_are_devices_of_their_own(hana: Account) -> None:
    a_totp_app(hana, name="App")
    a_method(hana, "alternate-phone", name="Alternate Phone", hint="••• 11")
    a_method(hana, "fido", name="Blue key")
    assert left(hana) == {
        "My smartphone": ["Blue key", "Alternate Phone"],
        "Alternate Phone ••• 11": ["App", "Blue key"],
        "Blue key": ["App", "Alternate Phone"],
    }


def test_what_its_owner_says_comes_before_what_is_usual(hana: Account) -> None:
    a_totp_app(hana, name="App")
    a_totp_app(hana, name="Tablet", carrier=Carrier.SECOND)
    assert left(hana) == {"My smartphone": ["Tablet"], "Another smartphone or a tablet": ["App"]}


@pytest.mark.covers("S-66")
def test_what_cannot_sign_in_is_nothing_that_is_left(hana: Account) -> None:
    a_totp_app(hana, name="App")
    a_method(hana, "email", name="Email")
    a_totp_app(hana, name="Broken", carrier=Carrier.SECOND, state=MethodState.SUSPENDED)
    assert left(hana) == {"My smartphone": []}


@pytest.mark.covers("C-04")
def test_who_has_telephone_numbers_alone_is_advised_to_add_something_stronger(hana: Account) -> None:
    assert not by_telephone_alone([])
    a_phone(hana)
    a_method(hana, "office-phone", name="Office Phone")
    assert "Add an app or a security key as well." in page(fresh_browser(hana))
    a_totp_app(hana)
    assert "Add an app or a security key as well." not in page(fresh_browser(hana))


@pytest.mark.covers("S-18", "S-53")
def test_the_page_says_of_each_device_what_is_left_and_warns_until_two_are_independent(hana: Account) -> None:
    a_totp_app(hana, name="App", last_signin_at=timezone.now())
    a_phone(hana)
    html = page(fresh_browser(hana))
    assert "All your methods are on one device" in html
    assert "If you lose it you are locked out of your account" in html
    a_method(hana, "fido", name="Blue key")
    html = page(fresh_browser(hana))
    assert "All your methods are on one device" not in html
    assert "If you lose it you can still sign in with: <strong>Blue key</strong>" in html


def test_the_owner_says_where_a_method_lives_and_it_is_recorded(hana: Account) -> None:
    app = a_totp_app(hana, name="App")
    client = fresh_browser(hana)
    address = f"{HOME}methods/{app.pk}/device/"
    assert 'value="smartphone"' in client.get(address).content.decode()
    assert client.post(address, {"carrier": "second"}).status_code == 302
    client.post(address, {"carrier": "second"})
    assert list(left(hana)) == ["Another smartphone or a tablet"]
    event = Event.objects.get(name="method:moved")
    assert (event.account_id, event.actor_id) == (hana.pk, hana.pk)
    assert (event.before, event.after["carrier"]) == ({"carrier": "smartphone"}, "second")


@pytest.mark.parametrize("carrier", ["", "moon"])
def test_a_device_that_nobody_knows_is_not_noted(hana: Account, carrier: str) -> None:
    app = a_totp_app(hana)
    assert fresh_browser(hana).post(f"{HOME}methods/{app.pk}/device/", {"carrier": carrier}).status_code == 200
    app.refresh_from_db()
    assert app.carrier == ""


def test_nobody_says_it_of_a_method_of_somebody_else(hana: Account, ken: Account) -> None:
    app = a_totp_app(ken)
    for address in (f"{HOME}methods/{app.pk}/device/", f"/signin/step-up/test/{app.pk}/"):
        assert fresh_browser(hana).get(address).status_code == 404
    with pytest.raises(Refused, match="not-allowed"):
        say_where(ken, app.pk, Carrier.OWN, actor=hana)
    with pytest.raises(Refused, match="method-gone"):
        say_where(hana, app.pk, Carrier.OWN, actor=hana)


@pytest.mark.covers("S-18")
def test_a_test_asks_exactly_this_method_and_notes_that_it_works(hana: Account) -> None:
    a_totp_app(hana, name="First")
    long_ago = timezone.now() - timedelta(days=90)
    second = a_totp_app(hana, name="Second", key=b"the key of the second", last_proven_at=long_ago)
    client = fresh_browser(hana)
    answer = client.get(f"/signin/step-up/test/{second.pk}/", follow=True)
    html = answer.content.decode()
    assert "This tests “Second”" in html
    form = {"method": str(second.pk), "next": f"{HOME}?tested={second.pk}"}
    wrong = client.post("/signin/step-up/", form | {"code": app_code()})
    assert "That code is not right." in wrong.content.decode()
    done = client.post("/signin/step-up/", form | {"code": app_code(b"the key of the second")}, follow=True)
    assert "The test succeeded: “Second” works." in done.content.decode()
    proven = RegisteredMethod.objects.get(pk=second.pk).last_proven_at
    assert proven is not None
    assert timezone.now() - proven < timedelta(minutes=1)


def test_the_page_claims_no_test_that_has_not_been_made(hana: Account) -> None:
    app = a_totp_app(hana, last_proven_at=timezone.now() - timedelta(hours=1))
    assert "The test succeeded" not in page(fresh_browser(hana), f"?tested={app.pk}")


def test_a_session_with_the_password_alone_sees_nothing_of_it(hana: Account) -> None:
    a_totp_app(hana)
    client = Client()
    signed_in(client, hana, verified=False)
    assert client.get(HOME)["Location"].startswith("/signin/step-up/")
