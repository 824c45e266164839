"""What the page says while a phone rings and afterwards, and what else it offers."""

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import Message, RegisteredMethod
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import send_all
from tests.methods.ringing import NUMBER, VERIFY, go_on, page_of, ring, waiting
from tests.signin.door import enter_code, has_session


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "completed"])
def test_a_missed_call_is_said_and_another_can_be_asked_for(
    client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange, status: str
) -> None:
    ring(client, hana)
    assert exchange.line.hang_up(status).status_code == 204
    assert "Nobody answered the call" in waiting(client)
    assert "Call again" in page_of(client)
    client.post("/signin/verify/resend/", {"method": str(phone.pk), "way": "call"})
    send_all()
    assert len(exchange.lines) == 2
    exchange.line.answer().press("#")
    go_on(client)
    assert has_session(client)
    assert Message.objects.order_by("due_at")[0].report == status


def test_a_call_in_japanese(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    Account.objects.filter(pk=hana.pk).update(language="ja")
    ring(client, hana)
    line = exchange.line.answer()
    assert "見本大学" in line.heard
    assert "シャープ" in line.heard
    assert 'language="ja-JP"' in line.answers[0][2].content.decode()


def test_another_method_serves_while_the_phone_rings(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    app = a_totp_app(hana)
    ring(client, hana)
    client.post(f"/signin/verify/use/{app.pk}/")
    assert enter_code(client).status_code == 302
    assert has_session(client)
    line = exchange.line.answer().press("#")
    assert line.over, "nothing breaks"


def test_a_call_verifies_again_in_an_open_session(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    """R-130: nothing rings until somebody asks for it, and the page goes on by itself."""
    signed_in(client, hana, verified=False)
    page = client.get("/signin/step-up/?next=/security-info/").content.decode()
    send_all()
    assert "Call ••• 78" in page
    assert exchange.lines == []
    client.post(f"/signin/step-up/use/{phone.pk}/", {"way": "call", "next": "/security-info/"})
    send_all()
    page = client.get("/signin/step-up/?next=/security-info/").content.decode()
    assert "press the pound key (#)" in page
    exchange.line.answer().press("#")
    answer = client.post("/signin/step-up/", {"method": str(phone.pk), "way": "call", "next": "/security-info/"})
    assert answer["Location"] == "/security-info/"
    assert client.get("/security-info/").status_code == 200


@pytest.mark.covers("S-59", "S-80")
def test_a_phone_that_is_texted_can_be_called_instead(client: Client, hana: Account, exchange: Exchange) -> None:
    phone = a_phone(hana, NUMBER, way="text")
    ring(client, hana)
    assert len(exchange.texts) == 1
    options = client.get("/signin/verify/options/").content.decode()
    assert "Text a code to ••• 78" in options
    assert "Call ••• 78" in options
    client.post(f"/signin/verify/use/{phone.pk}/", {"way": "call"})
    send_all()
    exchange.line.answer().press("#")
    client.post(VERIFY, {"method": str(phone.pk), "way": "call"})
    assert has_session(client)


def test_the_page_says_when_the_call_was_answered(client: Client, hana: Account, phone: RegisteredMethod, exchange: Exchange) -> None:
    ring(client, hana)
    assert "Waiting for your phone" in waiting(client)
    exchange.line.answer()
    assert "You answered the call. Press the pound key (#)." in waiting(client)
