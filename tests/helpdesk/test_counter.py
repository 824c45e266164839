"""Counter mode: a code on the person's own screen, a clerk with that one right, and a pass for that browser alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from helpdesk.models import Case, CaseSource
from helpdesk.velocity import COUNTER
from methods.models import Message, MethodState
from signin import counter
from signin.models import CounterRequest
from tests.factories import a_totp_app, an_account
from tests.harness.parallel import Outcome
from tests.helpdesk.conftest import REASON
from tests.signin.door import enter_password, leads_to_password

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]


@pytest.fixture
def clerk(browser_of: Browser) -> Client:
    return browser_of(an_account(roles=("counter",)))


@pytest.fixture
def person(hana: Account) -> Client:
    """Hana at the counter: the phone is gone, the password was right, the code is on her screen."""
    a_totp_app(hana, state=MethodState.SUSPENDED, is_default=False)
    Account.objects.filter(pk=hana.pk).update(mfa_asked_here=True, methods_needed=True)
    client = Client()
    assert enter_password(client, hana)["Location"] == "/signin/refused/"
    assert client.get("/signin/refused/").status_code == 403
    client.post("/signin/counter/")
    return client


def confirm(clerk: Client, common_id: str, code: str = "") -> int:
    code = code or CounterRequest.objects.latest("pk").said
    return clerk.post(reverse("helpdesk:confirm-counter"), {"code": code, "common_id": common_id}).status_code


@pytest.mark.covers("S-142")
def test_the_card_is_seen_and_the_pass_registers_a_method_on_the_persons_own_screen(person: Client, clerk: Client, hana: Account) -> None:
    shown = CounterRequest.objects.get()
    assert shown.said in person.get("/signin/counter/").content.decode()
    assert "Hana Sato" in clerk.get(reverse("helpdesk:counter"), {"code": shown.code}).content.decode()
    assert "data-poll-submit" not in person.get("/signin/counter/waiting/").content.decode()
    assert confirm(clerk, hana.common_id) == 302
    assert 'data-poll-submit="#take"' in person.get("/signin/counter/waiting/").content.decode()
    page = person.post("/signin/counter/take/").content.decode()
    found = dict(re.findall(r'name="(method|way|code)" value="([^"]*)"', page))
    assert person.post("/signin/verify/", found)["Location"] == "/signin/more-information/"
    event = Event.objects.get(name=EventName.COUNTER_CONFIRMED)
    assert (event.account_id, event.actor_kind) == (hana.pk, "staff")
    assert Message.objects.filter(account=hana, template="counter-confirmed", facts__has_key="stop").exists()
    assert Case.objects.filter(account=hana, source=CaseSource.COUNTER).count() == 1


def test_the_alarm_about_a_busy_clerk_has_no_link_that_stops_what_was_done_for_a_person(
    person: Client, clerk: Client, hana: Account, sato: Account, settings: Any
) -> None:
    settings.MFA_STAFF_LIMITS = [f"{COUNTER}=1/2"]
    assert confirm(clerk, hana.common_id) == 302
    alarms = Message.objects.filter(template="staff-busy", account=sato)
    assert alarms.exists()
    assert not alarms.filter(facts__has_key="stop").exists()


def test_before_the_clerk_has_confirmed_there_is_no_pass(person: Client) -> None:
    assert person.post("/signin/counter/take/")["Location"] == "/signin/counter/"


def test_the_pass_is_for_the_browser_that_showed_the_code(person: Client, clerk: Client, hana: Account) -> None:
    confirm(clerk, hana.common_id)
    other = Client()
    enter_password(other, hana)
    assert leads_to_password(other.post("/signin/counter/take/"))
    assert person.post("/signin/counter/take/").status_code == 200


def test_it_is_taken_and_confirmed_once(person: Client, clerk: Client, hana: Account) -> None:
    assert [confirm(clerk, hana.common_id), confirm(clerk, hana.common_id)] == [302, 409]
    assert person.post("/signin/counter/take/").status_code == 200
    assert person.post("/signin/counter/take/").status_code == 302
    assert Event.objects.filter(name=EventName.ACCESS_PASS_ISSUED).count() == 1


def test_a_second_click_ends_no_sign_in_and_says_to_the_person_where_the_pass_is(person: Client, clerk: Client, hana: Account) -> None:
    confirm(clerk, hana.common_id)
    shown = dict(re.findall(r'name="(method|way|code)" value="([^"]*)"', person.post("/signin/counter/take/").content.decode()))
    assert person.post("/signin/counter/take/")["Location"] == "/signin/counter/"
    page = person.get("/signin/counter/").content.decode()
    assert "The pass has been shown" in page
    assert "Ask the person" not in page
    assert 'id="take"' not in page, "nothing sends the form once more"
    assert person.post("/signin/verify/", shown)["Location"] == "/signin/more-information/"


def test_the_page_of_the_pass_loaded_anew_leads_to_what_happened_to_it(person: Client, clerk: Client, hana: Account) -> None:
    assert person.get("/signin/counter/take/")["Location"] == "/signin/counter/"
    assert CounterRequest.objects.get().taken_at is None
    confirm(clerk, hana.common_id)
    page = person.post("/signin/counter/take/").content.decode()
    assert "It is shown this once" in page
    assert 'value="/signin/counter/take/"' not in page, "no switch of the language, after which the pass would be gone"
    assert "The pass has been shown" in person.get("/signin/counter/take/", follow=True).content.decode()


def test_the_card_of_somebody_else_confirms_nothing(person: Client, clerk: Client, ken: Account) -> None:
    assert confirm(clerk, ken.common_id) == 409
    assert CounterRequest.objects.get().confirmed_at is None


def test_a_code_that_is_too_old_confirms_nothing(person: Client, clerk: Client, hana: Account) -> None:
    CounterRequest.objects.update(expires_at=timezone.now())
    assert confirm(clerk, hana.common_id) == 409


def test_a_clerk_whose_role_was_withdrawn_meanwhile_has_confirmed_nothing(person: Client, clerk: Client, hana: Account) -> None:
    confirm(clerk, hana.common_id)
    RoleGrant.objects.filter(role="counter").delete()
    assert leads_to_password(person.post("/signin/counter/take/"))
    assert "Your role" not in person.get("/signin/").content.decode(), "it is the clerk's"


def test_people_with_a_role_are_not_helped_at_a_counter(person: Client, clerk: Client, hana: Account) -> None:
    RoleGrant.objects.create(account=hana, role="helpdesk")
    assert confirm(clerk, hana.common_id) == 403


def test_a_clerk_opens_nothing_else_of_the_desk(clerk: Client, hana: Account) -> None:
    assert clerk.get(reverse("helpdesk:account", args=[hana.common_id])).status_code == 403
    assert clerk.post(reverse("helpdesk:unlock", args=[hana.common_id]), REASON).status_code == 403


@pytest.mark.parametrize("text", ["abcd-efgh", "ＡＢＣＤ ＥＦＧＨ", " ABCDEFGH "])
def test_the_code_is_read_however_it_is_typed(text: str) -> None:
    assert counter.read_code(text) == "ABCDEFGH"


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_confirm_once(person: Client, hana: Account, parallel: Parallel) -> None:
    clerks = [an_account(roles=("counter",)) for _ in range(2)]
    code = CounterRequest.objects.get().code
    outcomes = parallel(2, lambda number: counter.confirm(code, actor=clerks[number], common_id=hana.common_id))
    assert sum(outcome.error is None for outcome in outcomes) == 1
