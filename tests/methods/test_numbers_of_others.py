"""R-077, R-030: a number or address that nobody has proved may be a stranger's; it is not to be pestered."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from methods.challenges import MOST_SENT_TO_STRANGERS
from methods.models import Challenge
from tests.factories import a_phone, an_account
from tests.methods.people import Handset, enter_number, fresh_browser, send_all
from tests.signin.door import enter_password

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONFIRM = "/security-info/phone/confirm/"


def browsers(number: int) -> list[Client]:
    return [fresh_browser(an_account()) for _ in range(number)]


def enter_address(client: Client, address: str) -> None:
    client.post("/security-info/email/", {"address": address})


def test_a_number_that_many_accounts_enter_is_left_in_peace(handset: Handset) -> None:
    most = MOST_SENT_TO_STRANGERS[HOUR]
    for browser in browsers(most + 3):
        enter_number(browser)
        send_all()
    assert len(handset.texts) == most


def test_so_is_an_address_however_it_is_written() -> None:
    most = MOST_SENT_TO_STRANGERS[HOUR]
    for n, browser in enumerate(browsers(most + 3)):
        enter_address(browser, "Somebody@Mail.example.net" if n % 2 else "somebody@mail.example.net")
        send_all()
    assert sum(letter.to[0].lower() == "somebody@mail.example.net" for letter in mail.outbox) == most


def test_the_share_of_a_number_is_that_of_the_day_too(handset: Handset) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(MOST_SENT_TO_STRANGERS[DAY] + 3):
            enter_number(*browsers(1))
            send_all()
            moment.shift(HOUR / 2)
    assert len(handset.texts) == MOST_SENT_TO_STRANGERS[DAY]


def test_who_is_refused_is_told_and_may_enter_another_number(handset: Handset) -> None:
    for browser in browsers(MOST_SENT_TO_STRANGERS[HOUR]):
        enter_number(browser)
    [late] = browsers(1)
    page = late.get(enter_number(late)["Location"]).content.decode()
    assert "Many codes were sent" in page
    assert enter_number(late, "080-1234-5678")["Location"] == CONFIRM


def test_the_codes_of_the_owner_still_come(hana: Account, handset: Handset) -> None:
    """Strangers use up what strangers may send, never what a sign-in needs."""
    a_phone(hana, "+819012345678")
    for browser in browsers(MOST_SENT_TO_STRANGERS[HOUR] + 1):
        enter_number(browser)
    send_all()
    before = len(handset.texts)
    enter_password(Client(), hana)
    send_all()
    assert len(handset.texts) == before + 1


def test_the_same_number_entered_again_sends_nothing_for_half_a_minute(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for _ in range(3):
            assert enter_number(client)["Location"] == CONFIRM
            send_all()
        first = handset.code
        assert len(handset.texts) == 1
        moment.shift(timedelta(seconds=31))
        enter_number(client)
        send_all()
    assert len(handset.texts) == 2
    if handset.code != first:
        assert client.post(CONFIRM, {"code": first}).status_code == 200
    assert client.post(CONFIRM, {"code": handset.code}).status_code == 302


def test_what_is_kept_of_a_destination_does_not_tell_it(hana: Account, handset: Handset) -> None:
    enter_number(fresh_browser(hana))
    assert "12345678" not in Challenge.objects.get().sent_to
    assert len(Challenge.objects.get().sent_to) == 64
