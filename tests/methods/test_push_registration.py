"""S-26 to S-35: pairing the app, trying it out, done."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.models import Event
from methods.kinds.push.models import PushDevice
from methods.models import Challenge, ChallengeState, RegisteredMethod
from tests.factories import signed_in
from tests.methods.people import fresh_browser
from tests.methods.push_phone import ANDROID, Phone, a_push_app, number_on, wrong_number
from tests.methods.qr import read_qr
from tests.signin.door import enter_password

PAGES = "/security-info/push/"


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def browser(hana: Account) -> Client:
    return fresh_browser(hana)


def shown_link(browser: Client) -> str:
    """Next on “Set up your account”, and what a camera reads on the page that follows."""
    assert browser.post(PAGES)["Location"] == f"{PAGES}pair/"
    return read_qr(browser.get(f"{PAGES}pair/"))


def pair(browser: Client, phone: Phone) -> None:
    assert phone.pair(code=shown_link(browser).partition("#pair=")[2]).status_code == 200


def tried(browser: Client) -> Any:
    """Next on the page of the QR code; the page with the number."""
    assert browser.post(f"{PAGES}ask/")["Location"] == f"{PAGES}try/"
    return browser.get(f"{PAGES}try/")


@pytest.mark.covers("S-07", "S-26", "S-29", "S-33", "S-34", "S-35", "S-109", "S-116", "S-117")
def test_the_app_is_a_method_once_the_number_was_typed_into_it(browser: Client, hana: Account, phone: Phone) -> None:
    assert browser.get("/security-info/app/").content.decode().count(f'href="{PAGES}"') == 1, "the app is the first choice"
    pair(browser, phone)
    page = tried(browser)
    assert "Let&#x27;s try it out" in page.content.decode() or "Let's try it out" in page.content.decode()
    assert phone.yes(number_on(page)) == "yes"
    assert "Notification approved" in browser.get(f"{PAGES}try/").content.decode()
    assert browser.post(f"{PAGES}try/")["Location"] == "/security-info/"
    method = RegisteredMethod.objects.get(account=hana)
    assert (method.kind, method.name, method.hint, method.way, method.is_default) == (
        "push",
        "Authenticator",
        "Chrome · Android",
        "approve",
        True,
    )
    assert [event.name for event in Event.objects.filter(name__in=["app:paired", "method:registered"]).order_by("at")] == [
        "app:paired",
        "method:registered",
    ]


def test_the_app_sees_which_account_it_was_paired_with(browser: Client, hana: Account, phone: Phone, settings: Any) -> None:
    said = phone.pair(code=shown_link(browser).partition("#pair=")[2]).json()
    assert said["account"] == hana.common_id
    assert said["organisation"] == {"en": settings.MFA_ORGANISATION_NAME, "ja": settings.MFA_ORGANISATION_NAME_JA}
    assert phone.call("requests", {}).json()["state"] == "trying"


@pytest.mark.covers("S-113")
def test_the_code_below_the_picture_is_typed_with_the_common_id(browser: Client, hana: Account, phone: Phone) -> None:
    browser.post(PAGES)
    code = browser.get(f"{PAGES}pair/").content.decode().partition('id="typed-code">')[2][:9]
    assert phone.pair(code=f" {code.lower().replace('-', ' ')}", account=hana.common_id).status_code == 200
    assert Phone().pair(code=code, account=hana.common_id).status_code == 403, "it was good once"


@pytest.mark.covers("S-28", "S-100")
def test_on_the_phone_a_link_opens_the_app_with_a_code(hana: Account, phone: Phone) -> None:
    browser = Client(HTTP_USER_AGENT=ANDROID)
    signed_in(browser, hana)
    page = browser.get(PAGES).content.decode()
    assert "Pair your account to the app by clicking this link" in page
    opened = browser.post(f"{PAGES}open/")["Location"]
    assert opened.startswith("/authenticator/#pair=")
    assert phone.pair(code=opened.partition("#pair=")[2]).status_code == 200
    assert "has been added to Authenticator" in browser.get(f"{PAGES}paired/?on=phone").content.decode()
    assert number_on(tried(browser))


@pytest.mark.covers("S-27")
@pytest.mark.parametrize(
    ("agent", "on", "is_phone"), [(ANDROID, "", True), (ANDROID, "other", False), ("Firefox", "", False), ("Firefox", "phone", True)]
)
def test_the_page_fits_the_device_unless_the_person_says_otherwise(hana: Account, agent: str, on: str, *, is_phone: bool) -> None:
    browser = Client(HTTP_USER_AGENT=agent)
    signed_in(browser, hana)
    page = browser.get(PAGES, {"on": on} if on else {}).content.decode()
    assert ("clicking this link" in page) == is_phone
    assert f"?on={'other' if is_phone else 'phone'}" in page


@pytest.mark.covers("S-115")
def test_the_page_with_the_picture_goes_on_by_itself(browser: Client, phone: Phone) -> None:
    link = shown_link(browser)
    assert "data-poll-submit" not in browser.get(f"{PAGES}paired/").content.decode()
    phone.pair(code=link.partition("#pair=")[2])
    assert 'data-poll-submit="#go-on"' in browser.get(f"{PAGES}paired/").content.decode()


def test_next_before_an_app_was_paired_says_so(browser: Client) -> None:
    shown_link(browser)
    assert browser.post(f"{PAGES}ask/")["Location"] == f"{PAGES}pair/"
    assert "No app has been paired yet" in browser.get(f"{PAGES}pair/").content.decode()
    assert not Challenge.objects.exists()


def test_next_before_the_app_answered_registers_nothing(browser: Client, phone: Phone) -> None:
    pair(browser, phone)
    tried(browser)
    assert browser.post(f"{PAGES}try/")["Location"] == f"{PAGES}try/"
    assert not RegisteredMethod.objects.exists()


def test_going_on_after_the_try_was_over_tells_of_no_code(browser: Client, phone: Phone) -> None:
    pair(browser, phone)
    tried(browser)
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        html = browser.post(f"{PAGES}try/", follow=True).content.decode()
    assert "It is over: it took too long" in html
    assert "That code is no longer valid" not in html


def test_a_wrong_number_ends_the_try_and_another_may_follow(browser: Client, hana: Account, phone: Phone) -> None:
    """R-051."""
    pair(browser, phone)
    number = number_on(tried(browser))
    assert phone.yes(wrong_number(number)) == "wrong"
    hana.refresh_from_db()
    assert hana.failures == 1
    assert "did not match" in browser.get(f"{PAGES}try/").content.decode()
    assert phone.requests() == []
    assert phone.yes(number_on(tried(browser))) == "yes"
    assert browser.post(f"{PAGES}try/")["Location"] == "/security-info/"


def test_looking_at_the_pages_asks_nothing(browser: Client, phone: Phone) -> None:
    pair(browser, phone)
    for page in ("", "pair/", "paired/", "try/"):
        browser.get(PAGES + page)
    assert not Challenge.objects.exists()


def test_a_code_is_good_for_ten_minutes(browser: Client, phone: Phone) -> None:
    """R-057."""
    link = shown_link(browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert phone.pair(code=link.partition("#pair=")[2]).status_code == 403


def test_a_new_code_takes_the_place_of_the_old(browser: Client, phone: Phone) -> None:
    old, new = shown_link(browser), shown_link(browser)
    assert old != new
    assert phone.pair(code=old.partition("#pair=")[2]).status_code == 403
    assert phone.pair(code=new.partition("#pair=")[2]).status_code == 200


def test_an_app_that_was_paired_has_ten_minutes_to_be_tried(browser: Client, phone: Phone) -> None:
    link = shown_link(browser)
    PushDevice.objects.update(created_at=timezone.now() - timedelta(minutes=9))
    phone.pair(code=link.partition("#pair=")[2])
    assert PushDevice.objects.get().created_at > timezone.now() - timedelta(minutes=1)
    PushDevice.objects.update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert browser.post(f"{PAGES}ask/")["Location"] == PAGES


@pytest.mark.covers("S-08")
def test_each_phone_is_a_method_of_its_own(browser: Client, hana: Account, phone: Phone) -> None:
    a_push_app(hana, Phone())
    pair(browser, phone)
    phone.yes(number_on(tried(browser)))
    browser.post(f"{PAGES}try/")
    assert sorted(RegisteredMethod.objects.values_list("name", flat=True)) == ["Authenticator", "Authenticator 2"]
    assert PushDevice.objects.filter(confirmed=True).count() == 2


def test_an_unfinished_app_signs_nobody_in(browser: Client, hana: Account, phone: Phone, client: Client) -> None:
    """R-142: it is asked to be tried out, and nothing else."""
    pair(browser, phone)
    assert "more-information" in enter_password(client, hana)["Location"]
    assert phone.requests() == []
    assert client.post("/signin/verify/", {"code": phone.code()}).status_code == 302
    assert not Challenge.objects.filter(state=ChallengeState.PASSED).exists()


@pytest.mark.covers("S-22", "S-106")
def test_the_first_page_leads_to_the_app(browser: Client, settings: Any) -> None:
    page = browser.get("/security-info/app/")
    assert read_qr(page) == f"{settings.MFA_PUBLIC_URL}/authenticator/"
    settings.MFA_AUTHENTICATOR_ANDROID_URL = "https://play.google.com/store/apps/details?id=jp.ac.example"
    settings.MFA_AUTHENTICATOR_IOS_URL = "https://apps.apple.com/app/id1"
    words = browser.get("/security-info/app/").content.decode()
    assert words.count('class="qr-paper"') == 2
    assert "Google Play" in words
    assert "App Store" in words


def test_the_choice_names_the_family_of_apps_once(browser: Client) -> None:
    page = browser.get("/security-info/add/").content.decode()
    assert page.count(">Authenticator app</option>") == 1
