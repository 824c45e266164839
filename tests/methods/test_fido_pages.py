"""S-13, S-64, C-05: a security key from its first page to the sign-in."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from webauthn.helpers import bytes_to_base64url

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods import lifecycle
from methods.kinds.fido.checks import check_settings
from methods.kinds.fido.models import FidoDevice
from methods.models import Challenge, Message, RegisteredMethod
from policies.models import ConnectedSystem
from tests.factories import a_totp_app, signed_in
from tests.methods.people import fresh_browser
from tests.methods.security_key import SoftKey, asked_on
from tests.signin.door import enter_password, has_session, leads_to_password

SETUP, KEY, CHOOSE, DEFAULT = "/security-info/fido/", "/security-info/fido/key/", "/security-info/add/", "/security-info/default/"
VERIFY, STEP_UP = "/signin/verify/", "/signin/step-up/"


def add_key(client: Client, key: SoftKey | None = None, name: str = "") -> SoftKey:
    key = key or SoftKey()
    assert client.post(SETUP)["Location"] == KEY
    answer = client.post(KEY, {"code": key.create(asked_on(client.get(KEY))), "name": name})
    assert answer.status_code == 302, answer.content.decode()
    return key


def the_key(account: Account) -> RegisteredMethod:
    return RegisteredMethod.objects.get(account=account, kind="fido")


def use_key(client: Client, account: Account) -> Any:
    return client.post(f"/signin/verify/use/{the_key(account).pk}/", {"way": ""}, follow=True)


@pytest.mark.covers("S-13", "S-64")
def test_a_key_is_registered_and_named(hana: Account) -> None:
    client = fresh_browser(hana)
    assert client.post(CHOOSE, {"method": "fido"})["Location"] == SETUP
    add_key(client, name="on my key ring")
    registered = the_key(hana)
    assert (registered.name, registered.is_default) == ("on my key ring", True)
    assert Event.objects.filter(name="method:registered", account_id=hana.pk).count() == 1
    assert Message.objects.filter(template="method-registered").exists()


def test_the_page_tells_the_browser_not_to_take_a_key_twice(hana: Account) -> None:
    client = fresh_browser(hana)
    key = add_key(client)
    client.post(SETUP)
    options = asked_on(client.get(KEY))
    assert [one["id"] for one in options["excludeCredentials"]] == [bytes_to_base64url(key.credential_id)]
    assert options["user"]["id"] == key.handle
    assert options["user"]["name"] == hana.common_id
    assert (options["attestation"], options["authenticatorSelection"]["residentKey"]) == ("none", "preferred")
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7, -257]


def test_after_a_wrong_answer_the_page_asks_anew(hana: Account) -> None:
    """R-090, R-099."""
    client = fresh_browser(hana)
    key = SoftKey()
    client.post(SETUP)
    first = asked_on(client.get(KEY))
    assert asked_on(client.get(KEY)) == first, "looking again changes nothing"
    page = client.post(KEY, {"code": key.create(first, origin="https://evil.example"), "name": "x"}, follow=True)
    assert "not accepted" in page.content.decode()
    assert asked_on(page)["challenge"] != first["challenge"]
    assert client.post(KEY, {"code": key.create(first)}).status_code == 302
    assert not FidoDevice.objects.filter(confirmed=True).exists(), "the first challenge was spent"


def test_without_a_script_the_page_says_what_is_missing(hana: Account) -> None:
    client = fresh_browser(hana)
    client.post(SETUP)
    page = client.post(KEY, {"code": "", "name": ""})
    assert page.status_code == 200
    assert "JavaScript" in page.content.decode()
    hana.refresh_from_db()
    assert hana.failures == 0


def test_an_answer_of_more_than_eight_kilobytes_is_not_read(hana: Account) -> None:
    client = fresh_browser(hana)
    client.post(SETUP)
    assert client.post(KEY, {"code": "x" * 8193}).status_code == 200
    hana.refresh_from_db()
    assert hana.failures == 0


def test_no_more_than_ten_keys(hana: Account) -> None:
    client = fresh_browser(hana)
    for _ in range(10):
        add_key(client)
    assert client.post(SETUP)["Location"] == CHOOSE
    assert FidoDevice.objects.count() == 10


def test_a_key_signs_in(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    assert enter_password(client, hana)["Location"] == VERIFY
    options = asked_on(client.get(VERIFY))
    assert client.post(VERIFY, {"code": key.get(options)}).status_code == 302
    assert has_session(client)
    badge = SessionRecord.objects.latest("started_at")
    assert (badge.verified_kind, badge.verified_method) == ("fido", the_key(hana).pk)
    stranger = Client()
    enter_password(stranger, hana)
    stranger.get(VERIFY)
    assert stranger.post(VERIFY, {"code": key.get(options)}).status_code == 302
    assert not has_session(stranger), "an answer is for one browser"


def test_at_sign_in_a_failed_try_is_asked_anew_and_counted(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    enter_password(client, hana)
    first = asked_on(client.get(VERIFY))
    page = client.post(VERIFY, {"code": key.get(first, flags=0)}, follow=True)
    assert "not accepted" in page.content.decode()
    second = asked_on(page)
    assert second["challenge"] != first["challenge"]
    client.post(VERIFY, {"code": key.get(second)})
    assert has_session(client)


def test_at_sign_in_a_challenge_that_is_over_is_asked_anew(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    enter_password(client, hana)
    first = asked_on(client.get(VERIFY))
    Challenge.objects.update(expires_at="2020-01-01T00:00:00Z")
    page = client.post(VERIFY, {"code": key.get(first)}, follow=True)
    assert "took too long" in page.content.decode()
    hana.refresh_from_db()
    assert hana.failures == 0
    client.post(VERIFY, {"code": key.get(asked_on(page))})
    assert has_session(client)


def test_ten_wrong_answers_end_the_sign_in(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    enter_password(client, hana)
    for _ in range(10):
        answer = client.post(VERIFY, {"code": key.get(asked_on(client.get(VERIFY)), flags=0)})
    assert leads_to_password(answer)
    assert leads_to_password(client.get(VERIFY))


def test_a_key_beside_an_app_is_an_option(hana: Account, vpn: ConnectedSystem) -> None:
    a_totp_app(hana)
    key = add_key(fresh_browser(hana), name="blue")
    client = Client()
    enter_password(client, hana)
    assert "Use the security key “blue”" in client.get("/signin/verify/options/").content.decode()
    page = use_key(client, hana)
    client.post(VERIFY, {"code": key.get(asked_on(page)), "method": str(the_key(hana).pk), "way": ""})
    assert has_session(client)


def test_a_key_steps_up_and_no_click_comes_first(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    signed_in(client, hana, verified=False)
    page = client.get(STEP_UP, {"next": "/my-account/"})
    assert "Confirm that it is you" in page.content.decode()
    wrong = client.post(STEP_UP, {"code": key.get(asked_on(page), flags=0), "next": "/my-account/"}, follow=True)
    assert "not accepted" in wrong.content.decode()
    answer = client.post(STEP_UP, {"code": key.get(asked_on(wrong)), "next": "/my-account/"})
    assert answer["Location"] == "/my-account/"


def test_a_removed_key_leaves_no_credential(hana: Account) -> None:
    a_totp_app(hana)
    client = fresh_browser(hana)
    key = add_key(client)
    lifecycle.remove(hana, the_key(hana).pk, actor=hana)
    assert not FidoDevice.objects.exists()
    hana.refresh_from_db()
    add_key(fresh_browser(hana), key)


@pytest.mark.parametrize(
    ("domain", "origins", "problem"),
    [
        ("", [], ""),
        ("example.ac.jp", [], ""),
        ("example.ac.jp", ["https://mfa.example.ac.jp", "https://example.ac.jp:8443"], ""),
        ("localhost", ["http://localhost:8000"], ""),
        ("", ["https://mfa.example.ac.jp/"], "fido.E001"),
        ("", ["http://mfa.example.ac.jp"], "fido.E001"),
        ("", ["mfa.example.ac.jp"], "fido.E001"),
        ("", ["https://MFA.example.ac.jp"], "fido.E001"),
        ("example.ac.jp", ["https://example.com"], "fido.E002"),
        ("ample.ac.jp", ["https://example.ac.jp"], "fido.E002"),
        ("other.ac.jp", [], "fido.E003"),
    ],
)
def test_settings_under_which_no_key_would_work_are_refused(settings: Settings, domain: str, origins: list[str], problem: str) -> None:
    settings.MFA_WEBAUTHN_RP_ID, settings.MFA_WEBAUTHN_ORIGINS = domain, origins
    assert [error.id for error in check_settings()] == ([problem] if problem else [])


def test_the_account_of_a_key_is_asked_nothing_when_it_left(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    client = Client()
    enter_password(client, hana)
    options = asked_on(client.get(VERIFY))
    Account.objects.filter(pk=hana.pk).update(left_at="2026-01-01T00:00:00Z")
    client.post(VERIFY, {"code": key.get(options)})
    assert not has_session(client)
