"""The door: passwords, attempts, challenges and sessions."""

from collections.abc import Iterator

from django.urls import reverse
from pytest_django import Settings

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from tests.audit.stages.staging import DOOR, PAGE, REQUEST, browser, stage
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.caller import Exchange
from tests.methods.people import mailed_code, send_all
from tests.methods.push_phone import Phone, a_push_app, number_on
from tests.methods.security_key import asked_on
from tests.methods.test_access_pass import issue, lost_everything
from tests.policies.books import in_force
from tests.signin.door import attempt_of, enter_code, enter_password, wrong_code
from tests.signin.test_policies import with_key
from tests.signin.test_recovery_address import BY_ADDRESS, confirmed


@stage(EventName.PASSWORD_ACCEPTED, on="hana", by="hana", at=DOOR, after="facts rule sensitive")
def a_right_password(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    yield
    enter_password(browser(), hana)


@stage(EventName.PASSWORD_REFUSED, on="hana", at=REQUEST)
def a_wrong_password(hana: Account) -> Iterator[None]:
    yield
    enter_password(browser(), hana, password="guessed")


@stage(EventName.PASSWORD_HELD, on="hana", at=REQUEST)
def a_password_after_too_many_wrong_ones(hana: Account) -> Iterator[None]:
    for _ in range(10):
        enter_password(browser(), hana, password="guessed")
    yield
    enter_password(browser(), hana)


@stage(EventName.SIGNIN_SUCCEEDED, on="hana", by="hana", at=PAGE | {"attempt"}, after="method rule verified_with")
def a_sign_in(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    client = browser()
    enter_password(client, hana)
    yield
    enter_code(client)


@stage(EventName.BREAK_GLASS_USED, on="hana", by="hana", at=PAGE | {"attempt"})
def a_sign_in_with_an_emergency_account(hana: Account, settings: Settings) -> Iterator[None]:
    key, client = with_key(hana), browser()
    settings.MFA_BREAK_GLASS = [hana.common_id]
    enter_password(client, hana)
    answer = key.get(asked_on(client.get("/signin/verify/")))
    yield
    client.post("/signin/verify/", {"code": answer})


@stage(EventName.SIGNIN_REFUSED, on="hana", by="hana", at=DOOR, after="rule strong")
def a_rule_that_refuses(hana: Account) -> Iterator[None]:
    in_force({"asks": "refuse"})
    a_totp_app(hana)
    yield
    enter_password(browser(), hana)


@stage(EventName.SIGNIN_ABANDONED, on="hana", by="hana", at=DOOR)
def the_wrong_code_that_ends_an_attempt(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    client = browser()
    enter_password(client, hana)
    Account.objects.filter(pk=hana.pk).update(failures=9)
    yield
    enter_code(client, wrong_code())


@stage(EventName.SESSION_ENDED, on="hana", by="hana", at=PAGE, after="session")
def a_session_signed_out_from_afar(hana: Account) -> Iterator[None]:
    client, other = browser(hana), browser()
    badge = signed_in(other, hana)
    yield
    client.post(reverse("selfservice:end-session", args=[badge.uid]))


@stage(EventName.CHALLENGE_ISSUED, on="hana", by="hana", at=DOOR, after="kind purpose")
def a_code_that_is_sent(hana: Account) -> Iterator[None]:
    a_phone(hana)
    yield
    enter_password(browser(), hana)


@stage(EventName.CHALLENGE_PASSED, on="hana", by="hana", at=DOOR, after="kind method purpose")
def a_right_code(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    client = browser()
    enter_password(client, hana)
    yield
    enter_code(client)


@stage(EventName.CHALLENGE_FAILED, on="hana", by="hana", at=DOOR, after="failures kind purpose")
def a_wrong_code(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    client = browser()
    enter_password(client, hana)
    yield
    enter_code(client, wrong_code())


@stage(EventName.CHALLENGE_HELD, on="hana", by="hana", at=DOOR, after="kind")
def a_code_after_too_many_wrong_ones(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    client, other = browser(), browser()
    enter_password(client, hana)
    enter_password(other, hana)
    Account.objects.filter(pk=hana.pk).update(failures=9)
    enter_code(other, wrong_code())
    yield
    enter_code(client)


@stage(EventName.CHALLENGE_APPROVED, on="hana", by="hana", at=DOOR, after="asked_from kind name purpose")
def the_number_in_the_app(hana: Account) -> Iterator[None]:
    a_push_app(hana, phone := Phone())
    client = browser()
    enter_password(client, hana)
    number = number_on(client.get("/signin/verify/"))
    yield
    phone.yes(number)


@stage(
    EventName.CHALLENGE_DECLINED,
    on="hana",
    by="hana",
    at=frozenset({"address", "attempt", "request_id"}),
    after="asked_from kind name problem purpose",
)
def a_call_that_is_answered_otherwise(hana: Account, exchange: Exchange) -> Iterator[None]:
    a_phone(hana, way="call")
    enter_password(browser(), hana)
    send_all()
    line = exchange.line.answer()
    yield
    line.hang_up()


@stage(EventName.CHALLENGE_REPORTED, on="hana", by="hana", at=DOOR, after="asked_from kind name purpose")
def no_it_was_not_me(hana: Account) -> Iterator[None]:
    a_push_app(hana, phone := Phone())
    enter_password(browser(), hana)
    yield
    phone.no()


@stage(EventName.ACTIVITY_REPORTED, on="hana", by="hana", at=PAGE, after="event methods report sessions what")
def a_sign_in_that_was_somebody_else(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    stranger = browser()
    enter_password(stranger, hana)
    enter_code(stranger)
    strange, client = Event.objects.get(name=EventName.SIGNIN_SUCCEEDED), browser(hana)
    yield
    client.post(reverse("selfservice:activity-entry", args=[strange.uid]))


@stage(EventName.ACCESS_PASS_USED, on="hana", by="hana", at=DOOR)
def a_pass_that_is_entered(hana: Account, sato: Account) -> Iterator[None]:
    lost_everything(hana)
    code, client = issue(hana, sato), browser()
    enter_password(client, hana)
    yield
    client.post("/signin/verify/", {"code": code})
    assert attempt_of(client).requirement == "register"


@stage(EventName.RECOVERY_ADDRESS_PROVED, on="hana", by="hana", at=DOOR)
def a_code_from_the_recovery_address(hana: Account) -> Iterator[None]:
    in_force(BY_ADDRESS)
    confirmed(hana)
    client = browser()
    enter_password(client, hana)
    code = mailed_code()
    yield
    client.post("/signin/verify/", {"code": code})
