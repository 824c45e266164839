"""Methods: registered, changed, handed over, lost, and what is sent to them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from audit.catalogue import EventName
from methods import pumping
from methods.ending import end_expired
from methods.gateways.base import NeverSent
from methods.kinds.app_password.secret import make_secret
from methods.models import RegisteredMethod
from methods.spending import charge
from tests.audit.stages.staging import DOOR, PAGE, REQUEST, browser, stage
from tests.factories import a_phone, a_totp_app, app_code
from tests.methods.app_passwords import a_mail_server, make
from tests.methods.people import Handset, key_on, mailed_code, send_all
from tests.methods.push_phone import Phone
from tests.methods.qr import read_qr
from tests.methods.security_key import SoftKey, asked_on
from tests.methods.test_fido_pages import add_key
from tests.methods.test_spending import mobile, texts
from tests.methods.test_travel import planned
from tests.signin.door import enter_password

HOME = "/security-info/"
LONG_AGO = timezone.now() - timedelta(days=90)


def in_days(days: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def two_apps(account: Account) -> tuple[RegisteredMethod, RegisteredMethod]:
    """An old phone, which is the default, and a new one."""
    return a_totp_app(account, name="Old phone", bound_at=LONG_AGO), a_totp_app(account, name="New phone", key=b"another key of an app")


@stage(EventName.APP_PAIRED, on="hana", at=REQUEST, after="app kind")
def an_app_that_is_paired(hana: Account) -> Iterator[None]:
    client, phone = browser(hana), Phone()
    client.post(f"{HOME}push/")
    code = read_qr(client.get(f"{HOME}push/pair/")).partition("#pair=")[2]
    yield
    phone.pair(code=code)


@stage(EventName.METHOD_REGISTERED, on="hana", by="hana", at=PAGE, after="default hint kind method name")
def an_app_that_is_registered(hana: Account) -> Iterator[None]:
    client = browser(hana)
    client.post(f"{HOME}totp/")
    key = key_on(client.get(f"{HOME}totp/scan/"))
    yield
    assert client.post(f"{HOME}totp/scan/", {"code": app_code(key), "name": "My phone"}).status_code == 302


@stage(EventName.METHOD_RENAMED, on="hana", by="hana", at=PAGE, before="name", after="default hint kind method name")
def a_new_name(hana: Account) -> Iterator[None]:
    app, client = a_totp_app(hana), browser(hana)
    yield
    client.post(f"{HOME}methods/{app.pk}/change/", {"name": "Blue phone"})


@stage(EventName.METHOD_MOVED, on="hana", by="hana", at=PAGE, before="carrier", after="carrier kind method name")
def another_device(hana: Account) -> Iterator[None]:
    app, client = a_totp_app(hana), browser(hana)
    yield
    client.post(f"{HOME}methods/{app.pk}/device/", {"carrier": "second"})


@stage(EventName.METHOD_RETIRING, on="hana", by="hana", at=PAGE, after="kind method name until")
def an_old_phone_that_ends_soon(hana: Account) -> Iterator[None]:
    old, _new = two_apps(hana)
    client = browser(hana)
    yield
    client.post(f"{HOME}new-phone/{old.pk}/retire/")


@stage(EventName.METHOD_KEPT, on="hana", by="hana", at=PAGE, after="kind method name")
def an_old_phone_that_stays(hana: Account) -> Iterator[None]:
    old, _new = two_apps(hana)
    client = browser(hana)
    client.post(f"{HOME}new-phone/{old.pk}/retire/")
    yield
    client.post(f"{HOME}new-phone/{old.pk}/keep/")


@stage(EventName.METHOD_REMOVED, on="hana", by="hana", at=PAGE, before="default hint kind method name")
def a_method_that_is_deleted(hana: Account) -> Iterator[None]:
    _old, new = two_apps(hana)
    client = browser(hana)
    yield
    client.post(f"{HOME}methods/{new.pk}/delete/")


@stage(EventName.METHOD_ENDED, on="hana", before="kind method name")
def a_method_whose_time_is_over(hana: Account) -> Iterator[None]:
    old, _new = two_apps(hana)
    browser(hana).post(f"{HOME}new-phone/{old.pk}/retire/")
    yield
    with in_days(30):
        assert end_expired() == 1


@stage(EventName.METHOD_CLONED, on="hana", at=DOOR, after="kind method name purpose")
def a_key_whose_counter_goes_back(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    key: SoftKey = add_key(browser(hana))
    RegisteredMethod.objects.filter(kind="fido").update(is_default=False)
    key_method = RegisteredMethod.objects.get(kind="fido")

    def verify(count: int) -> None:
        client = browser()
        enter_password(client, hana)
        client.post(f"/signin/verify/use/{key_method.pk}/")
        client.post("/signin/verify/", {"code": key.get(asked_on(client.get("/signin/verify/")), count=count)})

    verify(7)
    yield
    verify(5)


@stage(EventName.METHOD_DEFAULT_CHANGED, on="hana", by="hana", at=PAGE, before="method", after="default hint kind method name")
def another_default(hana: Account) -> Iterator[None]:
    _old, new = two_apps(hana)
    client = browser(hana)
    yield
    client.post(f"{HOME}default/", {"method": str(new.pk)})


@stage(EventName.APP_PASSWORD_USED, on="hana", at=frozenset({"address", "request_id"}), after="asked_from kind name system")
def an_app_password_that_lets_in(hana: Account) -> Iterator[None]:
    server, secret = mail_of(hana)
    yield
    assert server.lets_in(hana, secret, address="203.0.113.7")


@stage(EventName.APP_PASSWORD_REFUSED, on="hana", at=frozenset({"address", "request_id"}), after="asked_from system")
def wrong_app_passwords_until_they_are_held(hana: Account) -> Iterator[None]:
    server, _secret = mail_of(hana)
    yield
    for _ in range(102):
        server.lets_in(hana, make_secret(), address="203.0.113.7")


def mail_of(account: Account) -> Any:
    server = a_mail_server()
    a_totp_app(account)
    Account.objects.filter(pk=account.pk).update(methods_needed=True)
    account.refresh_from_db()
    return server, make(account)


@stage(EventName.JOURNEY_PLANNED, on="hana", by="hana", at=PAGE, after="country name since until")
def a_journey(hana: Account) -> Iterator[None]:
    a_phone(hana)
    app, client, today = a_totp_app(hana, name="App"), browser(hana), timezone.localdate()
    days = {"leaves_on": str(today + timedelta(days=7)), "returns_on": str(today + timedelta(days=14))}
    yield
    assert client.post(f"{HOME}travel/", {"option": f"{app.pk}.", "country": "FR"} | days).status_code == 302


@stage(EventName.JOURNEY_ENDED, on="hana", by="hana", at=PAGE, before="country")
def a_journey_that_is_called_off(hana: Account) -> Iterator[None]:
    a_phone(hana)
    a_totp_app(hana, name="App")
    planned(hana)
    client = browser(hana)
    yield
    client.post(f"{HOME}travel/cancel/")


@stage(EventName.RECOVERY_ADDRESS_CONFIRMED, on="hana", by="hana", at=PAGE)
def a_recovery_address(hana: Account) -> Iterator[None]:
    client = browser(hana)
    client.post(f"{HOME}email/", {"address": "hana@mail.example.org"})
    code = mailed_code()
    yield
    assert client.post(f"{HOME}email/confirm/", {"code": code}).status_code == 302


@stage(EventName.MESSAGE_FAILED, on="hana", after="channel country problem template")
def a_text_that_cannot_be_sent(hana: Account, handset: Handset) -> Iterator[None]:
    a_phone(hana)
    enter_password(browser(), hana)
    handset.trouble = NeverSent("21211")
    yield
    send_all()


@stage(EventName.SENDING_STOPPED)
def more_texts_than_may_be_sent(db: None, settings: Settings) -> Iterator[None]:
    settings.MFA_SENDING_PER_HOUR = 3
    yield
    for number in range(3):
        charge(mobile(number, block=1000 + number))


@stage(EventName.SENDING_UNUSED, after="country sent used")
def texts_that_nobody_uses(hana: Account) -> Iterator[None]:
    noon = timezone.now().replace(hour=12, minute=0)
    with time_machine.travel(noon, tick=False):
        texts(hana, "GB", 40, used=2)
    with time_machine.travel(noon + timedelta(minutes=15), tick=False):
        yield
        pumping.watch()
