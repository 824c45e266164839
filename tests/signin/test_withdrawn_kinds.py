"""A kind that the method policy takes away between the password and the answer: nothing it says counts, and the page says the way out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from methods.answers import Outcome, Question, judge
from methods.challenges import ask, asked_by, method
from methods.models import Challenge, ChallengeState, Message, Purpose, RegisteredMethod
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.rulebook.storing import to_json
from policies.switching import switch_on
from tests.factories import a_phone, a_totp_app, an_affiliation, app_code, signed_in
from tests.methods.people import fresh_browser
from tests.methods.push_phone import Phone, a_push_app, number_on
from tests.methods.security_key import asked_on
from tests.methods.test_fido_pages import add_key
from tests.policies.books import a_book, in_force, methods_of
from tests.signin.door import HOME, enter_code, enter_password, failures, has_session

pytestmark = pytest.mark.django_db
ALWAYS = {"asks": "verify"}
SAID = "does not accept methods of this kind any more"
NO_MORE = "None of your verification methods is accepted"


def without(*kinds: str) -> None:
    """A version that allows these kinds no more is in force; as when another process switched it on in the very moment of the answer."""
    rest = [kind for kind in ("fido", "push", "totp", "phone", "email") if kind not in kinds]
    in_force(ALWAYS, methods=(methods_of(*rest),))


def by_a_version_that_is_switched_on() -> None:
    content = to_json(a_book(ALWAYS, groups=(), methods=(methods_of("fido", "phone"),)))
    made = timezone.now()
    PolicyVersion.objects.create(number=1, state=VersionState.DRAFT, content=content, made_at=made)
    switch_on(0, actor=None, reason="Codes are typed into the wrong pages", without=0)


def by_another_process() -> None:
    without("totp")


def by_a_move_to_another_faculty() -> None:
    in_force(ALWAYS, methods=(methods_of("fido", "phone", affiliations=frozenset({"letters"})), methods_of()))
    Account.objects.update(affiliation=an_affiliation("letters"))


@pytest.mark.covers("S-02")
@pytest.mark.parametrize("change", [by_a_version_that_is_switched_on, by_another_process, by_a_move_to_another_faculty])
def test_the_right_code_opens_nothing_any_more_and_another_method_goes_on(
    waiting: Client, hana: Account, change: Callable[[], None]
) -> None:
    phone = a_phone(hana)
    change()
    answer = waiting.get(enter_code(waiting)["Location"], follow=True)
    assert SAID in answer.content.decode()
    assert "Temporary Access Pass" in answer.content.decode()
    assert not has_session(waiting)
    assert failures(hana) == 0, "it was no wrong code"
    assert "Text a code" in answer.content.decode()
    assert waiting.post(f"/signin/verify/use/{phone.pk}/", {"way": "text"})["Location"] == "/signin/verify/"
    assert Challenge.objects.filter(kind="phone", state=ChallengeState.OPEN).exists()


def test_whoever_has_nothing_else_reads_the_way_out(waiting: Client) -> None:
    without("totp")
    page = waiting.get(enter_code(waiting)["Location"], follow=True).content.decode()
    assert NO_MORE in page
    assert "How do you want to verify" not in page
    assert not has_session(waiting)


def test_the_last_day_of_a_kind_ends_at_midnight_also_for_who_is_at_the_door(client: Client, hana: Account, app: RegisteredMethod) -> None:
    midnight = datetime.now(ZoneInfo("Asia/Tokyo")).replace(hour=23, minute=59, second=30, microsecond=0)
    in_force(ALWAYS, methods=(methods_of("fido", "totp", last_days={"totp": midnight.date()}),))
    with time_machine.travel(midnight, tick=False):
        enter_password(client, hana)
    with time_machine.travel(midnight + timedelta(minutes=1), tick=False):
        enter_code(client)
    assert not has_session(client)
    with time_machine.travel(midnight + timedelta(seconds=20), tick=False):
        enter_code(client)
    assert has_session(client)


def test_nothing_more_is_sent_in_such_a_way(client: Client, hana: Account) -> None:
    a_phone(hana)
    enter_password(client, hana)
    sent = Message.objects.count()
    without("phone")
    with time_machine.travel(timezone.now() + timedelta(seconds=40), tick=False):
        page = client.post("/signin/verify/resend/", follow=True).content.decode()
    assert SAID in page
    assert Message.objects.count() == sent


def test_what_a_device_says_by_itself_is_not_heard(client: Client, hana: Account) -> None:
    phone = Phone()
    a_push_app(hana, phone)
    a_totp_app(hana)
    enter_password(client, hana)
    number = number_on(client.get("/signin/verify/"))
    [request] = phone.requests()
    without("push")
    phone.yes(number, request["request"])
    assert Challenge.objects.get(kind="push").approved_at is None
    client.post("/signin/verify/")
    assert not has_session(client)


def test_a_session_is_not_proved_anew_by_it(hana: Account, app: RegisteredMethod) -> None:
    a_phone(hana)
    client = Client()
    signed_in(client, hana, verified=False)
    client.get("/signin/step-up/")
    without("totp")
    answer = client.post("/signin/step-up/", {"method": app.pk, "code": app_code(), "next": HOME}, follow=True)
    assert SAID in answer.content.decode()
    assert not Event.objects.filter(name=EventName.CHALLENGE_PASSED).exists()
    assert failures(hana) == 0
    without("totp", "phone")
    answer = client.get("/signin/step-up/")
    assert answer.status_code == 403
    assert "does not accept your verification methods any more" in answer.content.decode()


def test_an_account_for_emergencies_keeps_its_key(hana: Account, settings: Any) -> None:
    settings.MFA_BREAK_GLASS = [hana.common_id]
    key = add_key(fresh_browser(hana))
    client = Client()
    enter_password(client, hana)
    page = client.get("/signin/verify/")
    without("fido")
    client.post("/signin/verify/", {"code": key.get(asked_on(page))})
    assert has_session(client)


def test_other_programs_on_the_same_devices_are_told_no(hana: Account, app: RegisteredMethod) -> None:
    device = app.totpdevice  # type: ignore[attr-defined]
    without("totp")
    device.user = Account.objects.get(pk=hana.pk)
    assert device.verify_is_allowed()[0] is False
    assert device.verify_token(app_code()) is False


def test_what_is_being_registered_is_judged_by_what_may_be_registered(hana: Account) -> None:
    """A question to a device that is to become a method is no verification: `lifecycle` refuses it in words of its own."""
    client = Client()
    signed_in(client, hana, verified=True)
    client.post("/security-info/totp/")
    without("totp")
    assert Challenge.objects.filter(purpose=Purpose.REGISTER, state=ChallengeState.OPEN).exists()
    client.post("/security-info/totp/scan/", {"code": "000000", "name": ""})
    assert not RegisteredMethod.objects.filter(account=hana).exists()


def test_a_caller_proves_nothing_with_it(hana: Account, app: RegisteredMethod) -> None:
    challenge = ask(hana, method(app), purpose=Purpose.CALLER, binding="case:1")
    without("totp")
    judged = judge(hana.pk, app_code(), Question(Purpose.CALLER, "case:1", asked_by(challenge)))
    assert (judged.outcome, judged.proof) == (Outcome.WITHDRAWN, None)


def test_a_code_of_a_withdrawn_kind_is_no_wrong_code_of_another_that_was_asked_before(waiting: Client, hana: Account) -> None:
    app, phone = RegisteredMethod.objects.get(account=hana, kind="totp"), a_phone(hana)
    waiting.post(f"/signin/verify/use/{phone.pk}/", {"way": "text"})
    waiting.post(f"/signin/verify/use/{app.pk}/", {"way": ""})
    by_a_version_that_is_switched_on()
    answer = waiting.post("/signin/verify/", {"code": app_code(), "method": str(app.pk), "way": ""})
    assert answer["Location"] == "/signin/verify/options/"
    assert SAID in waiting.get(answer["Location"]).content.decode()
    assert failures(hana) == 0
