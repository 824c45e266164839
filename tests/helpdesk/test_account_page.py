"""The page of an account: what staff read on it, what is missing and why, and what must never be there."""

import re
from base64 import b32encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, FailureBudget, RoleGrant, SessionRecord
from audit.catalogue import EventName
from audit.models import Event
from helpdesk.cases import open_case
from helpdesk.models import Approval, CaseKind, CaseSource, StaffCount
from methods.kinds.phone.models import PhoneDevice
from methods.models import MethodState, RegisteredMethod
from methods.phones import masked
from policies.homes import home
from policies.models import Application, ConnectedSystem, Delivery, Home
from policies.models.deliveries import Desired
from policies.planning import plan
from policies.systems import ensure_system
from tests.factories import a_phone, a_totp_app, a_verification, an_account, signed_in
from tests.helpdesk.conftest import Caller, a_report, a_request, apply_for

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def page(client: Client, account: Account) -> str:
    answer = client.get(f"/helpdesk/accounts/{account.common_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_who_the_caller_is(desk: Client, hana: Account) -> None:
    html = page(desk, hana)
    for fact in ("Hana Sato", "佐藤 花", "1000000001", "Faculty of Science", "Student", hana.contact_address):
        assert fact in html


def test_the_state_comes_with_a_sentence_to_say_and_the_next_step(desk: Client, hana: Account) -> None:
    html = page(desk, hana)
    assert "No verification method registered" in html
    assert "No verification method is registered yet." in html
    assert "Ask the caller to open Security info and register a first method." in html


@pytest.mark.covers("S-141")
def test_each_state_is_called_by_its_name(desk: Client, hana: Account) -> None:
    method = a_totp_app(hana)
    assert "Registered, not tried yet" in page(desk, hana)
    RegisteredMethod.objects.filter(pk=method.pk).update(last_signin_at=timezone.now())
    assert "Tried, not applied for yet" in page(desk, hana)
    apply_for(hana)
    assert "Applied for, on its way" in page(desk, hana)


def test_a_lock_comes_first(desk: Client, caller: Caller) -> None:
    html = page(desk, caller.account)
    assert html.index("Locked until ") < html.index("Applied for, on its way")
    assert "I can unlock your account now." in html


def test_an_account_that_has_left_says_so_alone(desk: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(left_at=timezone.now())
    html = page(desk, hana)
    assert "Has left the institution" in html
    assert "No verification method registered" not in html


def test_a_caller_who_may_register_anew_is_told_until_when(desk: Client, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(recovery_until=timezone.now() + timedelta(days=2))
    assert "May register anew until" in page(desk, hana)


@pytest.mark.covers("S-139")
def test_the_sentence_is_there_in_the_callers_language_too(desk: Client, caller: Caller) -> None:
    assert "saying-translated" not in page(desk, caller.account)
    Account.objects.filter(pk=caller.account.pk).update(language="ja")
    html = page(desk, caller.account)
    assert "I can unlock your account now." in html
    assert re.search(r'<span class="saying-translated" lang="ja">[^<]*ロックを解除できます。</span>', html)


def test_methods_are_listed_with_when_they_were_last_proven(desk: Client, hana: Account) -> None:
    a_totp_app(hana, name="My phone", last_proven_at=timezone.now())
    a_totp_app(hana, name="Old phone", last_proven_at=None, state=MethodState.SUSPENDED, is_default=False)
    html = page(desk, hana)
    for fact in ("My phone", "last proven", "never proven", "Default sign-in method", ">Suspended<"):
        assert fact in html


def test_neither_numbers_nor_secrets_are_shown(desk: Client, hana: Account) -> None:
    seed = b"a very secret seed, indeed"
    a_totp_app(hana, key=seed)
    phone = a_phone(hana, "+819012345678")
    phone.hint = masked(PhoneDevice.objects.get(method=phone).number)
    phone.save()
    html = page(desk, hana)
    assert "+81 ••••••••78" in html
    for secret in ("9012345678", "12345678", "345678", "5678", "a very secret seed", b32encode(seed).decode()[:16]):
        assert secret not in html


def test_a_removed_method_is_not_listed(desk: Client, hana: Account) -> None:
    a_totp_app(hana, name="Gone", state=MethodState.REMOVED, is_default=False)
    assert "Gone" not in page(desk, hana)


def test_open_sessions_are_listed_with_when_where_and_with_what(desk: Client, hana: Account) -> None:
    badge = signed_in(Client(), hana)
    SessionRecord.objects.filter(pk=badge.pk).update(browser="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", address="192.0.2.8")
    html = page(desk, hana)
    for fact in ("Firefox · Windows", "192.0.2.8", "Authenticator app", "End session"):
        assert fact in html


@pytest.mark.covers("S-92")
def test_an_application_on_its_way_is_shown_system_by_system(desk: Client, caller: Caller) -> None:
    html = page(desk, caller.account)
    assert "Application for MFA use" in html
    for shown in ("0 of 1 confirmed", "Sign-in of this site", "about 40 minutes left", "usually until", "0 attempts."):
        assert shown in html


def test_a_system_for_which_nobody_waits_is_shown_until_it_has_confirmed(desk: Client, caller: Caller) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", required=False)
    plan(Application.objects.get(), Desired.ON, ConnectedSystem.objects.filter(code="mail"), now=timezone.now())
    Delivery.objects.filter(system__code="local").update(state="confirmed", confirmed_at=timezone.now())
    Application.objects.update(state="in-effect")
    html = page(desk, caller.account)
    assert "1 of 2 confirmed" in html
    assert "Mail" in html
    Delivery.objects.update(state="confirmed", confirmed_at=timezone.now())
    html = page(desk, caller.account)
    assert "<summary>Connected systems: 2 of 2 confirmed</summary>" in html, "folded away, with the times"
    assert "data-poll-url" not in html


def test_after_a_restore_a_change_waits_until_the_site_is_confirmed(desk: Client, caller: Caller) -> None:
    home()
    assert "Waits until the staff have checked this site." not in page(desk, caller.account)
    Home.objects.update(unsure_since=timezone.now())
    assert "Waits until the staff have checked this site." in page(desk, caller.account)


def test_a_termination_that_waits_is_shown_and_not_offered_again(desk: Client, caller: Caller, somebody_else: Account) -> None:
    a_request(caller.account, somebody_else)
    html = page(desk, caller.account)
    assert "A termination waits for approval" in html
    assert "A termination has already been requested for this account and waits for approval." in html
    assert caller.url("request-termination") not in html


def test_last_events_are_shown_without_the_views_of_staff(desk: Client, hana: Account) -> None:
    page(desk, hana)
    html = page(desk, hana)
    assert "looked at the account" not in html
    assert "Nothing has happened yet." in html


def test_what_a_colleague_did_is_shown_with_the_reason(desk: Client, browser_of: Browser, sato: Account, caller: Caller) -> None:
    browser_of(sato).post(caller.url("unlock"), {"reason": "Showed the card, <4711>"})
    html = page(desk, caller.account)
    assert "1000000001 was unlocked by 1000000004." in html
    assert "“Showed the card, &lt;4711&gt;”" in html


@pytest.mark.covers("S-146")
def test_looking_at_an_account_is_recorded(desk: Client, hana: Account, hiro: Account) -> None:
    page(desk, hana)
    event = Event.objects.get(name=EventName.ACCOUNT_VIEWED)
    assert (event.account_id, event.actor_id) == (hana.pk, hiro.pk)


def test_the_link_to_all_events_is_for_those_who_may_follow_it(desk: Client, browser_of: Browser, hana: Account, ada: Account) -> None:
    assert "/audit/?account=1000000001" not in page(desk, hana)
    assert "/audit/?account=1000000001" in page(browser_of(ada), hana)


ALL_FORMS = ("/lock/", "unlock/", "require-reregistration/", "request-termination/", "/end/")


def test_staff_with_all_rights_are_offered_every_form(browser_of: Browser, sato: Account, caller: Caller) -> None:
    html = page(browser_of(sato), caller.account)
    assert all(form in html for form in ALL_FORMS)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("sato", "Staff tools cannot be used on your own account. Ask a colleague."),
        ("ada", "This account has a role equal to or above yours. Ask somebody with a higher role."),
        ("aki", "This account has a role equal to or above yours. Ask somebody with a higher role."),
    ],
)
def test_where_nothing_may_be_done_the_page_says_why_once(
    target: str, why: str, browser_of: Browser, sato: Account, request: pytest.FixtureRequest
) -> None:
    html = page(browser_of(sato), request.getfixturevalue(target))
    assert html.count(why) == 1
    assert not [form for form in ALL_FORMS if form in html]


@pytest.mark.parametrize(
    "why",
    [
        "This account is not locked.",
        "There is no method to reset on this account.",
        "MFA use is not applied for on this account, so there is nothing to terminate.",
    ],
)
def test_an_action_that_would_change_nothing_is_missing_with_the_reason(
    why: str, browser_of: Browser, sato: Account, hana: Account
) -> None:
    html = page(browser_of(sato), hana)
    assert why in html
    assert not [form for form in ALL_FORMS[1:] if form in html]


def test_an_action_beyond_ones_role_is_missing_with_the_reason(desk: Client, caller: Caller) -> None:
    html = page(desk, caller.account)
    assert "Your role does not include this." in html
    assert caller.url("require-reregistration") not in html
    assert caller.url("unlock") in html


def test_after_ten_minutes_the_page_asks_to_verify_before_anything_is_typed(caller: Caller, hiro: Account) -> None:
    stale = Client()
    signed_in(stale, hiro, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    html = page(stale, caller.account)
    assert f'href="/signin/step-up/?next={caller.page}"' in html
    assert not [form for form in ALL_FORMS if form in html]


def test_a_session_with_the_password_alone_sees_nothing(browser_of: Browser, hana: Account, hiro: Account) -> None:
    browser = browser_of(hiro, verified=False)
    for address in ("/helpdesk/", f"/helpdesk/accounts/{hana.common_id}/", "/helpdesk/terminations/"):
        assert browser.get(address).headers["Location"].startswith("/signin/step-up/")
    assert not Event.objects.filter(name=EventName.ACCOUNT_VIEWED).exists()


def test_an_account_that_does_not_exist_is_not_found(desk: Client) -> None:
    assert desk.get("/helpdesk/accounts/1999999999/").status_code == 404


@pytest.fixture
def everything(caller: Caller, somebody_else: Account) -> Caller:
    """A caller on whose page nothing is missing: methods, sessions, cases, proofs, requests of both kinds, deliveries, reports."""
    for number in range(5):
        a_totp_app(caller.account, name=f"App {number}")
        signed_in(Client(), caller.account)
    case = open_case(caller.account, actor=None, kind=CaseKind.LOST, source=CaseSource.SYSTEM)
    now = timezone.now()
    Approval.objects.create(
        case=case,
        account=caller.account,
        action="require-reregistration",
        snapshot={"methods": []},
        requested_by=somebody_else,
        expires_at=now + timedelta(days=1),
    )
    a_request(caller.account, somebody_else)
    a_report(caller.account)
    FailureBudget.objects.create(
        scope="password", key=f"{caller.account.pk}:192.0.2.1", changed_at=now, held_until=now + timedelta(hours=1)
    )
    return caller


def test_the_page_takes_at_most_eighteen_queries_whatever_is_on_it(
    browser_of: Browser, everything: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    senior = an_account(roles=("senior-helpdesk",))
    RoleGrant.objects.create(account=senior, role="helpdesk", affiliation=everything.account.affiliation)
    browser = browser_of(senior)
    browser.get("/my-account/")  # the first page of a session writes into it
    for when in ("the first look ever", "again", "the first look of an hour"):
        if when == "the first look of an hour":
            StaffCount.objects.update(since=timezone.now() - timedelta(days=2))
        with django_assert_max_num_queries(18):
            html = page(browser, everything.account)
        assert html.count("Require re-registration") > 1, "offered, and waiting for a second person"
    for shown in ("Require re-registration", "A termination waits for approval", "0 of 1 confirmed", "Reported a request"):
        assert shown in html


def test_passwords_that_are_held_from_one_network_are_told(desk: Client, hana: Account) -> None:
    until = timezone.now() + timedelta(hours=1)
    for key in (f"{hana.pk}0", f"{hana.pk}0:192.0.2.1"):
        FailureBudget.objects.create(scope="password", key=key, changed_at=timezone.now(), held_until=until)
    assert "Locked until" not in page(desk, hana)
    FailureBudget.objects.create(scope="password", key=f"{hana.pk}:192.0.2.1", changed_at=timezone.now(), held_until=until)
    assert "Locked until" in page(desk, hana)
