"""R-130, R-131: what changes methods needs a proof of the last ten minutes, in this very session."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account, SessionRecord
from methods.models import Challenge, Message, Purpose, RegisteredMethod
from tests.factories import PASSWORD, a_phone, a_totp_app, app_code, signed_in
from tests.signin.door import HOME, wrong_code

PAGE = "/security-info/default/"


@pytest.fixture
def stale(client: Client, hana: Account, app: RegisteredMethod) -> Client:
    """A session that was opened with the password alone."""
    signed_in(client, hana, verified=False)
    return client


def prove(client: Client, code: str | None = None, **fields: str) -> Any:
    return client.post("/signin/step-up/", {"code": app_code() if code is None else code, "next": PAGE} | fields)


def is_fresh(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.covers("S-96")
def test_the_code_of_the_app_makes_the_session_fresh_for_ten_minutes(stale: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        assert not is_fresh(stale)
        assert prove(stale)["Location"] == PAGE
        moment.shift(timedelta(minutes=9, seconds=59))
        assert is_fresh(stale)
        moment.shift(timedelta(seconds=1))
        assert not is_fresh(stale)


@pytest.mark.covers("S-76")
def test_security_info_wants_a_verification_once_a_method_exists(stale: Client) -> None:
    assert stale.get(HOME)["Location"] == "/signin/step-up/?next=%2Fsecurity-info%2F"
    prove(stale)
    assert stale.get(HOME).status_code == 200


def test_the_freshness_of_another_session_is_not_mine(stale: Client, hana: Account) -> None:
    other = Client()
    signed_in(other, hana)
    assert is_fresh(other)
    assert not is_fresh(stale)


def test_the_password_is_no_fresh_proof(stale: Client, hana: Account) -> None:
    for code in (PASSWORD, hana.common_id, "", "000000"):
        prove(stale, code, password=PASSWORD)
    assert not is_fresh(stale)


def test_a_wrong_code_counts_on_the_account_as_at_sign_in(stale: Client, hana: Account) -> None:
    """R-033."""
    assert "not right" in prove(stale, wrong_code()).content.decode()
    hana.refresh_from_db()
    assert (hana.failures, is_fresh(stale)) == (1, False)


def address_of_the_form(page: str) -> str:
    """Where the answer is sent, and the page that says it was wrong then stands."""
    return unescape(re.findall(r'<form method="post" action="([^"]*)" id="answer"', page)[0])


def test_a_page_that_is_loaded_anew_after_a_wrong_code_still_knows_where_the_person_wanted_to_go(stale: Client) -> None:
    address = address_of_the_form(stale.get("/signin/step-up/", {"next": PAGE}).content.decode())
    assert stale.post(address, {"code": wrong_code(), "next": PAGE}).status_code == 200
    fields = dict(re.findall(r'name="(method|way|next)" value="([^"]*)"', stale.get(address).content.decode()))
    assert prove(stale, **fields)["Location"] == PAGE


def test_a_test_that_is_loaded_anew_after_a_wrong_answer_is_of_the_same_method(stale: Client, hana: Account) -> None:
    other = a_totp_app(hana, key=b"the key of the tablet", name="tablet", is_default=False)
    begun = stale.get(f"/signin/step-up/test/{other.pk}/")["Location"]
    address = address_of_the_form(stale.get(begun).content.decode())
    stale.post(address, {"code": "", "method": str(other.pk)})
    page = stale.get(address).content.decode()
    assert f"tested%3D{other.pk}" in address
    assert f'name="method" value="{other.pk}"' in page


def test_during_a_hold_right_and_wrong_codes_are_refused_alike(stale: Client, hana: Account) -> None:
    """R-026."""
    Account.objects.filter(pk=hana.pk).update(failures=10, holds=1, held_until=timezone.now() + timedelta(minutes=10))
    answers = [prove(stale, code).content.decode() for code in (wrong_code(), app_code())]
    assert all("too many wrong codes" in answer for answer in answers)
    assert not is_fresh(stale)


def test_a_code_is_worth_one_step_up(stale: Client, hana: Account) -> None:
    code = app_code()
    prove(stale, code)
    other = Client()
    signed_in(other, hana, verified=False)
    assert prove(other, code).status_code == 200
    assert not is_fresh(other)


def test_a_code_of_sign_in_is_spent_for_step_up(client: Client, hana: Account, app: RegisteredMethod) -> None:
    code = app_code()
    client.post("/signin/password/", {"common_id": hana.common_id, "password": PASSWORD})
    assert client.post("/signin/verify/", {"code": code}).status_code == 302
    other = Client()
    signed_in(other, hana, verified=False)
    prove(other, code)
    assert not is_fresh(other)


def test_a_step_up_challenge_opens_no_session(stale: Client, hana: Account) -> None:
    visitor = Client()
    visitor.post("/signin/password/", {"common_id": hana.common_id, "password": PASSWORD})
    prove(stale, wrong_code())
    signing_in = Challenge.objects.get(purpose=Purpose.SIGN_IN)
    Challenge.objects.filter(purpose=Purpose.STEP_UP).update(binding=signing_in.binding)
    signing_in.delete()
    assert visitor.post("/signin/verify/", {"code": app_code()})["Location"] == "/signin/verify/options/"
    assert SessionRecord.objects.count() == 1


def test_a_challenge_of_one_session_is_not_answered_in_another(client: Client, hana: Account) -> None:
    phone, other = a_phone(hana), Client()
    signed_in(client, hana, verified=False)
    client.post(f"/signin/step-up/use/{phone.pk}/", {"next": PAGE})
    Challenge.objects.update(code_digest="x")
    signed_in(other, hana, verified=False)
    page = other.get("/signin/step-up/", {"next": PAGE}).content.decode()
    assert 'name="code"' not in page
    assert prove(other, "123456").status_code == 200
    hana.refresh_from_db()
    assert hana.failures == 0


def test_looking_at_the_page_sends_nothing(client: Client, hana: Account) -> None:
    a_phone(hana)
    signed_in(client, hana, verified=False)
    for _ in range(3):
        client.get("/signin/step-up/", {"next": PAGE})
    assert not Message.objects.exists()


def test_choosing_the_phone_sends_one_code_in_half_a_minute(client: Client, hana: Account) -> None:
    phone = a_phone(hana)
    signed_in(client, hana, verified=False)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(3):
            assert client.post(f"/signin/step-up/use/{phone.pk}/", {"next": PAGE})["Location"].startswith("/signin/step-up/")
        assert Message.objects.count() == 1
        moment.shift(timedelta(seconds=31))
        client.post(f"/signin/step-up/use/{phone.pk}/", {"next": PAGE})
        assert Message.objects.count() == 2


def test_another_method_can_be_chosen_and_each_answers_for_itself(stale: Client, hana: Account) -> None:
    other = a_totp_app(hana, key=b"the key of the tablet", name="tablet")
    assert "/signin/step-up/options/" in stale.get("/signin/step-up/", {"next": PAGE}).content.decode()
    assert "tablet" in stale.get("/signin/step-up/options/", {"next": PAGE}).content.decode()
    stale.post(f"/signin/step-up/use/{other.pk}/", {"next": PAGE})
    assert prove(stale, app_code()).status_code == 200
    assert prove(stale, app_code(b"the key of the tablet"))["Location"] == PAGE
    assert SessionRecord.objects.get().verified_method == other.pk


def test_a_method_of_somebody_else_answers_like_none(stale: Client, ken: Account) -> None:
    """R-134."""
    kens = a_totp_app(ken, key=b"the key of ken's phone")
    answers = [stale.post(f"/signin/step-up/use/{pk}/", {"next": PAGE}) for pk in (kens.pk, ken.registered_methods.model().pk)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/signin/step-up/?next=%2Fsecurity-info%2Fdefault%2F")
    }
    assert prove(stale, app_code(b"the key of ken's phone"), method=str(kens.pk)).status_code == 200


def test_without_a_method_there_is_nothing_to_step_up_with(client: Client, hana: Account) -> None:
    signed_in(client, hana, verified=False)
    answer = client.get("/signin/step-up/", {"next": PAGE})
    assert answer.status_code == 403
    assert client.post("/signin/step-up/", {"code": "123456"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["add/", "app/", "default/", "totp/", "totp/scan/", "phone/", "phone/confirm/", "email/", "email/confirm/"]
)
def test_no_page_that_changes_methods_opens_without_fresh_proof(stale: Client, path: str) -> None:
    for answer in (stale.get(f"/security-info/{path}"), stale.post(f"/security-info/{path}", {"method": "totp"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin/step-up/")


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_changing_a_method_needs_fresh_proof(stale: Client, app: RegisteredMethod, verb: str) -> None:
    path = f"/security-info/methods/{app.pk}/{verb}/"
    for answer in (stale.get(path), stale.post(path, {"name": "taken over"})):
        assert answer["Location"].startswith("/signin/step-up/")
    app.refresh_from_db()
    assert (app.name, app.state) == ("my phone", "active")


def test_a_proof_that_ages_while_a_form_is_open_is_asked_anew(stale: Client, app: RegisteredMethod) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        prove(stale)
        path = f"/security-info/methods/{app.pk}/delete/"
        assert stale.get(path).status_code == 200
        moment.shift(timedelta(minutes=11))
        answer = stale.post(path, headers={"referer": f"http://testserver{path}"})
        assert answer["Location"] == f"/signin/step-up/?next=%2Fsecurity-info%2Fmethods%2F{app.pk}%2Fdelete%2F"
        app.refresh_from_db()
        assert app.state == "active"
