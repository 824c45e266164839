"""What is said around the setup: the address for print, networks on which it fails, and a backup of another kind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Account
from policies.checks import check_settings
from tests.factories import PASSWORD, a_phone, a_totp_app, an_account, proved_by, signed_in
from tests.methods.people import fresh_browser

pytestmark = pytest.mark.django_db
WARNING = "Setting up a method may not work on this network."


def page(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.covers("S-107")
@pytest.mark.parametrize(("short", "shown"), [("", "https://mfa.example.ac.jp"), ("https://ex.jp/mfa", "https://ex.jp/mfa")])
def test_the_address_is_there_for_print_with_a_qr_code(client: Client, settings: Settings, short: str, shown: str) -> None:
    settings.MFA_PUBLIC_URL, settings.MFA_SHORT_URL = "https://mfa.example.ac.jp", short
    html = page(client, "/address/")
    assert f'<a href="{shown}">{shown}</a>' in html
    assert f'aria-label="QR code: {shown}"' in html
    assert '<a href="/address/">' in page(client, "/")


@pytest.mark.covers("S-108")
def test_the_first_page_offers_to_sign_in_to_those_who_have_not(client: Client, hana: Account) -> None:
    link = '<a class="button button-quiet" role="button" href="/my-account/">Sign In</a>'
    assert link in page(client, "/")
    assert link not in page(fresh_browser(hana), "/")


@pytest.fixture
def on_indigo(settings: Settings) -> None:
    settings.MFA_NO_SETUP_NETWORKS, settings.MFA_NO_SETUP_NETWORK_NAME = ["127.0.0.0/8"], "INDIGO"


@pytest.mark.covers("S-103")
@pytest.mark.parametrize("address", ["/security-info/add/", "/security-info/app/", "/security-info/totp/", "/guide/"])
def test_on_a_network_where_it_fails_people_are_told_before_they_begin(on_indigo: None, hana: Account, address: str) -> None:
    html = page(fresh_browser(hana), address)
    assert "You are connected to INDIGO" in html
    assert WARNING in html


@pytest.mark.covers("S-103")
def test_the_first_page_of_a_first_registration_says_it(on_indigo: None, client: Client, hana: Account, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION = "open"
    client.post("/signin/", {"common_id": hana.common_id})
    answer = client.post("/signin/password/", {"common_id": hana.common_id, "password": PASSWORD}, follow=True)
    assert "More information required" in answer.content.decode()
    assert WARNING in " ".join(answer.content.decode().split())


def test_elsewhere_and_on_other_networks_nothing_is_said(on_indigo: None, hana: Account, settings: Settings) -> None:
    a_totp_app(hana)
    assert WARNING not in page(fresh_browser(hana), "/security-info/")
    settings.MFA_NO_SETUP_NETWORKS = ["192.0.2.0/24"]
    assert WARNING not in page(fresh_browser(hana), "/security-info/totp/")


def test_a_network_that_cannot_be_read_stops_the_start(settings: Settings) -> None:
    settings.MFA_NO_SETUP_NETWORKS = ["INDIGO"]
    assert [error.id for error in check_settings()] == ["policies.E001"]


@pytest.mark.covers("S-120")
@pytest.mark.parametrize(
    ("first", "links"),
    [(a_totp_app, ["/security-info/phone/", "/security-info/fido/"]), (a_phone, ["/security-info/app/", "/security-info/fido/"])],
)
def test_a_backup_of_another_kind_is_one_click_away(hana: Account, first: Callable[..., Any], links: list[str]) -> None:
    first(hana)
    html = page(fresh_browser(hana), "/security-info/").partition("Good as a backup")[2].partition("</p>")[0]
    assert all(f'<a href="{link}">' in html for link in links), html
    assert ('href="/security-info/app/"' in html) is (first is a_phone)


def test_people_with_a_role_are_recommended_no_telephone(hiro: Account) -> None:
    a_totp_app(hiro)
    html = page(fresh_browser(hiro), "/security-info/").partition("Good as a backup")[2].partition("</p>")[0]
    assert "/security-info/fido/" in html
    assert "phone" not in html


def test_recommending_costs_no_query(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    account = an_account()
    client = Client()
    signed_in(client, account, verified=proved_by(a_totp_app(account)))
    with django_assert_max_num_queries(8):
        page(client, "/security-info/")
