"""R-008: an answer counts for what was asked, of whom, and for what."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from methods.models import Challenge, ChallengeState, Purpose, RegisteredMethod
from tests.factories import a_totp_app, app_code, signed_in
from tests.signin.door import HOME, attempt_of, enter_code, enter_password, has_session, leads_to_password

OTHER_KEY = b"another app's own key"


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
