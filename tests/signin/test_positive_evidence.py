"""R-007, R-204: a step advances on positive evidence alone, whatever a browser sends."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import Challenge, ChallengeState
from signin.models import SignInAttempt
from tests.factories import PASSWORD, a_phone, a_totp_app, app_code
from tests.signin.door import HOME, enter_code, has_session, wrong_code

FORM = "application/x-www-form-urlencoded"


NOTHING: list[dict[str, Any]] = [
    {},
    {"code": ""},
    {"code": "      "},
    {"kode": "123456"},
    {"code": "None"},
    {"code": "null"},
    {"code": "true"},
    {"code[]": "123456"},
    {"code": "12345"},
    {"code": "1234567"},
    {"code": "-12345"},
    {"code": "1e5000"},
    {"code": "0x1F40"},
    {"code": "١٢٣٤٥٦"},
    {"code": "\x00\x00\x00\x00\x00\x00"},
    {"code": "x" * 10_000},
    {"passed": "1", "verified": "true", "state": "passed", "outcome": "passed", "is_verified": "on"},
    {"registered_method": "1", "registered_kind": "totp", "requirement": "allow"},
]


@pytest.mark.parametrize("fields", NOTHING, ids=str)
def test_what_is_no_code_neither_advances_nor_costs_a_try(waiting: Client, hana: Account, fields: dict[str, Any]) -> None:
    assert waiting.post("/signin/verify/", fields).status_code == 200
    hana.refresh_from_db()
    assert (hana.failures, has_session(waiting)) == (0, False)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head", "trace"])
def test_no_page_of_the_door_advances_without_a_code(waiting: Client, method: str) -> None:
    for path in ("verify/", "verify/options/", "verify/resend/", "finish/", "continue/", "more-information/", "refused/"):
        assert getattr(waiting, method)(f"/signin/{path}").status_code in {200, 302, 405}
    assert not has_session(waiting)


def test_looking_at_a_page_with_the_code_in_the_address_does_nothing(waiting: Client) -> None:
    assert waiting.get("/signin/verify/", {"code": app_code()}).status_code == 200
    assert waiting.post(f"/signin/verify/?code={app_code()}").status_code == 200
    assert not has_session(waiting)
    assert Challenge.objects.get().state == ChallengeState.OPEN


def test_of_a_repeated_field_one_value_is_judged(waiting: Client, hana: Account) -> None:
    """The last one, as everywhere; a right and a wrong one together are not tried one after the other."""
    body = f"code={app_code()}&code={wrong_code()}"
    assert waiting.post("/signin/verify/", body, content_type=FORM).status_code == 200
    hana.refresh_from_db()
    assert (hana.failures, has_session(waiting)) == (1, False)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_a_body_of_another_kind_is_not_read(waiting: Client, content_type: str) -> None:
    answer = waiting.post("/signin/verify/", json.dumps({"code": app_code()}), content_type=content_type)
    assert answer.status_code in {200, 400}
    assert not has_session(waiting)


@pytest.mark.parametrize("header", ["HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE"])
def test_a_method_cannot_be_overridden(waiting: Client, header: str) -> None:
    waiting.get("/signin/verify/", {"code": app_code(), "_method": "POST"}, **{header: "POST"})
    assert not has_session(waiting)


def test_a_body_that_is_too_large_is_refused(waiting: Client) -> None:
    assert waiting.post("/signin/verify/", {"code": app_code(), "more": "x" * 300_000}).status_code == 400
    assert waiting.post("/signin/verify/", {f"field{n}": "x" for n in range(300)}).status_code == 400
    assert not has_session(waiting)


def test_a_verifier_that_answers_with_something_true_has_not_said_yes(waiting: Client, monkeypatch: Any) -> None:
    """R-010: nothing but True is yes."""
    for result in (None, 1, "yes", object(), False):
        monkeypatch.setattr("methods.kinds.totp.kind.TotpKind.check", lambda *args, result=result: result)
        assert enter_code(waiting).status_code == 200
    assert not has_session(waiting)


def test_a_verifier_that_breaks_down_opens_nothing(waiting: Client, monkeypatch: Any) -> None:
    def broken(*args: object) -> bool:
        raise OSError("no key")

    monkeypatch.setattr("methods.kinds.totp.kind.TotpKind.check", broken)
    waiting.raise_request_exception = False
    assert enter_code(waiting).status_code == 500
    assert not has_session(waiting)


def test_fields_of_the_attempt_cannot_be_written(client: Client, hana: Account) -> None:
    """R-135."""
    a_totp_app(hana)
    extra = {
        "requirement": "allow",
        "rule": "x",
        "epoch": "9",
        "methods_version": "9",
        "state": "done",
        "account": "1",
        "expires_at": "2099-01-01",
    }
    client.post("/signin/password/", {"common_id": hana.common_id, "password": PASSWORD, "next": HOME} | extra)
    attempt = SignInAttempt.objects.get()
    assert (attempt.requirement, attempt.state, attempt.account) == ("verify", "open", hana)


def test_the_method_named_by_the_page_must_be_one_that_was_asked(waiting: Client, hana: Account, ken: Account) -> None:
    """R-075: naming somebody else's method, or one's own that was not chosen, changes nothing."""
    other, phone = a_totp_app(ken, key=b"the key of ken's phone"), a_phone(hana)
    for name in (other.pk, phone.pk, "", "x"):
        answer = waiting.post("/signin/verify/", {"code": wrong_code(), "method": str(name)})
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/signin/verify/options/")
        waiting.post("/signin/verify/resend/", {"method": str(name), "number": "+819099999999", "to": "+819099999999"})
    assert set(Challenge.objects.values_list("account", "kind")) == {(hana.pk, "totp")}
    hana.refresh_from_db()
    assert (hana.failures, has_session(waiting)) == (0, False)


def test_every_form_of_the_door_wants_its_token(hana: Account) -> None:
    """R-200: also before anybody is signed in."""
    a_totp_app(hana)
    strict = Client(enforce_csrf_checks=True)
    for path in ("/signin/", "/signin/password/", "/signin/verify/", "/signin/finish/", "/signin/step-up/", "/signout/", "/language/"):
        assert strict.post(path, {"common_id": hana.common_id, "password": PASSWORD}).status_code == 403, path
    assert not SignInAttempt.objects.exists()
