"""D5, R-002 to R-008: what stands between the password and the session, and what ends it."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import Account, SessionRecord
from methods.models import RegisteredMethod
from signin import flow
from signin.models import AttemptState, SignInAttempt
from tests.factories import PASSWORD, app_code
from tests.signin.door import HOME, assert_over, attempt_of, enter_code, enter_password, has_session, leads_to_password, sign_in

OTHER_KEY = b"another app's own key"


@pytest.mark.covers("S-01")
def test_the_right_code_opens_one_session(waiting: Client, hana: Account, app: RegisteredMethod) -> None:
    attempt = attempt_of(waiting)
    assert enter_code(waiting)["Location"] == HOME
    badge = SessionRecord.objects.get()
    assert (badge.account, badge.attempt, badge.verified_method) == (hana, attempt.pk, app.pk)
    assert SignInAttempt.objects.get().state == AttemptState.DONE


@pytest.mark.parametrize("way", ["session", "basic", "bearer", "token"])
def test_what_the_password_earned_is_no_credential(waiting: Client, hana: Account, way: str) -> None:
    token, attempt = waiting.cookies[settings.SIGNIN_COOKIE_NAME].value, attempt_of(waiting)
    for secret in (token, str(attempt.pk), attempt.token_digest):
        stranger = Client()
        if way == "session":
            stranger.cookies["session"] = secret
        elif way == "basic":
            pair = base64.b64encode(f"{hana.common_id}:{secret}".encode()).decode()
            stranger.defaults["HTTP_AUTHORIZATION"] = f"Basic {pair}"
        else:
            stranger.defaults["HTTP_AUTHORIZATION"] = f"{way.title()} {secret}"
        assert leads_to_password(stranger.get(HOME))


def test_the_attempt_leaves_no_session_behind(waiting: Client) -> None:
    assert "session" not in waiting.cookies
    assert not SessionRecord.objects.exists()


def test_the_password_is_kept_nowhere(waiting: Client) -> None:
    """R-004."""
    row = str(SignInAttempt.objects.values().get()) + str([morsel.value for morsel in waiting.cookies.values()])
    page = waiting.get("/signin/verify/").content.decode()
    assert PASSWORD not in row + page
    assert "hash" not in row


def test_the_attempt_is_known_by_its_token_alone(waiting: Client) -> None:
    """R-002: 256 bits from the system's source, kept as a digest."""
    token = waiting.cookies[settings.SIGNIN_COOKIE_NAME].value
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert flow.living(token)
    assert flow.living(attempt_of(waiting).token_digest) is None
    assert flow.living(token[:-1]) is None
    assert flow.living("") is None


def test_the_cookie_is_kept_from_scripts_and_outlives_the_attempt_by_an_hour(waiting: Client) -> None:
    cookie = waiting.cookies[settings.SIGNIN_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 4200)


def test_whoever_comes_back_too_late_is_told_why_once_and_goes_where_he_wanted(waiting: Client) -> None:
    SignInAttempt.objects.update(expires_at=timezone.now())
    page = waiting.get("/signin/?next=/my-account/")
    assert "This sign-in took too long" in page.content.decode()
    assert page.context["next"] == "/my-account/"
    assert "This sign-in took too long" not in waiting.get("/signin/").content.decode()


def test_the_attempt_lives_for_ten_minutes(client: Client, hana: Account, app: RegisteredMethod) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_password(client, hana)
        moment.shift(timedelta(minutes=9, seconds=59))
        assert client.get("/signin/verify/").status_code == 200
        moment.shift(timedelta(seconds=1))
        assert_over(client)


def test_a_late_answer_leads_to_the_password_however_often_it_is_sent(client: Client, hana: Account, app: RegisteredMethod) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as moment:
        enter_password(client, hana)
        token = client.cookies[settings.SIGNIN_COOKIE_NAME].value
        moment.move_to(now + timedelta(minutes=11))
        for _ in range(3):
            client.cookies[settings.SIGNIN_COOKIE_NAME] = token
            assert_over(client)


def test_after_the_sign_in_going_back_shows_no_second_factor(waiting: Client) -> None:
    token = waiting.cookies[settings.SIGNIN_COOKIE_NAME].value
    enter_code(waiting)
    waiting.cookies[settings.SIGNIN_COOKIE_NAME] = token
    assert waiting.get("/signin/verify/")["Location"] == HOME
    waiting.post("/signin/verify/", {"code": app_code(steps_ahead=1)})
    assert SessionRecord.objects.count() == 1


def test_after_signing_out_the_attempt_is_spent(waiting: Client) -> None:
    token = waiting.cookies[settings.SIGNIN_COOKIE_NAME].value
    enter_code(waiting)
    waiting.post("/signout/")
    waiting.cookies[settings.SIGNIN_COOKIE_NAME] = token
    assert leads_to_password(waiting.post("/signin/verify/", {"code": app_code(steps_ahead=1)}))
    assert not has_session(waiting)


def test_another_browser_cannot_answer(waiting: Client, hana: Account) -> None:
    stranger = Client()
    assert leads_to_password(enter_code(stranger))
    for forged in ("", "x", str(attempt_of(waiting).pk), signing.dumps(str(attempt_of(waiting).pk))):
        stranger.cookies[settings.SIGNIN_COOKIE_NAME] = forged
        assert leads_to_password(enter_code(stranger))
    assert not has_session(stranger)


def test_expired_attempts_are_cleared_away(waiting: Client) -> None:
    """R-017."""
    assert flow.clear_expired() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert flow.clear_expired() == 1


def test_signing_in_again_needs_the_whole_way(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """S-17: asked at every sign-in."""
    sign_in(client, hana)
    client.post("/signout/")
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    assert not has_session(client)
