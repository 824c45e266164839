"""A counter takes the place of a method and of nothing else: what the policy refuses stays refused."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from methods.models import MethodState
from policies.requirements import Outcome
from signin.models import CounterRequest, SignInAttempt
from signin.verification import ASKED
from tests.factories import a_totp_app, an_account
from tests.policies.books import ADDRESSES, in_force
from tests.signin.door import enter_password, has_session
from tests.signin.test_recovery_address import BY_ADDRESS, confirmed

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
BUTTON = "I am at a counter with my ID card"
REFUSES = {"asks": "refuse", "id": "never"}
VERIFIES = {"asks": "verify", "id": "always"}


@pytest.fixture
def person(hana: Account) -> Client:
    """The phone is gone, so that every sign-in is refused; the password is right."""
    a_totp_app(hana, state=MethodState.SUSPENDED, is_default=False)
    Account.objects.filter(pk=hana.pk).update(mfa_asked_here=True, methods_needed=True)
    return Client()


def at(client: Client, network: str) -> Client:
    client.defaults["REMOTE_ADDR"] = ADDRESSES[network]
    return client


def clerk_confirms(browser_of: Browser, hana: Account) -> int:
    clerk = browser_of(an_account(roles=("counter",)))
    sent = {"code": CounterRequest.objects.get().said, "common_id": hana.common_id}
    return clerk.post(reverse("helpdesk:confirm-counter"), sent).status_code


@pytest.mark.parametrize(("rule", "network"), [(VERIFIES, "bad"), (REFUSES, "hall"), (REFUSES, "")])
def test_what_the_policy_refuses_gets_no_code_and_no_button(rule: dict[str, str], network: str, person: Client, hana: Account) -> None:
    in_force(rule)
    assert enter_password(at(person, network), hana)["Location"] == "/signin/refused/"
    assert BUTTON not in person.get("/signin/refused/").content.decode()
    answer = person.post("/signin/counter/")
    assert answer.status_code == 409
    assert "A pass would not let you in from here" in answer.content.decode()
    assert not CounterRequest.objects.exists()


def test_a_method_that_is_missing_is_what_a_counter_is_for(person: Client, hana: Account) -> None:
    in_force(VERIFIES)
    enter_password(at(person, ""), hana)
    assert BUTTON in person.get("/signin/refused/").content.decode()
    assert person.post("/signin/counter/").status_code == 302


def test_a_code_that_was_confirmed_is_worth_nothing_from_a_blocked_network(person: Client, hana: Account, browser_of: Browser) -> None:
    in_force(VERIFIES)
    enter_password(at(person, ""), hana)
    person.post("/signin/counter/")
    assert clerk_confirms(browser_of, hana) == 302
    assert person.post("/signin/counter/take/", REMOTE_ADDR=ADDRESSES["bad"])["Location"] == "/signin/"
    assert SignInAttempt.objects.get().requirement == Outcome.REFUSE
    assert CounterRequest.objects.get().taken_at is None
    assert not has_session(person)


def test_a_rule_that_is_switched_on_meanwhile_counts(person: Client, hana: Account, browser_of: Browser) -> None:
    in_force(VERIFIES)
    enter_password(at(person, ""), hana)
    person.post("/signin/counter/")
    clerk_confirms(browser_of, hana)
    in_force(REFUSES)
    assert person.post("/signin/counter/take/")["Location"] == "/signin/"
    assert SignInAttempt.objects.get().requirement == Outcome.REFUSE


@pytest.mark.parametrize("outcome", [Outcome.REFUSE, *ASKED])
def test_the_link_to_the_counter_never_ends_the_sign_in_of_whoever_sees_it(outcome: Outcome, person: Client, hana: Account) -> None:
    in_force(VERIFIES)
    enter_password(at(person, ""), hana)
    SignInAttempt.objects.update(requirement=outcome)
    page = "/signin/refused/" if outcome == Outcome.REFUSE else "/signin/verify/options/"
    assert BUTTON in person.get(page).content.decode()
    assert person.get("/signin/counter/").status_code == 200
    assert person.get(page).status_code in {200, 403}


def test_whoever_cannot_read_the_mail_with_the_code_gets_a_pass_at_a_counter(hana: Account, browser_of: Browser) -> None:
    in_force(BY_ADDRESS)
    confirmed(hana)
    person = Client()
    assert enter_password(person, hana)["Location"] == "/signin/verify/"
    person.post("/signin/counter/")
    assert clerk_confirms(browser_of, hana) == 302
    page = person.post("/signin/counter/take/").content.decode()
    given = dict(re.findall(r'name="(method|way|code)" value="([^"]*)"', page))
    assert person.post("/signin/verify/", given)["Location"] == "/signin/more-information/"
