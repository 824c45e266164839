"""R-021 to R-032: how often a code may be wrong, whatever is done in between."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.budgets import VERIFICATION
from accounts.locks import unlock
from accounts.models import Account
from audit.models import Event
from methods.answers import Question, answer
from methods.challenges import method as asking
from methods.kinds.totp.models import TotpDevice
from methods.models import Challenge, ChallengeState, Message, Purpose, RegisteredMethod
from methods.usable import usable
from signin.models import AttemptState, SignInAttempt
from tests.factories import a_phone, a_totp_app, app_code, signed_in
from tests.signin.door import enter_code, enter_password, fail_at_door, failures, has_session, leads_to_password, sign_in, wrong_code

TABLET = b"the key of the tablet"


def a_new_attempt(client: Client, account: Account) -> None:
    enter_password(client, account)


def another_browser(client: Client, account: Account) -> None:
    enter_password(Client(), account)


def another_method(client: Client, account: Account) -> None:
    other = next((one for one in usable(account) if one.name == "tablet"), None) or a_totp_app(account, key=TABLET, name="tablet")
    client.post(f"/signin/verify/use/{other.pk}/")


def a_code_sent(client: Client, account: Account) -> None:
    phone = next((one for one in usable(account) if one.kind == "phone"), None) or a_phone(account)
    client.post(f"/signin/verify/use/{phone.pk}/")
    client.post("/signin/verify/resend/")


def a_wrong_password(client: Client, account: Account) -> None:
    enter_password(Client(), account, password="wrong")


def an_open_page(client: Client, account: Account) -> None:
    client.get("/signin/verify/")
    client.get("/signin/verify/options/")


BETWEEN = [a_new_attempt, another_browser, another_method, a_code_sent, a_wrong_password, an_open_page]


@pytest.mark.parametrize("between", BETWEEN)
def test_nothing_but_success_gives_a_guess_back(client: Client, hana: Account, app: RegisteredMethod, between: Callable[..., None]) -> None:
    enter_password(client, hana)
    for number in range(1, 6):
        between(client, hana)
        enter_code(client, wrong_code())
        assert failures(hana) == number


def test_at_the_cap_the_right_code_is_refused_like_a_wrong_one(client: Client, hana: Account, app: RegisteredMethod) -> None:
    fail_at_door(hana, VERIFICATION.cap)
    answers = []
    for code in (app_code(), wrong_code()):
        visitor = Client()
        assert enter_password(visitor, hana)["Location"] == "/signin/verify/"
        page = visitor.get("/signin/verify/")
        answers.append((page["Location"], enter_code(visitor, code)["Location"], has_session(visitor)))
    assert answers == [("/signin/verify/options/", "/signin/verify/options/", False)] * 2


def test_during_a_hold_a_code_is_neither_consumed_nor_does_it_lengthen_the_hold(
    client: Client, hana: Account, app: RegisteredMethod
) -> None:
    """R-026, for a page that was open before the hold began."""
    with time_machine.travel(timezone.now(), tick=False) as moment:
        enter_password(client, hana)
        fail_at_door(hana, VERIFICATION.cap)
        before = Account.objects.values("failures", "holds", "held_until").get(pk=hana.pk)
        for code in (app_code(), wrong_code()):
            question = Question(Purpose.SIGN_IN, SignInAttempt.objects.earliest("started_at").binding, asking(app))
            assert answer(hana.pk, code, question).outcome == "held"
        assert Account.objects.values("failures", "holds", "held_until").get(pk=hana.pk) == before
        assert TotpDevice.objects.get().last_step == -1
        assert Challenge.objects.filter(state=ChallengeState.OPEN).exists()
        moment.shift(timedelta(minutes=9))
        assert leads_to_password(enter_code(client))


def test_during_a_hold_no_method_can_be_asked(client: Client, hana: Account, app: RegisteredMethod) -> None:
    phone = a_phone(hana)
    fail_at_door(hana, VERIFICATION.cap)
    enter_password(client, hana)
    answer_ = client.post(f"/signin/verify/use/{phone.pk}/")
    assert leads_to_password(answer_)
    assert "too many wrong codes" in client.get("/signin/").content.decode()
    assert not Message.objects.filter(channel="sms").exists()


def test_reaching_the_cap_ends_the_attempt(client: Client, hana: Account, app: RegisteredMethod) -> None:
    """R-032."""
    enter_password(client, hana)
    for _ in range(VERIFICATION.cap - 1):
        assert enter_code(client, wrong_code()).status_code == 200
    assert leads_to_password(enter_code(client, wrong_code()))
    assert SignInAttempt.objects.get().state == AttemptState.OVER
    assert Event.objects.filter(name="signin:abandoned").count() == 1


def test_the_person_is_told_when_verification_is_held(hana: Account, app: RegisteredMethod) -> None:
    """R-016."""
    fail_at_door(hana, VERIFICATION.cap)
    assert Message.objects.get(template="verification-held").address == hana.contact_address


def test_each_hold_is_twice_as_long_up_to_a_day(hana: Account, app: RegisteredMethod) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        fail_at_door(hana, VERIFICATION.cap)
        lengths = []
        for _ in range(9):
            hana.refresh_from_db()
            assert hana.held_until is not None
            lengths.append(hana.held_until - timezone.now())
            moment.move_to(hana.held_until + timedelta(seconds=1))
            fail_at_door(hana, 1)
    assert lengths == [timedelta(minutes=15) * 2**n for n in range(7)] + [timedelta(days=1)] * 2


def test_after_a_hold_the_right_code_signs_in_and_forgives(client: Client, hana: Account, app: RegisteredMethod) -> None:
    fail_at_door(hana, VERIFICATION.cap)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client, hana).status_code == 302
        assert has_session(client)
    hana.refresh_from_db()
    app.refresh_from_db()
    assert (hana.failures, hana.holds, hana.held_until, app.failures) == (0, 0, None, 0)


def test_two_methods_share_one_budget(client: Client, hana: Account, app: RegisteredMethod) -> None:
    other = a_totp_app(hana, key=TABLET, name="tablet")
    fail_at_door(hana, VERIFICATION.cap - 1)
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{other.pk}/")
    assert leads_to_password(enter_code(client, wrong_code(TABLET)))
    assert failures(hana) == VERIFICATION.cap
    app.refresh_from_db()
    other.refresh_from_db()
    assert (app.failures, other.failures) == (VERIFICATION.cap - 1, 1)


def test_success_with_one_method_forgives_the_other_nothing(client: Client, hana: Account, app: RegisteredMethod) -> None:
    other = a_totp_app(hana, key=TABLET, name="tablet")
    fail_at_door(hana, 3)
    enter_password(client, hana)
    client.post(f"/signin/verify/use/{other.pk}/")
    assert enter_code(client, app_code(TABLET)).status_code == 302
    app.refresh_from_db()
    assert (failures(hana), app.failures) == (0, 3)


def test_registering_a_method_forgives_nothing(client: Client, hana: Account, app: RegisteredMethod) -> None:
    fail_at_door(hana, 3)
    signed_in(client, hana)
    client.post("/security-info/totp/")
    assert client.get("/security-info/totp/scan/").status_code == 200
    client.post("/security-info/totp/scan/", {"code": "000000"})
    assert failures(hana) == 4


def test_staff_can_clear_the_hold(client: Client, hana: Account, hiro: Account, app: RegisteredMethod) -> None:
    fail_at_door(hana, VERIFICATION.cap)
    unlock(hana, actor=hiro, reason="called, identity checked")
    assert sign_in(client, hana).status_code == 302
    assert has_session(client)
