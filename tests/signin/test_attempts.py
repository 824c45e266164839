"""D5, R-002 to R-008: what stands between the password and the session, and what ends it."""

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.leaving import leave
from accounts.locks import lock
from accounts.models import Account, SessionRecord
from methods import lifecycle
from methods.models import Challenge, ChallengeState, Purpose, RegisteredMethod
from signin import flow
from signin.models import AttemptState, SignInAttempt
from tests.factories import PASSWORD, a_totp_app, an_account, app_code, signed_in
from tests.signin.door import HOME, attempt_of, enter_code, enter_password, has_session, leads_to_password, sign_in

OTHER_KEY = b"another app's own key"


@pytest.fixture
def app(hana: Account) -> RegisteredMethod:
    return a_totp_app(hana)


@pytest.fixture
def waiting(client: Client, hana: Account, app: RegisteredMethod) -> Client:
    """A browser that is asked for hana's code."""
    enter_password(client, hana)
    return client


def assert_over(client: Client) -> None:
    """The right code, and every page of the attempt, lead back to the password."""
    assert leads_to_password(client.get("/signin/verify/"))
    assert leads_to_password(enter_code(client))
    assert not has_session(client)


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


def test_the_cookie_is_kept_from_scripts_and_dies_with_the_attempt(waiting: Client) -> None:
    cookie = waiting.cookies[settings.SIGNIN_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 600)


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
    assert waiting.get("/signin/verify/")["Location"] == "/"
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


def a_changed_password(account: Account, method: RegisteredMethod) -> None:
    account.set_password("an entirely different one")
    account.save()


def a_raised_epoch(account: Account, method: RegisteredMethod) -> None:
    Account.objects.filter(pk=account.pk).update(epoch=account.epoch + 1)


def another_method_removed(account: Account, method: RegisteredMethod) -> None:
    other = a_totp_app(account, key=OTHER_KEY, name="old phone")
    lifecycle.remove(account, other.pk, actor=account)


def the_method_removed(account: Account, method: RegisteredMethod) -> None:
    lifecycle.remove(account, method.pk, actor=account)


def a_departure(account: Account, method: RegisteredMethod) -> None:
    leave(account, timezone.now())
    account.save()


def a_reset(account: Account, method: RegisteredMethod) -> None:
    lifecycle.require_reregistration(account, actor=an_account(roles=("senior-helpdesk",)), reason="lost phone")


def a_lock(account: Account, method: RegisteredMethod) -> None:
    lock(account, actor=an_account(roles=("senior-helpdesk",)), reason="reported a stolen password")


def a_closed_challenge(account: Account, method: RegisteredMethod) -> None:
    Challenge.objects.update(state=ChallengeState.CLOSED)


CHANGES = [a_changed_password, a_raised_epoch, another_method_removed, the_method_removed, a_departure, a_reset, a_lock]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_account_between_the_steps_ends_the_attempt(
    waiting: Client, hana: Account, app: RegisteredMethod, change: Callable[[Account, RegisteredMethod], None]
) -> None:
    """R-005, R-006."""
    change(hana, app)
    assert_over(waiting)


@pytest.mark.parametrize("change", [*CHANGES, a_closed_challenge])
def test_a_change_in_the_moment_of_the_answer_is_seen(
    waiting: Client, hana: Account, app: RegisteredMethod, change: Callable[[Account, RegisteredMethod], None], monkeypatch: Any
) -> None:
    """R-006: checked at completion, too, under the lock, and not only when the page was opened."""
    known = flow.living(waiting.cookies[settings.SIGNIN_COOKIE_NAME].value)
    monkeypatch.setattr("signin.attempts.living", lambda token: known)
    change(hana, app)
    answer = enter_code(waiting)
    assert answer["Location"] in {"/signin/", "/signin/verify/options/"}
    assert not has_session(waiting)


def test_a_challenge_of_another_attempt_is_not_answered_here(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-008: each browser answers what it was asked."""
    enter_password(client, hana)
    Challenge.objects.update(binding="attempt:another")
    assert enter_code(client)["Location"] == "/signin/verify/options/"
    assert not has_session(client)


def test_a_challenge_of_another_account_is_not_answered_here(client: Client, hana: Account, ken: Account, app: RegisteredMethod) -> None:
    a_totp_app(ken, key=OTHER_KEY)
    enter_password(client, hana)
    Challenge.objects.update(account=ken)
    assert enter_code(client, app_code(OTHER_KEY))["Location"] == "/signin/verify/options/"
    assert not has_session(client)


def test_the_code_of_another_account_is_wrong(waiting: Client, ken: Account) -> None:
    a_totp_app(ken, key=OTHER_KEY)
    assert enter_code(waiting, app_code(OTHER_KEY)).status_code == 200
    assert not has_session(waiting)


@pytest.mark.parametrize("purpose", [Purpose.STEP_UP, Purpose.REGISTER])
def test_a_challenge_of_another_purpose_opens_no_session(waiting: Client, purpose: Purpose) -> None:
    Challenge.objects.update(purpose=purpose)
    assert enter_code(waiting)["Location"] == "/signin/verify/options/"
    assert not has_session(waiting)


def test_a_sign_in_challenge_cannot_step_up(client: Client, hana: Account, app: RegisteredMethod) -> None:
    badge = signed_in(client, hana, verified=False)
    enter_password(Client(), hana)
    Challenge.objects.update(binding=f"session:{badge.uid}")
    challenge = Challenge.objects.get()
    client.post("/signin/step-up/", {"code": app_code(), "next": HOME})
    challenge.refresh_from_db()
    assert challenge.state == ChallengeState.OPEN
    assert challenge.purpose == Purpose.SIGN_IN


def test_a_right_code_for_the_wrong_method_is_wrong(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """Only the chosen method is checked."""
    other = a_totp_app(hana, key=OTHER_KEY, name="tablet")
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{other.pk}/")
    assert enter_code(client, app_code()).status_code == 200
    assert not has_session(client)
    assert enter_code(client, app_code(OTHER_KEY))["Location"] == HOME


@pytest.mark.parametrize("verb", ["use/{}/", "resend/", ""])
def test_a_method_of_somebody_else_answers_like_none(waiting: Client, ken: Account, verb: str) -> None:
    """R-134."""
    kens = a_totp_app(ken, key=OTHER_KEY, name="kens secret name")
    gone = a_totp_app(ken, key=OTHER_KEY, name="gone", state="removed")
    answers = [waiting.post(f"/signin/verify/{verb.format(pk)}", {"method": str(pk)}) for pk in (kens.pk, gone.pk, uuid.uuid4())]
    assert len({(answer.status_code, answer.headers.get("Location")) for answer in answers}) == 1
    assert not [answer for answer in answers if b"secret" in answer.content]
    assert set(Challenge.objects.values_list("account__common_id", flat=True)) == {"1000000001"}


def test_an_attempt_for_registration_cannot_verify(client: Client, hana: Account) -> None:
    enter_password(client, hana)
    app = a_totp_app(hana)
    Challenge.objects.create(
        account=hana,
        method=app,
        kind="totp",
        purpose=Purpose.SIGN_IN,
        binding=attempt_of(client).binding,
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    assert leads_to_password(enter_code(client))
    assert leads_to_password(client.post("/signin/finish/")) or client.cookies
    assert not has_session(client)


def test_an_attempt_that_must_verify_cannot_finish_without(waiting: Client) -> None:
    assert leads_to_password(waiting.post("/signin/finish/"))
    assert not has_session(waiting)


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
