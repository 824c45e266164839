"""S-65, S-66, R-125: an app password, how it is made, shown and kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_otp import devices_for_user
from pytest_django import Settings

from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from audit.models import Event
from methods import ending, lifecycle
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.app_password.secret import ALPHABET, LENGTH, make_secret, read_secret
from methods.models import Message, RegisteredMethod
from methods.registrant import Registrant
from methods.registration import adopt
from methods.registry import kind
from methods.usable import usable
from policies.models import ConnectedSystem
from tests.factories import a_totp_app
from tests.methods.app_passwords import CHECK, SETUP, MailServer, a_mail_server, basic, living, make, who_uses_mfa
from tests.methods.people import fresh_browser
from tests.signin.door import enter_code, enter_password, has_session

CHOOSE = "/security-info/add/"


@pytest.fixture
def server(db: None) -> MailServer:
    return a_mail_server()


@pytest.fixture
def hana(hana: Account, server: MailServer) -> Account:
    return who_uses_mfa(hana)


@pytest.mark.covers("S-65", "S-66")
def test_it_is_offered_marked_and_listed_as_not_for_sign_in(hana: Account) -> None:
    client = fresh_browser(hana)
    assert '<option value="app-password">App password</option>' in client.get(CHOOSE).content.decode()
    assert client.post(CHOOSE, {"method": "app-password"})["Location"] == SETUP
    make(hana)
    page = client.get("/security-info/").content.decode()
    assert "mail on my laptop" in page
    assert "Not for sign-in" in page
    assert "Not used yet" in page
    assert "Ends on" in page


@pytest.mark.covers("S-66")
def test_it_is_never_counted_nor_the_default(hana: Account) -> None:
    make(hana)
    assert [method.kind for method in usable(hana)] == ["totp"]
    method = RegisteredMethod.objects.get(kind="app-password")
    with pytest.raises(Refused, match="not-default"):
        lifecycle.set_default(hana, method.pk, actor=hana)


def test_it_is_shown_once_and_kept_as_a_digest(hana: Account) -> None:
    """R-125."""
    secret = make(hana)
    plain = read_secret(secret)
    assert (len(secret.split()), len(plain)) == (7, LENGTH)
    assert LENGTH * 5 >= 128
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    device = AppPasswordDevice.objects.get()
    assert plain not in " ".join(str(value) for value in vars(device).values())
    client = fresh_browser(hana)
    for path in ("/security-info/", SETUP, CHOOSE):
        assert secret not in client.get(path).content.decode()
    told = " ".join(str(values) for model in (Event, Message, RegisteredMethod) for values in model.objects.values())
    assert plain not in told
    assert secret not in told


def test_making_one_is_recorded_told_and_named(hana: Account) -> None:
    make(hana, name="tablet")
    [event] = Event.objects.filter(name="method:registered")
    assert (event.actor_id, event.after["kind"], event.after["name"]) == (hana.pk, "app-password", "tablet")
    assert Message.objects.filter(template="app-password-added", facts={"method": "tablet"}).exists()
    assert fresh_browser(hana).post(SETUP, {"name": " "}).status_code == 200
    assert living() == ["tablet"]


def test_no_two_are_alike_and_ten_are_the_most(hana: Account) -> None:
    secrets = {make(hana, name=f"program {number}") for number in range(10)}
    assert len(secrets) == 10
    assert fresh_browser(hana).post(SETUP, {"name": "one more"})["Location"] == CHOOSE
    assert len(living()) == 10


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n"])
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    plain = make_secret()
    for text in (plain, plain.upper(), " ".join(plain), "-".join(plain), plain.replace("0", "O").replace("1", "l")):
        assert read_secret(typed.format(text)) == plain
    for text in ("", plain[:-1], plain + "0", "u" * LENGTH, "é" * LENGTH, "\0" * LENGTH):
        assert read_secret(text) == ""


def test_it_takes_fresh_proof(hana: Account, browser_of: Callable[..., Client]) -> None:
    """R-130: neither a password alone nor a proof of an hour ago."""
    for client in (browser_of(hana, verified=False), browser_of(hana)):
        SessionRecord.objects.filter(verified_at__isnull=False).update(verified_at=timezone.now() - timedelta(minutes=11))
        assert client.post(SETUP, {"name": "x"})["Location"].startswith("/signin/step-up/")
    assert living() == []


def test_the_first_registration_makes_none(client: Client, ken: Account, server: MailServer) -> None:
    """There is only a password then."""
    Account.objects.filter(pk=ken.pk).update(methods_needed=True)
    enter_password(client, ken)
    assert "app-password" not in client.get(CHOOSE).content.decode()
    for answer in (client.get(SETUP), client.post(SETUP, {"name": "x"})):
        assert answer["Location"] == CHOOSE
    first = Registrant(ken, "attempt:x", first=True, done_url="/", on_registered=lambda *_: None)
    with pytest.raises(Refused, match="not-allowed"):
        adopt(first, AppPasswordDevice(digest="x"))
    assert not AppPasswordDevice.objects.exists()


def test_a_method_that_has_to_be_proved_cannot_be_kept_without(hana: Account, monkeypatch: Any) -> None:
    from_session = Registrant(hana, "session:x", first=False, done_url="/", on_registered=lambda *_: None)
    device = AppPasswordDevice(digest="x")
    monkeypatch.setattr(device, "kind", lambda: kind("totp"))
    with pytest.raises(Refused, match="not-allowed"):
        adopt(from_session, device)


def test_whoever_does_not_use_mfa_yet_needs_none(ken: Account, server: MailServer) -> None:
    a_totp_app(ken)
    client = fresh_browser(ken)
    assert "Apply for MFA use (Step 4) first" in client.get(SETUP).content.decode()
    assert client.post(SETUP, {"name": "x"})["Location"] == CHOOSE
    assert living() == []


@pytest.mark.covers("S-66")
def test_it_is_offered_only_while_some_system_takes_it(hana: Account, server: MailServer) -> None:
    client = fresh_browser(hana)
    page = client.get(SETUP).content.decode()
    assert "<li>Mail</li>" in page
    assert "Sign-in of this site" not in page
    for columns in ({"takes_app_passwords": False}, {"takes_app_passwords": True, "enabled": False}):
        ConnectedSystem.objects.filter(pk=server.system.pk).update(**columns)
        assert "app-password" not in client.get(CHOOSE).content.decode()
        assert "No connected system takes app passwords" in client.get(SETUP).content.decode()
        assert client.post(SETUP, {"name": "x"})["Location"] == CHOOSE
    assert living() == []


@pytest.mark.parametrize("where", ["sign-in", "verification", "step-up", "another application", "admin", "api"])
def test_this_site_takes_it_nowhere(hana: Account, server: MailServer, where: str) -> None:
    """R-125, R-131."""
    secret, client = make(hana), Client()
    opened = SessionRecord.objects.count()
    if where == "sign-in":
        for text in (secret, read_secret(secret)):
            enter_password(client, hana, password=text)
    elif where == "verification":
        enter_password(client, hana)
        for text in (secret, read_secret(secret)):
            enter_code(client, text)
        method = RegisteredMethod.objects.get(kind="app-password")
        client.post(f"/signin/verify/use/{method.pk}/", {"way": ""})
        client.post("/signin/verify/", {"code": read_secret(secret), "method": str(method.pk), "way": ""})
    elif where == "step-up":
        stale = fresh_browser(hana)
        opened += 1
        SessionRecord.objects.update(verified_at=timezone.now() - timedelta(hours=1))
        stale.post("/signin/step-up/", {"code": read_secret(secret), "method": str(RegisteredMethod.objects.get(kind="app-password").pk)})
        assert SessionRecord.objects.filter(verified_at__gt=timezone.now() - timedelta(minutes=30)).count() == 0
    elif where == "another application":
        [device] = [one for one in devices_for_user(hana) if isinstance(one, AppPasswordDevice)]
        assert not device.verify_token(secret)
        assert not device.verify_is_allowed()[0]
    elif where == "admin":
        client.defaults["HTTP_AUTHORIZATION"] = basic(hana.common_id, secret)
        assert client.get("/admin/").status_code == 302
    else:
        header = {"Authorization": basic(hana.common_id, secret)}
        assert client.post(CHECK, {"account": hana.common_id}, content_type="application/json", headers=header).status_code == 401
    assert not has_session(client)
    assert SessionRecord.objects.count() == opened


def test_how_long_it_lives_is_a_setting(hana: Account, settings: Settings) -> None:
    settings.MFA_APP_PASSWORD_DAYS = 2
    make(hana)
    left = RegisteredMethod.objects.get(kind="app-password").expires_at - timezone.now()  # type: ignore[operator]
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    assert ending.end_expired() == 0


def test_renaming_and_deleting_are_the_owners_alone(hana: Account, ken: Account) -> None:
    """R-134."""
    make(hana)
    method = RegisteredMethod.objects.get(kind="app-password")
    stranger: Any = fresh_browser(ken)
    for verb in ("change", "delete"):
        assert stranger.post(f"/security-info/methods/{method.pk}/{verb}/", {"name": "mine"}).status_code == 404
    owner = fresh_browser(hana)
    owner.post(f"/security-info/methods/{method.pk}/change/", {"name": "tablet"})
    assert living() == ["tablet"]
    owner.post(f"/security-info/methods/{method.pk}/delete/")
    assert living() == []
