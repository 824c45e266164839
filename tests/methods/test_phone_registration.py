"""R-071, S-46, S-95: a number becomes a method by the code that it receives."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from methods.challenges import MOST_SENT
from methods.kinds.phone.models import PhoneDevice
from methods.models import Challenge, ChallengeState, Ending, RegisteredMethod
from tests.factories import a_phone
from tests.methods.people import Handset, enter_number, fresh_browser, send_all
from tests.signin.door import leads_to_password

CONFIRM, RESEND = "/security-info/phone/confirm/", "/security-info/phone/resend/"


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    return a_phone(hana, "+819012345678")


@pytest.mark.covers("S-46", "S-58")
def test_a_number_is_registered_by_the_code_it_receives(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    assert enter_number(client)["Location"] == CONFIRM
    page = client.get(CONFIRM).content.decode()
    assert "+81 90-1234-5678" in page
    send_all()
    assert handset.texts[0][0] == "+819012345678"
    assert client.post(CONFIRM, {"code": handset.code}).status_code == 302
    method = RegisteredMethod.objects.get()
    assert (method.kind, method.name, method.hint, method.way) == ("phone", "Phone", "+81 ••••••••78", "text")


def test_looking_at_the_page_sends_nothing_even_when_the_code_is_too_old(hana: Account, handset: Handset) -> None:
    """R-136."""
    client = fresh_browser(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_number(client)
        send_all()
        for _ in range(3):
            moment.shift(timedelta(minutes=2))
            assert client.get(CONFIRM).status_code == 200
            client.post(CONFIRM, {"code": "000000"})
            send_all()
    assert len(handset.texts) == 1


def test_a_new_code_can_be_asked_for_at_registration(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_number(client)
        moment.shift(timedelta(seconds=1))
        assert "A code was sent just now" in client.get(client.post(RESEND)["Location"]).content.decode()
        moment.shift(timedelta(seconds=31))
        assert "A new code is on its way" in client.get(client.post(RESEND)["Location"]).content.decode()
        send_all()
    assert len(handset.texts) == 1, "the first had not been sent yet and is not sent any more"
    assert client.post(CONFIRM, {"code": handset.code}).status_code == 302


def test_another_number_at_registration_makes_the_first_code_worthless(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    enter_number(client)
    send_all()
    first = handset.code
    enter_number(client, "080-8765-4321")
    send_all()
    assert handset.texts[-1][0] == "+818087654321"
    if first != handset.code:
        assert client.post(CONFIRM, {"code": first}).status_code == 200
    client.post(CONFIRM, {"code": handset.code})
    assert PhoneDevice.objects.get().number.as_e164 == "+818087654321"


def test_texts_to_ever_new_numbers_come_to_an_end(hana: Account, handset: Handset) -> None:
    client, most = fresh_browser(hana), MOST_SENT[timedelta(hours=1)]
    for n in range(most + 2):
        enter_number(client, f"080-8765-43{n:02}")
        send_all()
    assert len(handset.texts) == most
    assert "Many codes were sent" in client.get("/security-info/add/").content.decode()


@pytest.mark.covers("S-95")
def test_changing_the_number_replaces_it_only_when_the_new_one_answers(hana: Account, phone: RegisteredMethod, handset: Handset) -> None:
    """R-071."""
    client, elsewhere = fresh_browser(hana), fresh_browser(hana)
    assert client.get(f"/security-info/methods/{phone.pk}/change/")["Location"] == "/security-info/phone/"
    enter_number(client, "080-8765-4321")
    assert PhoneDevice.objects.get(confirmed=True).number.as_e164 == "+819012345678"
    send_all()
    client.post(CONFIRM, {"code": handset.code})
    phone.refresh_from_db()
    new = RegisteredMethod.objects.get(account=hana, state="active")
    assert (phone.state, new.is_default, new.hint[-2:]) == ("removed", True, "21")
    assert client.get("/my-account/").status_code == 200
    assert leads_to_password(elsewhere.get("/my-account/"))


@pytest.mark.parametrize("path", ["/security-info/phone/", "/security-info/phone/alternate/", "/security-info/phone/office/"])
def test_whoever_took_too_long_starts_again_with_the_same_phone(hana: Account, path: str) -> None:
    client = fresh_browser(hana)
    client.post(path, {"country": "JP", "number": "03-5842-2000", "way": "call"})
    PhoneDevice.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert client.get(CONFIRM)["Location"] == client.post(CONFIRM, {})["Location"] == path


def test_going_on_after_the_call_was_over_tells_of_no_code(hana: Account) -> None:
    client = fresh_browser(hana)
    client.post("/security-info/phone/alternate/", {"country": "JP", "number": "03-5842-2000"})
    Challenge.objects.update(state=ChallengeState.FAILED, ending=Ending.UNANSWERED)
    html = client.post(CONFIRM, {}, follow=True).content.decode()
    assert "It is over: it took too long" in html
    assert "That code is no longer valid" not in html


def test_where_nothing_was_begun_the_choice_of_methods_is_shown_and_no_phone_is_replaced(hana: Account, phone: RegisteredMethod) -> None:
    answer = fresh_browser(hana).get(CONFIRM, follow=True)
    assert answer.redirect_chain == [("/security-info/add/", 302)]
    assert "There is nothing to confirm any more" in answer.content.decode()


def test_security_info_hides_the_number_but_for_two_digits(hana: Account, phone: RegisteredMethod) -> None:
    page = fresh_browser(hana).get("/security-info/").content.decode()
    assert "9012345678" not in page.replace("-", "")
