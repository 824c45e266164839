"""R-150, R-158: tabs, people who share a browser, and keys that change at every step up."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Account, SessionRecord
from accounts.session_store import stored
from methods.models import RegisteredMethod
from signin.models import SignInAttempt
from tests.factories import PASSWORD, a_totp_app, app_code, signed_in
from tests.signin.door import HOME, enter_code, enter_password, has_session, leads_to_password, sign_in

KENS_KEY = b"the key of ken's phone"


def key_of(client: Client) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_two_tabs_of_one_person_end_in_one_session(client: Client, hana: Account, app: RegisteredMethod) -> None:
    enter_password(client, hana)
    first = client.cookies[settings.SIGNIN_COOKIE_NAME].value
    enter_password(client, hana)
    assert client.cookies[settings.SIGNIN_COOKIE_NAME].value != first
    assert enter_code(client)["Location"] == HOME
    assert client.post("/signin/verify/", {"code": app_code(steps_ahead=1)})["Location"] == HOME
    assert SessionRecord.objects.count() == 1


def test_the_tab_that_was_slower_leads_where_the_sign_in_was_to_lead(client: Client, hana: Account, app: RegisteredMethod) -> None:
    enter_password(client, hana, next_path="/user-menu/mfa/")
    assert enter_code(client)["Location"] == "/user-menu/mfa/"
    assert client.get("/signin/verify/")["Location"] == "/user-menu/mfa/"


def test_a_tab_answers_for_the_method_on_its_page(client: Client, hana: Account, app: RegisteredMethod) -> None:
    other = a_totp_app(hana, key=KENS_KEY, name="tablet")
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{other.pk}/")
    answer = client.post("/signin/verify/", {"code": app_code(), "method": str(app.pk)})
    assert answer["Location"] == HOME


def test_a_second_person_at_the_same_browser_takes_over_the_attempt(
    client: Client, hana: Account, ken: Account, app: RegisteredMethod
) -> None:
    a_totp_app(ken, key=KENS_KEY)
    enter_password(client, hana)
    enter_password(client, ken)
    assert enter_code(client).status_code == 200
    assert not has_session(client)
    enter_code(client, app_code(KENS_KEY))
    assert SessionRecord.objects.get().account == ken


def test_the_attempt_of_one_never_becomes_the_session_of_another(
    client: Client, hana: Account, ken: Account, app: RegisteredMethod
) -> None:
    a_totp_app(ken, key=KENS_KEY)
    enter_password(client, hana)
    hanas = client.cookies[settings.SIGNIN_COOKIE_NAME].value
    enter_password(client, ken)
    client.cookies[settings.SIGNIN_COOKIE_NAME] = hanas
    assert enter_code(client, app_code(KENS_KEY)).status_code == 200
    enter_code(client)
    assert SessionRecord.objects.get().account == hana


def test_somebody_signed_in_is_not_asked_again(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """S-24."""
    signed_in(client, hana)
    assert client.get("/signin/", {"next": "/user-menu/"})["Location"] == "/user-menu/"
    assert client.get("/signin/")["Location"] == HOME


def test_a_password_for_another_account_changes_nothing_while_signed_in(client: Client, hana: Account, ken: Account) -> None:
    badge = signed_in(client, hana)
    client.post("/signin/password/", {"common_id": ken.common_id, "password": PASSWORD})
    assert not SignInAttempt.objects.exists()
    assert SessionRecord.objects.get(ended_at=None).uid == badge.uid


def test_an_old_attempt_does_not_replace_the_session_of_another(client: Client, hana: Account, ken: Account, app: RegisteredMethod) -> None:
    """Hana stopped half-way; Ken signed in; Hana's page is sent again: it is hers alone, and Ken's session is gone."""
    enter_password(client, hana)
    signed_in(client, ken)
    enter_code(client)
    assert [badge.account for badge in SessionRecord.objects.filter(ended_at=None)] == [hana]


def test_the_key_of_the_session_is_new_at_sign_in(client: Client, hana: Account, app: RegisteredMethod) -> None:
    planted = "plantedplantedplantedplanted1234"
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, hana)
    assert key_of(client) != planted
    assert not SessionRecord.objects.filter(session_key__in=[planted, stored(planted)]).exists()
    assert len(key_of(client)) == 32


def test_the_key_of_the_session_is_new_at_step_up_and_the_old_one_dead(client: Client, hana: Account, app: RegisteredMethod) -> None:
    signed_in(client, hana, verified=False)
    old = key_of(client)
    answer = client.post("/signin/step-up/", {"code": app_code(), "next": "/security-info/default/"})
    assert answer["Location"] == "/security-info/default/"
    assert key_of(client) != old
    assert client.get("/security-info/default/").status_code == 200
    client.cookies[settings.SESSION_COOKIE_NAME] = old
    assert leads_to_password(client.get(HOME))


def test_one_sign_in_after_another_leaves_one_living_session_per_browser(client: Client, hana: Account, app: RegisteredMethod) -> None:
    sign_in(client, hana)
    first = key_of(client)
    client.post("/signout/")
    sign_in(client, hana, steps_ahead=1)
    assert key_of(client) != first
    assert SessionRecord.objects.filter(ended_at=None).count() == 1


@pytest.mark.covers("S-68", "S-69")
def test_signing_out_ends_the_session_on_the_server(client: Client, hana: Account, app: RegisteredMethod) -> None:
    sign_in(client, hana)
    key = key_of(client)
    page = client.get("/signout/")
    assert "You signed out of your account" in page.content.decode()
    record = SessionRecord.objects.get()
    assert (record.ended_at is not None, record.session_data) == (True, "")
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert leads_to_password(client.get(HOME))


@pytest.mark.covers("S-69")
def test_another_site_cannot_sign_anybody_out(client: Client, hana: Account) -> None:
    signed_in(client, hana)
    picture = client.get("/signout/", headers={"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"})
    assert "You signed out" not in picture.content.decode()
    assert client.get("/my-account/").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/signout/").status_code == 403


def test_pages_of_an_account_are_kept_in_no_cache(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-153."""
    enter_password(client, hana)
    for path in ("/signin/", "/signin/verify/", "/signin/verify/options/"):
        assert "no-store" in client.get(path)["Cache-Control"]
    enter_code(client)
    for path in (HOME, "/security-info/default/", "/security-info/add/", "/my-account/"):
        assert "no-store" in client.get(path)["Cache-Control"]
