"""R-076, R-077, R-079: what texts and calls may cost, and that nobody else pays for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from accounts.models import Account
from audit.context import Where, circumstances
from audit.models import Event
from methods import delivery, pumping, spending
from methods.gateways.base import NeverSent, NotSent
from methods.models import Challenge, ChallengeState, Message, MessageState, SendingCount
from methods.spending import DAY, FROM_A_NETWORK, HOUR, TO_A_BLOCK, TO_A_NUMBER, charge
from tests.factories import a_phone, a_totp_app, an_account, app_code
from tests.methods.caller import Exchange
from tests.methods.people import enter_number, fresh_browser, send_all, states
from tests.signin.door import enter_password, has_session

NOON = timezone.now().replace(hour=12, minute=5, second=0, microsecond=0)


def mobile(n: int = 0, block: int = 1234) -> PhoneNumber:
    return PhoneNumber.from_string(f"+8190{block:04}{n:04}")


def charged(times: int, number: Callable[[int], PhoneNumber]) -> int:
    """How many of so many are let through."""
    through = 0
    for n in range(times):
        try:
            charge(number(n))
        except NeverSent:
            continue
        through += 1
    return through


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as moment:
        yield moment


@pytest.mark.parametrize("period", [HOUR, DAY])
def test_one_number_is_sent_so_much_by_all_accounts_together(db: None, noon: Any, period: timedelta) -> None:
    most = TO_A_NUMBER[period]
    through = 0
    for _ in range(1 if period == HOUR else 5):
        through += charged(most + 5, lambda _n: mobile())
        noon.shift(HOUR)
    assert through == most
    charge(mobile(1))


def test_a_text_is_counted_in_one_hour_though_the_next_begins_meanwhile(db: None, noon: Any, monkeypatch: Any) -> None:
    charge(mobile())
    rows = spending._rows

    def slowly(bounds: Any) -> Any:
        found = rows(bounds)
        noon.shift(HOUR)
        return found

    monkeypatch.setattr(spending, "_rows", slowly)
    charge(mobile())
    assert SendingCount.objects.get(scope="all-hour").sent == 2


def test_each_extension_of_a_switchboard_is_a_telephone_and_its_line_is_limited_as_a_block(db: None) -> None:
    def extension(n: int) -> PhoneNumber:
        return PhoneNumber.from_string(f"tel:+81-3-5842-2000;ext={n}")

    assert charged(TO_A_NUMBER[HOUR] + 5, lambda _n: extension(42)) == TO_A_NUMBER[HOUR]
    assert charged(TO_A_BLOCK[HOUR], extension) == TO_A_BLOCK[HOUR] - TO_A_NUMBER[HOUR]


def test_a_block_of_numbers_is_sent_so_much(db: None) -> None:
    """Number pumping: ten thousand numbers in a row, each asked for once."""
    assert charged(TO_A_BLOCK[HOUR] + 20, mobile) == TO_A_BLOCK[HOUR]
    charge(mobile(block=4321))


def test_one_network_asks_for_so_much_and_its_neighbour_is_not_touched(db: None) -> None:
    def elsewhere(n: int) -> PhoneNumber:
        return mobile(n % 10, block=1000 + n)

    with circumstances(Where(address="2001:db8::1")):
        assert charged(FROM_A_NETWORK[HOUR] + 10, elsewhere) == FROM_A_NETWORK[HOUR]
    with circumstances(Where(address="2001:db8::ffff")), pytest.raises(NeverSent, match="sending limited"):
        charge(elsewhere(999))
    with circumstances(Where(address="2001:db8:0:1::1")):
        charge(elsewhere(999))


def test_the_campus_is_no_single_network(db: None, settings: Any) -> None:
    settings.MFA_CAMPUS_NETWORKS = ["192.0.2.0/24"]
    with circumstances(Where(address="192.0.2.7")):
        assert charged(FROM_A_NETWORK[HOUR] + 10, lambda n: mobile(n % 10, block=1000 + n)) == FROM_A_NETWORK[HOUR] + 10


def test_another_country_is_sent_so_much_a_day_and_the_others_go_on(db: None, settings: Any, ada: Account) -> None:
    settings.MFA_SENDING_ABROAD_PER_DAY = 3

    def abroad(n: int) -> PhoneNumber:
        return PhoneNumber.from_string(f"+4474001{n:05}")

    assert charged(5, abroad) == 3
    charge(mobile())
    event = Event.objects.get(name="sending:stopped")
    assert event.after == {"country": "GB", "sent": 3}
    assert Message.objects.get(template="sending-stopped").account == ada


def test_the_breaker_stops_everything_that_costs_and_tells_the_administrators_once(
    db: None, settings: Any, ada: Account, noon: Any
) -> None:
    settings.MFA_SENDING_PER_HOUR = 4
    assert charged(10, lambda n: mobile(n, block=1000 + n)) == 4
    with pytest.raises(NeverSent, match="sending stopped"):
        charge(mobile(9))
    assert Event.objects.filter(name="sending:stopped").count() == 1
    assert Message.objects.filter(template="sending-stopped", account=ada).count() == 1
    noon.shift(HOUR)
    charge(mobile(9))


def test_with_the_breaker_open_other_methods_sign_in(client: Client, hana: Account, exchange: Exchange, settings: Any) -> None:
    a_phone(hana, way="call")
    app = a_totp_app(hana)
    settings.MFA_SENDING_PER_DAY = 0
    enter_password(client, hana)
    send_all()
    assert exchange.lines == []
    client.post(f"/signin/verify/use/{app.pk}/")
    client.post("/signin/verify/", {"code": app_code(), "method": str(app.pk), "way": ""})
    assert has_session(client)


def test_with_the_breaker_open_the_page_says_so(client: Client, hana: Account, exchange: Exchange, settings: Any) -> None:
    phone = a_phone(hana, way="call")
    settings.MFA_SENDING_PER_DAY = 0
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{phone.pk}/", {"way": "call"})
    send_all()
    page = client.get("/signin/verify/").content.decode()
    assert "The call could not be made. Call again, or use a different verification option." in page
    assert exchange.lines == []


def test_what_waits_is_not_sent_after_sending_was_stopped(client: Client, hana: Account, exchange: Exchange, settings: Any) -> None:
    a_phone(hana, way="call")
    enter_password(client, hana)
    settings.MFA_SENDING_PER_HOUR = 0
    send_all()
    assert exchange.lines == []
    assert Message.objects.get(channel="call").problem == "sending stopped"


def test_a_number_that_may_no_longer_be_reached_is_neither_called_nor_texted(
    client: Client, hana: Account, exchange: Exchange, settings: Any
) -> None:
    """R-076: looked at again when it is sent."""
    a_phone(hana, "+447400123456", way="call")
    enter_password(client, hana)
    settings.MFA_PHONE_COUNTRIES = ["JP"]
    send_all()
    assert exchange.lines == []
    assert Message.objects.get(channel="call").problem == "number not allowed"


def sent() -> int:
    return SendingCount.objects.get(scope="all-hour").sent


def test_a_call_is_counted_once_however_often_the_worker_tries(client: Client, hana: Account, exchange: Exchange, noon: Any) -> None:
    a_phone(hana, way="call")
    enter_password(client, hana)
    exchange.trouble = NotSent("20429")
    for _ in range(3):
        send_all()
        noon.shift(timedelta(seconds=10))
    exchange.trouble = None
    send_all()
    assert len(exchange.lines) == 1
    assert sent() == 1


def test_looking_at_the_page_costs_nothing(client: Client, hana: Account, exchange: Exchange) -> None:
    a_phone(hana, way="call")
    enter_password(client, hana)
    for _ in range(5):
        client.get("/signin/verify/")
        send_all()
    assert len(exchange.lines) == 1
    assert sent() == 1


def test_pumping_through_the_form_comes_to_an_end(exchange: Exchange, db: None) -> None:
    """Many accounts, one network, numbers in a row."""
    through = 0
    for account in range(12):
        client = fresh_browser(an_account())
        for n in range(8):
            enter_number(client, f"080-1234-{account:02}{n:02}", way="call")
            send_all()
        through = len(exchange.lines)
    assert through == TO_A_BLOCK[HOUR]


def test_numbers_are_not_kept_by_the_counts(db: None) -> None:
    """R-087."""
    charge(mobile(5678))
    assert not SendingCount.objects.filter(key__contains="5678").exists()


def test_old_counts_are_forgotten(db: None, noon: Any) -> None:
    charge(mobile())
    noon.shift(timedelta(days=4))
    assert spending.clear_old() > 0
    assert not SendingCount.objects.exists()


def texts(account: Account, country: str, number: int, *, used: int) -> None:
    for n in range(number):
        state = ChallengeState.PASSED if n < used else ChallengeState.CLOSED
        challenge = Challenge.objects.create(account=account, kind="phone", purpose="sign-in", state=state, expires_at=timezone.now())
        Message.objects.create(
            account=account,
            channel="sms",
            template="text",
            challenge=challenge,
            country=country,
            state=MessageState.SENT,
            gives_up_at=timezone.now(),
        )


def test_administrators_hear_of_a_country_where_texts_are_not_used_once_a_day(hana: Account, ada: Account, noon: Any) -> None:
    """R-079."""
    texts(hana, "JP", 40, used=36)
    texts(hana, "GB", 40, used=2)
    texts(hana, "FR", 5, used=0)
    noon.shift(timedelta(minutes=15))
    for _ in range(3):
        pumping.watch()
    event = Event.objects.get(name="sending:unused")
    assert event.after == {"country": "GB", "sent": 40, "used": 2}
    assert Message.objects.get(template="sending-unused").account == ada
    send_all()
    assert "can be taken out of the rules about methods:\nhttps://mfa.example.ac.jp/policies/\n" in mail.outbox[-1].body
    noon.shift(DAY)
    texts(hana, "GB", 40, used=2)
    noon.shift(timedelta(minutes=15))
    pumping.watch()
    assert Event.objects.filter(name="sending:unused").count() == 2


def test_texts_of_the_last_minutes_are_not_judged_yet(hana: Account, ada: Account) -> None:
    texts(hana, "GB", 40, used=0)
    pumping.watch()
    assert not Event.objects.filter(name="sending:unused").exists()


def test_many_at_once_do_not_get_past_a_limit(parallel: Any, settings: Any, exchange: Exchange) -> None:
    settings.MFA_SENDING_PER_HOUR = 10
    admin = an_account(roles=("administrator",))
    accounts = [an_account() for _ in range(20)]
    for n, account in enumerate(accounts):
        a_phone(account, mobile(n, block=1000 + n).as_e164, way="call")
    for account in accounts:
        enter_password(Client(), account)
    calls = list(Message.objects.filter(channel="call").values_list("pk", flat=True))
    outcomes = parallel(20, lambda n: delivery.deliver(calls[n]))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert len(exchange.lines) == 10
    assert SendingCount.objects.get(scope="all-hour").sent == 10
    assert Message.objects.filter(template="sending-stopped", account=admin).count() == 1
    assert states().count("failed") == 10
