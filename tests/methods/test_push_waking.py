"""Web Push is a bell: it says that something waits, and whatever becomes of it, polling goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from methods.kinds.push import webpush
from methods.kinds.push.models import PushDevice
from methods.models import Challenge, Message, MessageState
from tests.factories import signed_in
from tests.methods.people import send_all
from tests.methods.push_phone import Phone, a_push_app, number_on
from tests.methods.push_service import PushService, push_service
from tests.signin.door import enter_password, has_session


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    settings.MFA_PUSH_HOSTS = ["127.0.0.1"]
    with push_service() as service:
        yield service


@pytest.fixture
def phone(hana: Account, service: PushService) -> Phone:
    """An app that can be woken."""
    phone = Phone()
    a_push_app(hana, phone)
    assert phone.call("subscribe", {"subscription": service.subscription()}).json()["woken"]
    return phone


@pytest.fixture
def door(client: Client, hana: Account, phone: Phone) -> Client:
    enter_password(client, hana)
    return client


def message() -> Message:
    return Message.objects.get(channel="push")


def approve(door: Client, phone: Phone) -> bool:
    phone.yes(number_on(door.get("/signin/verify/")))
    door.post("/signin/verify/")
    return has_session(door)


@pytest.mark.covers("S-114", "S-32")
def test_a_request_wakes_the_app_without_telling_what_it_is(door: Client, phone: Phone, service: PushService, hana: Account) -> None:
    number = number_on(door.get("/signin/verify/"))
    send_all()
    assert message().state == MessageState.SENT
    said = json.loads(service.read())
    assert said["web_push"] == 8030
    assert said["notification"]["navigate"].endswith("/authenticator/")
    assert not {hana.common_id, str(Challenge.objects.get().pk), number} & set(service.read().decode().replace('"', " ").split())
    headers = service.received[0][0]
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("60", "high", "aes128gcm")
    assert headers["topic"] == Challenge.objects.get().pk.hex
    assert service.claims(webpush.public_key())["sub"].startswith("mailto:")


def test_the_words_are_in_the_language_of_the_person(client: Client, phone: Phone, service: PushService, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(language="ja")
    enter_password(client, hana)
    send_all()
    assert json.loads(service.read())["notification"]["body"] == "サインイン要求を承認する"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_dropped_and_the_app_stays(door: Client, phone: Phone, service: PushService, status: int) -> None:
    service.status = status
    send_all()
    assert message().state == MessageState.FAILED
    assert PushDevice.objects.get().subscription is None
    assert "Open the app there: the request is waiting in it" in door.get("/signin/verify/").content.decode()
    assert approve(door, phone)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again_and_nothing_waits_for_it(
    door: Client, phone: Phone, service: PushService, status: int
) -> None:
    service.status = status
    send_all()
    assert message().state == MessageState.WAITING
    assert PushDevice.objects.get().subscription is not None
    assert approve(door, phone)


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_service_that_refuses_is_not_asked_again(door: Client, phone: Phone, service: PushService, status: int) -> None:
    service.status = status
    send_all()
    assert message().state == MessageState.FAILED
    assert approve(door, phone)


def test_a_service_that_hangs_is_given_up(door: Client, phone: Phone, service: PushService, monkeypatch: Any) -> None:
    monkeypatch.setattr(webpush, "TIMEOUT", (0.2, 0.2))
    service.hang = 1
    send_all()
    assert message().state == MessageState.WAITING
    assert approve(door, phone)


def test_no_redirect_is_followed(door: Client, phone: Phone, service: PushService) -> None:
    """R-205."""
    service.status, service.location = 307, f"http://127.0.0.1:{service.port}/elsewhere"
    send_all()
    assert len(service.received) == 1
    assert message().state == MessageState.FAILED


def test_a_request_that_is_answered_before_the_worker_comes_wakes_nobody(door: Client, phone: Phone, service: PushService) -> None:
    assert approve(door, phone)
    send_all()
    assert service.received == []


def test_an_app_without_a_subscription_is_not_woken(client: Client, hana: Account, phone: Phone) -> None:
    assert not phone.call("subscribe", {"subscription": None}).json()["woken"]
    enter_password(client, hana)
    assert not Message.objects.exists()
    assert len(phone.requests()) == 1


def test_a_host_that_is_taken_off_the_list_is_not_called_any_more(door: Client, phone: Phone, service: PushService, settings: Any) -> None:
    settings.MFA_PUSH_HOSTS = ["fcm.googleapis.com"]
    send_all()
    assert (message().state, service.received) == (MessageState.FAILED, [])


ALLOWED = ["https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x", "https://web.push.apple.com/x"]
REFUSED = [
    "http://fcm.googleapis.com/fcm/send/x",
    "https://fcm.googleapis.com.example.org/x",
    "https://example.org/?fcm.googleapis.com",
    "https://fcm.googleapis.com@example.org/x",
    "https://user@fcm.googleapis.com/x",
    "https://evilpush.apple.com.example.org/x",
    "https://127.0.0.1/x",
    "http://127.0.0.1/x",
    "https://[::1]/x",
    "https://[/x",
    "https://127.0.0.1\\.push.apple.com/x",  # for some the host ends at the backslash
    "https://fcm.googleapis.com/\0",
    "https://fcm.googleapis.com/\ud800",
    "file:///etc/passwd",
    "https://fcm.googleapis.com/" + "x" * 1000,
    "",
]


@pytest.mark.parametrize(("endpoint", "is_allowed"), [(one, True) for one in ALLOWED] + [(one, False) for one in REFUSED])
def test_only_known_push_services_are_called(endpoint: str, *, is_allowed: bool) -> None:
    """R-205."""
    assert webpush.is_allowed(endpoint) == is_allowed


def test_a_subscription_to_elsewhere_is_refused_and_the_old_one_stays(phone: Phone, service: PushService) -> None:
    good = service.subscription()
    for odd in (
        good | {"endpoint": "https://example.org/x"},
        good | {"keys": {}},
        good | {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"endpoint": 5, "keys": 5},
        [],
        "x",
    ):
        assert phone.call("subscribe", {"subscription": odd}).status_code == 400
    assert PushDevice.objects.get().subscription == good


def test_the_page_of_the_first_try_says_whether_the_phone_is_notified(client: Client, hana: Account, service: PushService) -> None:
    signed_in(client, hana)
    phone = Phone()
    phone.pair(code=client.post("/security-info/push/open/")["Location"].partition("#pair=")[2])
    client.post("/security-info/push/ask/")
    assert "This phone is not notified" in client.get("/security-info/push/try/").content.decode()
    phone.call("subscribe", {"subscription": service.subscription()})
    assert "This phone is not notified" not in client.get("/security-info/push/try/").content.decode()
