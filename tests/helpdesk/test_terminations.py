"""Two people for the end of MFA use: the page of requests, approving and refusing (R-162)."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from audit.wording import sentence
from methods.models import Message
from policies.applications import withdraw
from policies.homes import home
from policies.models import Application, Home, Termination
from policies.states import ApplicationState
from tests.factories import a_totp_app, a_verification, an_account, signed_in
from tests.helpdesk.conftest import DAYS, Caller, a_request, an_exception, apply_for

pytestmark = pytest.mark.django_db
PAGE = "/helpdesk/terminations/"
Browser = Callable[..., Client]
DECISIONS = ["approve-termination", "refuse-termination"]


@pytest.fixture
def asked(caller: Caller, browser_of: Browser, hiro: Account) -> Caller:
    """Hiro of the help desk has asked for the end of Hana's MFA use, over the page."""
    browser_of(hiro).post(caller.url("request-termination"), DAYS)
    caller.termination = Termination.objects.get()
    return caller


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.covers("S-98")
def test_what_one_asks_for_another_approves(asked: Caller, browser_of: Browser, sato: Account) -> None:
    answer = browser_of(sato).post(asked.url("approve-termination"), follow=True)
    assert "Approved. The connected systems are told when their time has come" in answer.content.decode()
    assert Application.objects.get().state == ApplicationState.TERMINATING
    event = Event.objects.get(name=EventName.TERMINATION_APPROVED)
    assert (event.account_id, event.actor_id) == (asked.account.pk, sato.pk)


def test_a_refused_request_changes_nothing(asked: Caller, browser_of: Browser, sato: Account) -> None:
    browser_of(sato).post(asked.url("refuse-termination"))
    assert asked.is_done("refuse-termination")
    assert Application.objects.get().state == ApplicationState.APPLIED


def test_the_page_shows_exactly_what_would_be_approved(asked: Caller, browser_of: Browser, sato: Account) -> None:
    html = page(browser_of(sato))
    for shown in ("Hana Sato", "1000000001", "Ticket 4711", "Hiro Abe", "Applied for, on its way", "Revision 1", "Sign-in of this site"):
        assert shown in html
    assert "For 30 days the connected systems ask for the password only; then MFA use returns." in html


@pytest.mark.covers("S-98")
def test_a_request_of_which_nothing_can_come_breaks_no_page(asked: Caller, browser_of: Browser, sato: Account) -> None:
    withdraw(asked.account, actor=asked.account)
    browser = browser_of(sato)
    for address in (reverse("helpdesk:terminations"), asked.page):
        assert browser.get(address).status_code == 200
    answer = browser.post(asked.url("approve-termination"))
    assert answer.status_code == 409
    assert "Make a new request" in answer.content.decode()


def test_on_a_restored_site_nobody_is_promised_that_the_systems_are_told(asked: Caller, browser_of: Browser, sato: Account) -> None:
    home()
    Home.objects.update(unsure_since=timezone.now())
    answer = browser_of(sato).post(asked.url("approve-termination"), follow=True)
    assert "told when this site has been checked after the restore" in answer.content.decode()
    assert {message.facts["held"] for message in Message.objects.filter(template="termination-approved")} == {True}


def test_nobody_approves_their_own_request(caller: Caller, browser_of: Browser, sato: Account) -> None:
    browser = browser_of(sato)
    browser.post(caller.url("request-termination"), DAYS)
    caller.termination = Termination.objects.get()
    html = page(browser)
    assert "You made this request yourself. Somebody else has to approve it." in html
    assert caller.url("approve-termination") not in html
    assert browser.post(caller.url("approve-termination")).status_code == 403
    assert not caller.is_done("approve-termination")
    denied = Event.objects.get(name=EventName.ACCESS_DENIED)
    assert (denied.account_id, denied.actor_id, denied.after["why"]) == (caller.account.pk, sato.pk, "own-request")
    assert "it is their own request" in sentence(denied)


def test_whoever_asked_may_take_it_back(asked: Caller, browser_of: Browser, hiro: Account) -> None:
    browser = browser_of(hiro)
    assert "Take back the request" in page(browser)
    browser.post(asked.url("refuse-termination"))
    assert asked.is_done("refuse-termination")


def test_the_help_desk_sees_requests_but_decides_on_none(
    caller: Caller, browser_of: Browser, hiro: Account, somebody_else: Account
) -> None:
    caller.termination = a_request(caller.account, somebody_else)
    html = page(browser_of(hiro))
    assert "Your role does not include this." in html
    assert not [action for action in DECISIONS if caller.url(action) in html]


def test_a_request_about_a_colleague_of_equal_rank_is_not_offered(browser_of: Browser, sato: Account, somebody_else: Account) -> None:
    colleague = an_account(roles=("senior-helpdesk",))
    a_totp_app(colleague, last_signin_at=timezone.now())
    request = a_request(colleague, somebody_else)
    html = page(browser_of(sato))
    assert "This account has a role equal to or above yours." in html
    assert str(request.uid) not in html.replace(f"r-{request.uid}", "")


def test_when_the_account_has_changed_since_the_approval_is_refused(asked: Caller, browser_of: Browser, sato: Account) -> None:
    Application.objects.update(revision=7)
    answer = browser_of(sato).post(asked.url("approve-termination"))
    assert answer.status_code == 409
    assert "The account has changed since the request was made. Make a new request." in answer.content.decode()
    assert not asked.is_done("approve-termination")


def test_when_the_requester_lost_the_right_the_approval_is_refused(
    asked: Caller, browser_of: Browser, sato: Account, hiro: Account
) -> None:
    RoleGrant.objects.filter(account=hiro).delete()
    assert browser_of(sato).post(asked.url("approve-termination")).status_code == 409
    assert not asked.is_done("approve-termination")


def test_of_somebody_who_has_a_role_whoever_approves_reads_how_long_it_waits(
    browser_of: Browser, somebody_else: Account, sato: Account, ada: Account
) -> None:
    colleague = an_account(roles=("helpdesk",))
    a_totp_app(colleague, last_signin_at=timezone.now())
    request = a_request(colleague, somebody_else)
    browser = browser_of(sato)
    assert "it is begun 24 hours after the approval, unless the person stops it" in page(browser)
    answer = browser.post(reverse("helpdesk:approve-termination", args=[request.uid]), follow=True)
    assert "Approved. It takes effect when the waiting time is over" in answer.content.decode()


@pytest.mark.parametrize("action", DECISIONS)
def test_a_decided_request_cannot_be_decided_again(action: str, asked: Caller, browser_of: Browser, sato: Account) -> None:
    browser = browser_of(sato)
    browser.post(asked.url("refuse-termination"))
    answer = browser.post(asked.url(action))
    assert answer.status_code == 409
    assert "This request has already been decided or has expired." in answer.content.decode()


def test_an_expired_request_is_gone_from_the_list_and_cannot_be_approved(asked: Caller, browser_of: Browser, sato: Account) -> None:
    Termination.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    browser = browser_of(sato)
    assert "No request is waiting" in page(browser)
    assert browser.post(asked.url("approve-termination")).status_code == 409


def test_what_was_decided_last_is_listed(asked: Caller, browser_of: Browser, sato: Account) -> None:
    browser = browser_of(sato)
    browser.post(asked.url("refuse-termination"))
    html = page(browser)
    assert "Decided last" in html
    assert sato.common_id in html.split("Decided last")[1]


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
@pytest.mark.parametrize("action", DECISIONS)
def test_only_a_posted_form_decides(action: str, method: str, asked: Caller, browser_of: Browser, sato: Account) -> None:
    assert getattr(browser_of(sato), method)(asked.url(action)).status_code == 405
    assert not asked.is_done(action)


@pytest.mark.parametrize("action", DECISIONS)
def test_a_form_from_elsewhere_decides_nothing(action: str, asked: Caller, sato: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(strict, sato)
    assert strict.post(asked.url(action)).status_code == 403
    assert not asked.is_done(action)


@pytest.mark.parametrize("action", DECISIONS)
def test_an_old_verification_decides_nothing(action: str, asked: Caller, sato: Account) -> None:
    stale = Client()
    signed_in(stale, sato, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    assert "Verify yourself first" in page(stale)
    answer = stale.post(asked.url(action))
    assert answer.headers["Location"] == f"{reverse('signin:step-up')}?next=%2Fhelpdesk%2Fterminations%2F"
    assert not asked.is_done(action)


@pytest.mark.parametrize("action", DECISIONS)
def test_a_request_that_does_not_exist_is_not_found(action: str, browser_of: Browser, sato: Account) -> None:
    assert browser_of(sato).post(reverse(f"helpdesk:{action}", args=[uuid.uuid4()])).status_code == 404


def test_the_page_takes_at_most_eleven_queries_however_many_wait(
    browser_of: Browser, sato: Account, somebody_else: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(6):
        account = an_account()
        a_totp_app(account, last_signin_at=timezone.now())
        apply_for(account)
        a_request(account, somebody_else)
    browser = browser_of(sato)
    with django_assert_max_num_queries(11):
        page(browser)


def test_a_list_that_is_cut_says_so(asked: Caller, browser_of: Browser, sato: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, said = browser_of(sato), "of a kind are shown at once"
    assert said not in page(browser)
    monkeypatch.setattr("helpdesk.termination_views.SHOWN", 1)
    assert f"No more than 1 {said}" in page(browser)


@pytest.mark.covers("C-08")
def test_without_end_is_offered_to_administrators_alone(caller: Caller, browser_of: Browser, ada: Account, sato: Account) -> None:
    assert 'name="without_end"' not in browser_of(sato).get(caller.page).content.decode()
    assert 'name="without_end"' in browser_of(ada).get(caller.page).content.decode()
    browser_of(sato).post(caller.url("request-termination"), DAYS | {"without_end": "on"})
    assert Termination.objects.get().days == int(DAYS["days"])


@pytest.mark.covers("C-08")
def test_what_an_administrator_asks_for_without_end_says_so_to_whoever_approves(
    caller: Caller, browser_of: Browser, ada: Account, sato: Account
) -> None:
    browser_of(ada).post(caller.url("request-termination"), DAYS | {"without_end": "on"})
    assert "The connected systems ask for the password only without end" in page(browser_of(sato))
    caller.termination = Termination.objects.get()
    browser_of(sato).post(caller.url("approve-termination"))
    caller.termination.refresh_from_db()
    assert (caller.termination.state, caller.termination.ends_at) == ("approved", None)


@pytest.mark.covers("C-08")
def test_a_request_without_end_stands_on_the_pages_of_the_account_and_of_its_case(
    caller: Caller, browser_of: Browser, ada: Account, sato: Account
) -> None:
    browser_of(ada).post(caller.url("request-termination"), DAYS | {"without_end": "on"})
    [case] = caller.account.cases.all()
    for address in (caller.page, reverse("helpdesk:case", args=[case.number])):
        answer = browser_of(sato).get(address, follow=True)
        assert answer.status_code == 200
    assert "The connected systems ask for the password only without end" in browser_of(sato).get(caller.page).content.decode()


@pytest.mark.covers("C-08")
def test_ending_an_exception_belongs_to_a_case(caller: Caller, browser_of: Browser, hiro: Account, sato: Account) -> None:
    assert caller.url("end-exception") not in browser_of(hiro).get(caller.page).content.decode()
    an_exception(caller.account, sato)
    assert caller.url("end-exception") in browser_of(hiro).get(caller.page).content.decode()
    browser_of(hiro).post(caller.url("end-exception"), {"reason": "the arm is well again"})
    event = Event.objects.get(name=EventName.TERMINATION_CUT_SHORT)
    assert (event.actor_id, event.reason) == (hiro.pk, "the arm is well again")
    assert event.case
