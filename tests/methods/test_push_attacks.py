"""What somebody else might send to the app's side of the site (R-056 to R-060)."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from methods import lifecycle
from methods.kinds.push import guesses
from methods.kinds.push.models import PushDevice
from methods.kinds.push.signatures import LEEWAY_SECONDS
from methods.models import Challenge, RegisteredMethod
from tests.factories import signed_in
from tests.methods.push_phone import Phone, a_push_app, number_on, text_of
from tests.signin.door import enter_password, has_session

ANSWER = "/authenticator/api/answer"


@pytest.fixture
def phone(hana: Account) -> Phone:
    phone = Phone()
    a_push_app(hana, phone)
    return phone


@pytest.fixture
def door(client: Client, hana: Account, phone: Phone) -> Client:
    enter_password(client, hana)
    return client


def number(door: Client) -> str:
    return number_on(door.get("/signin/verify/"))


def saying(door: Client, phone: Phone) -> str:
    """The body of the right answer."""
    return json.dumps({"request": phone.requests()[0]["request"], "decision": "yes", "number": number(door)})


def is_untouched(door: Client) -> bool:
    challenge = Challenge.objects.get()
    return challenge.state == "open" and challenge.approved_at is None and not has_session(door)


Forgery = Callable[[Phone, str], dict[str, str]]
FORGERIES: dict[str, Forgery] = {
    "no signature": lambda phone, body: phone.headers(ANSWER, body) | {"X-Authenticator-Signature": ""},
    "another body": lambda phone, body: phone.headers(ANSWER, body.replace("yes", "no")),
    "another path": lambda phone, body: phone.headers("/authenticator/api/requests", body),
    "another site": lambda phone, body: phone.headers(ANSWER, body, origin="https://mfa.example.com"),
    "another time": lambda phone, body: phone.headers(ANSWER, body) | {"X-Authenticator-Time": str(int(time.time()) + 1)},
    "long ago": lambda phone, body: phone.headers(ANSWER, body, at=int(time.time()) - LEEWAY_SECONDS - 2),
    "from the future": lambda phone, body: phone.headers(ANSWER, body, at=int(time.time()) + LEEWAY_SECONDS + 2),
    "another key": lambda phone, body: Phone(device=phone.device).headers(ANSWER, body),
    "a device that is not there": lambda phone, body: phone.headers(ANSWER, body, device="00000000-0000-4000-8000-000000000000"),
    "no device": lambda phone, body: phone.headers(ANSWER, body, device=""),
    "zeros": lambda phone, body: phone.headers(ANSWER, body) | {"X-Authenticator-Signature": text_of(bytes(64))},
    "DER": lambda phone, body: phone.headers(ANSWER, body) | {"X-Authenticator-Signature": text_of(bytes(71))},
    "odd time": lambda phone, body: phone.headers(ANSWER, body) | {"X-Authenticator-Time": "１２"},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_only_the_device_itself_is_heard_and_all_others_hear_the_same(door: Client, phone: Phone, hana: Account, forged: Forgery) -> None:
    body = saying(door, phone)
    headers = forged(phone, body)
    answer = phone.send("answer", body, {name: text.encode().decode("latin-1") for name, text in headers.items()})
    assert (answer.status_code, set(answer.json()), answer.json()["error"]) == (401, {"error", "now"}, "refused")
    assert is_untouched(door)
    hana.refresh_from_db()
    assert hana.failures == 0


def test_a_further_address_counts_only_where_it_is_configured(phone: Phone, settings: Settings) -> None:
    elsewhere = "https://auth.example.ac.jp"
    assert phone.call("requests", {}, origin=elsewhere).status_code == 401
    settings.MFA_AUTHENTICATOR_ORIGINS = [elsewhere]
    assert phone.call("requests", {}, origin=elsewhere).status_code == 200
    assert phone.call("requests", {}, origin=f"{elsewhere}.evil.example").status_code == 401
    assert f"{settings.MFA_PUBLIC_URL} {elsewhere}" in phone.client.get("/authenticator/").content.decode()


def test_an_answer_that_is_sent_again_is_over(door: Client, phone: Phone) -> None:
    """R-058."""
    body = saying(door, phone)
    headers = phone.headers(ANSWER, body)
    assert phone.send("answer", body, headers).json()["outcome"] == "yes"
    assert phone.send("answer", body, headers).json()["outcome"] == "over"
    door.post("/signin/verify/")
    assert phone.send("answer", body, headers).json()["outcome"] == "over"


@pytest.mark.parametrize("owner", ["same account", "another account"])
def test_another_phone_cannot_answer(door: Client, phone: Phone, hana: Account, ken: Account, owner: str) -> None:
    other = Phone()
    a_push_app(hana if owner == "same account" else ken, other, name="Authenticator 2")
    request = phone.requests()[0]["request"]
    assert other.yes(number(door), request) == "over"
    assert other.no(request) == "over"
    assert is_untouched(door)


def test_a_phone_answers_no_request_in_another_way(client: Client, hana: Account) -> None:
    """A challenge for its offline code is none that it may approve."""
    phone = Phone()
    a_push_app(hana, phone, way="code")
    enter_password(client, hana)
    challenge = str(Challenge.objects.get().pk)
    assert phone.yes("42", challenge) == "over"
    assert phone.no(challenge) == "over"
    assert is_untouched(client)


ODD = [
    {"decision": "yes"},
    {"decision": "yes", "number": ""},
    {"decision": "yes", "number": None},
    {"decision": "yes", "number": 42},
    {"decision": "yes", "number": "4 2"},
    {"decision": "yes", "number": "４２"},
    {"decision": "yes", "number": "042"},
    {"decision": "approve", "number": "42"},
    {"decision": "report", "number": "42"},
    {"decision": ["yes"], "number": "42"},
    {},
]


@pytest.mark.parametrize("said", ODD)
def test_there_is_no_yes_without_a_whole_number(door: Client, phone: Phone, said: dict[str, Any]) -> None:
    """R-050."""
    answer = phone.call("answer", {"request": phone.requests()[0]["request"], **said})
    assert (answer.status_code, answer.json()["error"]) == (400, "odd")
    assert is_untouched(door)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", '"yes"', "{", "[" * 9000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "{" + " " * 17000 + "}"],
)
@pytest.mark.parametrize("name", ["pair", "requests", "answer", "subscribe"])
def test_what_the_app_never_says_is_refused_alike(phone: Phone, body: str, name: str) -> None:
    answer = phone.send(name, body, phone.headers(f"/authenticator/api/{name}", body))
    assert (answer.status_code, answer.json()["error"]) == (400, "odd")


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\u202e"])
def test_what_no_keyboard_types_is_no_pairing_code(phone: Phone, odd: str) -> None:
    assert Phone().pair(code="2222-2222", account=f"12{odd}34").status_code == 400
    assert Phone().pair(code=f"2222-2222{odd}", account="1234").status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_forms_of_other_sites_are_not_read(phone: Phone, kind: str) -> None:
    body = "{}"
    answer = phone.client.post(
        "/authenticator/api/requests", body, content_type=kind, headers=phone.headers("/authenticator/api/requests", body)
    )
    assert answer.status_code == 400


def test_the_session_of_a_browser_is_worth_nothing_to_the_apps_side(client: Client, hana: Account, phone: Phone) -> None:
    signed_in(client, hana)
    answer = client.post("/authenticator/api/requests", "{}", content_type="application/json")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer


@pytest.mark.parametrize(
    "point", ["", None, 5, text_of(b"\x04" + bytes(64)), text_of(b"\x02" + bytes(32)), text_of(b"\x04" + b"\xff" * 64), "ä"]
)
def test_a_key_that_is_none_is_not_paired(hana: Account, client: Client, point: Any) -> None:
    signed_in(client, hana)
    code = client.post("/security-info/push/open/")["Location"].partition("#pair=")[2]
    assert Phone().call("pair", {"code": code, "key": point}, device="").status_code == 400
    assert not PushDevice.objects.exclude(key="").exists()


def test_pairing_proves_that_the_app_has_the_key(hana: Account, client: Client) -> None:
    signed_in(client, hana)
    code = client.post("/security-info/push/open/")["Location"].partition("#pair=")[2]
    assert Phone().call("pair", {"code": code, "key": Phone().point}, device="").status_code == 400


@pytest.mark.parametrize("code", ["", ".", "x.y", "A" * 22 + "." + "A" * 22, "ä" * 30, "a" * 65])
def test_a_link_that_is_none_pairs_nothing(hana: Account, client: Client, code: str) -> None:
    signed_in(client, hana)
    client.post("/security-info/push/open/")
    assert Phone().pair(code=code).status_code in {400, 403}
    assert not PushDevice.objects.exclude(key="").exists()


def test_the_link_of_one_device_with_the_secret_of_another_pairs_nothing(hana: Account, ken: Account) -> None:
    codes = []
    for account in (hana, ken):
        browser = Client()
        signed_in(browser, account)
        codes.append(browser.post("/security-info/push/open/")["Location"].partition("#pair=")[2].split("."))
    assert Phone().pair(code=f"{codes[0][0]}.{codes[1][1]}").status_code == 403


def typed_code_for(account: Account, client: Client) -> str:
    signed_in(client, account)
    client.post("/security-info/push/")
    page = client.get("/security-info/push/pair/").content.decode()
    return page.partition('id="typed-code">')[2][:9]


def test_short_codes_are_held_after_many_wrong_ones_and_links_are_not(hana: Account, ken: Account, client: Client) -> None:
    right, neighbour = typed_code_for(hana, client), typed_code_for(ken, Client())
    tries = [Phone().pair(code="2222-2222", account=hana.common_id).status_code for _ in range(22)]
    assert tries == [403] * 20 + [429] * 2
    assert Phone().pair(code=right, account=hana.common_id).status_code == 429
    assert Phone().pair(code=neighbour, account=ken.common_id).status_code == 200, "behind the same address"
    elsewhere = Phone(client=Client(REMOTE_ADDR="192.0.2.7"))
    assert elsewhere.pair(code=right, account=hana.common_id).status_code == 200, "strangers use up nothing of the owner's"
    link = client.post("/security-info/push/open/")["Location"].partition("#pair=")[2]
    assert Phone().pair(code=link).status_code == 200


def test_whoever_tries_many_accounts_from_one_network_is_held_in_the_end(hana: Account, client: Client, monkeypatch: Any) -> None:
    few = guesses.Limit("pairing-network", cap=5, hold=guesses.QUARTER, longest=guesses.QUARTER, window=guesses.QUARTER)
    monkeypatch.setattr(guesses, "NETWORK_GUESSES", few)
    right = typed_code_for(hana, client)
    tries = [Phone().pair(code="2222-2222", account=f"{number:010d}").status_code for number in range(6)]
    assert tries == [403] * 5 + [429]
    assert Phone().pair(code=right, account=hana.common_id).status_code == 429


def test_nobody_learns_from_pairing_whether_an_account_exists(hana: Account) -> None:
    known = Phone().pair(code="2222-2222", account=hana.common_id)
    unknown = Phone().pair(code="2222-2222", account="9999999999")
    assert (known.status_code, known.json()["error"]) == (unknown.status_code, unknown.json()["error"]) == (403, "code")


def test_an_app_whose_method_was_removed_is_a_stranger(door: Client, phone: Phone, hana: Account) -> None:
    request, right = phone.requests()[0]["request"], number(door)
    lifecycle.remove(hana, RegisteredMethod.objects.get().pk, actor=hana)
    answer = phone.call("answer", {"request": request, "decision": "yes", "number": right})
    assert answer.status_code == 401
    assert not has_session(door)


@pytest.mark.parametrize("when", ["before the answer", "after the answer"])
def test_an_account_that_was_locked_meanwhile_is_not_let_in(door: Client, phone: Phone, hana: Account, when: str) -> None:
    """R-006."""
    request, right = phone.requests()[0]["request"], number(door)
    if when == "after the answer":
        assert phone.yes(right, request) == "yes"
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    if when == "before the answer":
        assert phone.yes(right, request) == "over"
    door.post("/signin/verify/")
    assert not has_session(door)
    said = phone.call("requests", {}).json()
    assert (said["state"], said["requests"]) == ("locked", [])


def test_a_suspended_method_is_asked_nothing(door: Client, phone: Phone) -> None:
    request, right = phone.requests()[0]["request"], number(door)
    RegisteredMethod.objects.update(state="suspended", is_default=False)
    assert phone.call("requests", {}).json()["state"] == "suspended"
    assert phone.requests() == []
    assert phone.yes(right, request) == "over"


def test_a_held_account_is_asked_nothing(door: Client, phone: Phone, hana: Account) -> None:
    """R-026."""
    request, right = phone.requests()[0]["request"], number(door)
    Account.objects.filter(pk=hana.pk).update(held_until=timezone.now() + timedelta(minutes=5))
    assert phone.requests() == []
    assert phone.yes(right, request) == "over"


def test_yes_in_one_browser_opens_no_other(door: Client, phone: Phone, hana: Account) -> None:
    """R-059."""
    request = phone.requests()[0]["request"]
    stranger = Client()
    assert stranger.get(f"/signin/verify/waiting/{request}/").status_code == 302
    phone.yes(number(door), request)
    stranger.post("/signin/verify/")
    assert not has_session(stranger)
    door.post("/signin/verify/")
    assert has_session(door)


def test_a_phone_with_a_wrong_clock_is_told_the_time(phone: Phone) -> None:
    """R-060."""
    answer = phone.call("requests", {}, at=int(time.time()) - 3600)
    assert answer.status_code == 401
    assert abs(answer.json()["now"] - time.time()) < 5
