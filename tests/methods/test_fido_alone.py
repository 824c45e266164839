"""S-14: where a security key may be the only method, and where not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Account
from methods import eligibility
from methods.allowance import allowance_of
from methods.eligibility import Ability, NobodyKnows, systems
from methods.kinds.fido.models import FidoDevice
from methods.models import RegisteredMethod
from methods.usable import listed, self_sufficient
from policies.models import ConnectedSystem
from policies.systems import ensure_local, ensure_system
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.people import fresh_browser
from tests.methods.security_key import SoftKey, asked_on
from tests.methods.test_fido_pages import CHOOSE, DEFAULT, KEY, SETUP, VERIFY, add_key, the_key
from tests.signin.door import enter_password, has_session


@pytest.mark.covers("S-14")
def test_a_key_cannot_come_first_while_a_system_lacks_it(hana: Account, vpn: ConnectedSystem) -> None:
    client = fresh_browser(hana)
    page = client.get(SETUP).content.decode()
    assert "Register an app or a phone first" in page
    assert "Remote access cannot ask for a security key yet" in page
    assert client.post(SETUP)["Location"] == CHOOSE
    assert not FidoDevice.objects.exists()


@pytest.mark.covers("S-14")
def test_a_key_cannot_become_the_only_method_by_a_page_from_before(hana: Account) -> None:
    """The rule is asked again when the key answers."""
    client, key = fresh_browser(hana), SoftKey()
    client.post(SETUP)
    options = asked_on(client.get(KEY))
    ensure_system("vpn", connector="webhook", name_en="VPN", name_ja="VPN", address="https://vpn.example.ac.jp/")
    assert client.post(KEY, {"code": key.create(options)})["Location"] == CHOOSE
    assert not RegisteredMethod.objects.exists()


@pytest.mark.covers("S-14")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_say_why_a_key_is_only_an_alternative(hana: Account, vpn: ConnectedSystem, language: str) -> None:
    a_totp_app(hana)
    client = fresh_browser(hana)
    client.cookies["language"] = language
    add_key(client)
    assert not the_key(hana).is_default
    for path in (CHOOSE, DEFAULT, SETUP):
        page = client.get(path).content.decode()
        assert {"en": "Remote access", "ja": "リモートアクセス"}[language] in page, path
    assert f'value="{the_key(hana).pk}.' not in client.get(DEFAULT).content.decode()
    client.post(DEFAULT, {"method": f"{the_key(hana).pk}."})
    assert not the_key(hana).is_default


@pytest.mark.covers("S-14")
def test_the_last_app_stays_while_a_key_is_kept(hana: Account, vpn: ConnectedSystem) -> None:
    app = a_totp_app(hana)
    client = fresh_browser(hana)
    add_key(client)
    page = client.get(f"/security-info/methods/{app.pk}/delete/").content.decode()
    assert "remove your security keys before it" in page
    assert "MFA use is on" not in page
    client.post(f"/security-info/methods/{app.pk}/delete/")
    assert app in listed(hana)
    ConnectedSystem.objects.filter(pk=vpn.pk).update(takes_security_keys=True)
    client.post(f"/security-info/methods/{app.pk}/delete/")
    assert [(method.kind, method.is_default) for method in listed(hana)] == [("fido", True)]


@pytest.mark.covers("S-14")
def test_a_key_stands_alone_where_every_enabled_system_takes_it(hana: Account, vpn: ConnectedSystem) -> None:
    ConnectedSystem.objects.filter(pk=vpn.pk).update(enabled=False)
    client = fresh_browser(hana)
    assert "yet" not in client.get(SETUP).content.decode()
    add_key(client)
    assert the_key(hana).is_default


@pytest.mark.parametrize("able", [True, False])
def test_the_first_registration_offers_a_key_where_it_can_stand_alone(client: Client, hana: Account, *, able: bool) -> None:
    """C-05, S-20."""
    ConnectedSystem.objects.update(takes_security_keys=able)
    enter_password(client, hana)
    page = client.get(CHOOSE).content.decode()
    assert ('<option value="fido">' in page) == able
    assert ("cannot ask for a security key yet" in page) != able
    assert client.post(SETUP)["Location"] == (KEY if able else CHOOSE)


def test_who_registered_a_key_first_goes_on_to_the_session(client: Client, hana: Account, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    enter_password(client, hana)
    add_key(client)
    assert client.post("/signin/finish/").status_code == 302
    assert has_session(client)


def test_somebody_whose_key_stood_alone_keeps_getting_in_when_a_system_is_added(hana: Account) -> None:
    key = add_key(fresh_browser(hana))
    ensure_system("vpn", connector="webhook", name_en="VPN", name_ja="VPN", address="https://vpn.example.ac.jp/")
    client = Client()
    enter_password(client, hana)
    client.post(VERIFY, {"code": key.get(asked_on(client.get(VERIFY)))})
    assert has_session(client)


def test_whether_keys_stand_alone_is_asked_once_and_only_of_accounts_with_keys(
    hana: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    methods = [a_totp_app(hana), a_phone(hana)]
    allowance_of(hana)
    with django_assert_num_queries(0):
        assert set(self_sufficient(methods)) == set(methods)
    methods += [RegisteredMethod(kind="fido", account=hana) for _ in range(3)]
    with django_assert_num_queries(1):
        assert set(self_sufficient(methods)) == set(methods)


def test_where_nobody_says_what_systems_can_do_nothing_is_concluded(monkeypatch: Any) -> None:
    monkeypatch.setattr(eligibility, "_rules", [])
    with pytest.raises(NobodyKnows):
        systems(Ability.SECURITY_KEYS, able=False)


def test_this_site_takes_keys_and_another_system_says_so_itself(vpn: ConnectedSystem) -> None:
    assert systems(Ability.SECURITY_KEYS, able=True) == ["Sign-in of this site"]
    assert systems(Ability.SECURITY_KEYS, able=False) == ["Remote access"]
    ConnectedSystem.objects.all().delete()
    ensure_local()
    assert systems(Ability.SECURITY_KEYS, able=False) == []


def test_an_administrator_sees_and_sets_what_a_system_takes(client: Client, ada: Account, vpn: ConnectedSystem) -> None:
    signed_in(client, ada)
    page = client.get(reverse("admin:policies_connectedsystem_changelist")).content.decode()
    assert "Security keys" in page
    assert "App passwords" in page
    assert 'name="takes_security_keys"' in client.get(reverse("admin:policies_connectedsystem_change", args=[vpn.pk])).content.decode()
