"""R-014, R-057, R-161, R-164: a Temporary Access Pass opens the registration of a method, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.contract import IssuedKind
from methods.ending import end_expired
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.access_pass.passes import ALPHABET, LENGTH, make_pass, read_pass
from methods.models import Message, MethodState, RegisteredMethod
from methods.registry import kind
from methods.usable import usable
from tests.factories import a_totp_app, an_account, signed_in
from tests.methods.people import add_app, fresh_browser
from tests.signin.door import enter_password, failures, has_session, leads_to_password

LIFETIME = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def issue(account: Account, actor: Account, **how: Any) -> str:
    known = kind("access-pass")
    assert isinstance(known, IssuedKind)
    return known.issue(account, **({"actor": actor, "lifetime": LIFETIME, "uses": 1, "reason": "card checked at the counter"} | how))


def enter_pass(client: Client, code: str) -> Any:
    return client.post("/signin/verify/", {"code": code})


def lost_everything(hana: Account) -> None:
    """MFA use is in effect, and the phone is at the bottom of a lake."""
    a_totp_app(hana, state=MethodState.SUSPENDED, is_default=False)
    Account.objects.filter(pk=hana.pk).update(mfa_asked_here=True, methods_needed=True)


@pytest.fixture
def newcomer(hana: Account, settings: Any) -> Account:
    """Registers for the first time, away from the campus."""
    settings.MFA_FIRST_REGISTRATION = "networks"
    return hana


@pytest.mark.covers("S-104")
def test_a_newcomer_away_from_the_campus_registers_with_a_pass(newcomer: Account, sato: Account, client: Client) -> None:
    code = issue(newcomer, sato)
    assert enter_password(client, newcomer)["Location"] == "/signin/verify/"
    assert "Temporary Access Pass" in client.get("/signin/verify/").content.decode()
    assert enter_pass(client, code)["Location"] == "/signin/more-information/"
    assert not has_session(client), "a pass signs nobody in"
    add_app(client)
    assert [method.is_default for method in usable(newcomer)] == [True]


@pytest.mark.covers("S-142")
def test_whoever_lost_everything_gets_back_in_with_a_pass(hana: Account, sato: Account, client: Client) -> None:
    lost_everything(hana)
    assert enter_password(client, hana)["Location"] == "/signin/refused/"
    code = issue(hana, sato)
    enter_password(client, hana)
    enter_pass(client, code)
    add_app(client)
    assert len(usable(hana)) == 1


def test_what_a_pass_has_registered_is_told_without_the_pass_and_without_steps_that_are_behind(
    hana: Account, sato: Account, client: Client, settings: Any
) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    lost_everything(hana)
    code = issue(hana, sato)
    enter_password(client, hana)
    enter_pass(client, code)
    add_app(client, "new phone")
    page = client.get("/signin/continue/").content.decode()
    assert "new phone" in page
    assert "Temporary Access Pass" not in page
    assert "Continue to Step 2" not in page
    Account.objects.filter(pk=hana.pk).update(methods_needed=False)
    assert "Continue to Step 2" in client.get("/signin/continue/").content.decode()


def test_a_pass_is_called_what_it_is_in_the_readers_language(hana: Account, sato: Account, browser_of: Callable[..., Client]) -> None:
    issue(hana, sato)
    a_totp_app(hana)
    browser = fresh_browser(hana)
    browser.cookies["language"] = "ja"
    delete = f"/security-info/methods/{RegisteredMethod.objects.get(kind='access-pass').pk}/delete/"
    desk = browser_of(sato)
    desk.cookies["language"] = "ja"
    pages = [browser.get("/security-info/"), browser.get(delete), desk.get(f"/helpdesk/accounts/{hana.common_id}/")]
    pages.append(browser.post(delete, follow=True))
    for page in pages:
        assert "一時アクセスパス" in page.content.decode()
        assert "Temporary Access Pass" not in page.content.decode()


def test_with_methods_that_work_a_pass_is_one_option_and_what_it_registers_is_asked_first(
    hana: Account, sato: Account, client: Client
) -> None:
    a_totp_app(hana, name="at home")
    code = issue(hana, sato)
    enter_password(client, hana)
    method = RegisteredMethod.objects.get(kind="access-pass")
    assert "Use a Temporary Access Pass" in client.get("/signin/verify/options/").content.decode()
    client.post(f"/signin/verify/use/{method.pk}/")
    assert enter_pass(client, code)["Location"] == "/signin/more-information/"
    add_app(client, "new phone")
    assert [one.name for one in usable(hana)] == ["new phone", "at home"]


@pytest.mark.parametrize("page", ["/security-info/", "/user-menu/", "/my-account/", "/security-info/default/", "/signin/step-up/"])
def test_the_pass_opens_only_the_registration(newcomer: Account, sato: Account, client: Client, page: str) -> None:
    code = issue(newcomer, sato)
    enter_password(client, newcomer)
    assert leads_to_password(client.get("/security-info/totp/")), "not before the pass"
    enter_pass(client, code)
    assert client.get("/security-info/totp/").status_code == 200
    assert leads_to_password(client.get(page))
    assert leads_to_password(client.post("/signin/finish/")) or not has_session(client)


def test_a_pass_outlives_the_change_of_the_secret_of_the_site(newcomer: Account, sato: Account, client: Client, settings: Any) -> None:
    code = issue(newcomer, sato)
    enter_password(client, newcomer)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert enter_pass(client, code)["Location"] == "/signin/more-information/"


def test_a_pass_for_one_use_serves_once(newcomer: Account, sato: Account, client: Client) -> None:
    code = issue(newcomer, sato)
    enter_password(client, newcomer)
    enter_pass(client, code)
    again = Client()
    assert enter_password(again, newcomer)["Location"] == "/signin/refused/"
    assert end_expired() == 1
    assert not AccessPassDevice.objects.exists()
    assert Event.objects.filter(name="method:ended", account_id=newcomer.pk).count() == 1


def test_a_pass_for_two_uses_serves_twice(newcomer: Account, sato: Account) -> None:
    code = issue(newcomer, sato, uses=2)
    pages = []
    for _ in range(3):
        browser = Client()
        pages.append(enter_password(browser, newcomer)["Location"])
        if pages[-1] == "/signin/verify/":
            enter_pass(browser, code)
    assert pages == ["/signin/verify/", "/signin/verify/", "/signin/refused/"]


def test_a_pass_ends_in_time_also_while_its_page_is_open(newcomer: Account, sato: Account, client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moment:
        code = issue(newcomer, sato, lifetime=timedelta(minutes=10), uses=None)
        moment.shift(timedelta(minutes=6))
        enter_password(client, newcomer)
        moment.shift(timedelta(minutes=5))
        assert enter_pass(client, code)["Location"] == "/signin/verify/options/"
        assert enter_password(Client(), newcomer)["Location"] == "/signin/refused/"
    assert failures(newcomer) == 0


def test_wrong_passes_count_like_wrong_codes(newcomer: Account, sato: Account, client: Client) -> None:
    """R-033."""
    code = issue(newcomer, sato)
    enter_password(client, newcomer)
    for _ in range(3):
        assert enter_pass(client, make_pass()).status_code == 200
    assert failures(newcomer) == 3
    assert enter_pass(client, code.lower().replace("-", " "))["Location"] == "/signin/more-information/"


def test_a_pass_of_somebody_else_is_a_wrong_one(newcomer: Account, ken: Account, sato: Account, client: Client) -> None:
    issue(newcomer, sato)
    kens = issue(ken, sato)
    enter_password(client, newcomer)
    assert enter_pass(client, kens).status_code == 200
    assert failures(newcomer) == 1


def test_a_newer_pass_takes_the_place_of_the_older(newcomer: Account, sato: Account, client: Client) -> None:
    old, new = issue(newcomer, sato), issue(newcomer, sato)
    enter_password(client, newcomer)
    assert enter_pass(client, old).status_code == 200
    assert enter_pass(client, new).status_code == 302
    assert AccessPassDevice.objects.count() == 1


def test_using_a_pass_ends_the_sessions_that_were_open_and_is_told(newcomer: Account, sato: Account, client: Client) -> None:
    other = Client()
    signed_in(other, newcomer)
    code = issue(newcomer, sato)
    enter_password(client, newcomer)
    enter_pass(client, code)
    assert not has_session(other)
    assert set(Message.objects.values_list("template", flat=True)) >= {"access-pass-issued", "access-pass-used"}
    assert Event.objects.filter(name="access-pass:used", account_id=newcomer.pk).count() == 1


def test_the_pass_stands_nowhere_but_in_the_hand_of_its_owner(newcomer: Account, sato: Account) -> None:
    """I8."""
    code = issue(newcomer, sato)
    plain = code.replace("-", "")
    event = Event.objects.get(name="access-pass:issued")
    assert (event.account_id, event.actor_id) == (newcomer.pk, sato.pk)
    kept = [str(event.__dict__), *(str(row.__dict__) for row in (*AccessPassDevice.objects.all(), *Message.objects.all()))]
    assert not any(code in text or plain in text for text in kept)


@pytest.mark.parametrize(("minutes", "uses"), [(9, 1), (60 * 24 * 30 + 1, 1), (60, 0), (60, 21), (-1, None)])
def test_a_pass_has_limits(newcomer: Account, sato: Account, minutes: int, uses: int | None) -> None:
    with pytest.raises(Refused, match="pass-limits"):
        issue(newcomer, sato, lifetime=timedelta(minutes=minutes), uses=uses)


def test_nobody_issues_a_pass_without_the_right_a_reason_or_for_an_equal(hana: Account, ken: Account, sato: Account) -> None:
    """R-161."""
    peer = an_account(roles=("senior-helpdesk",))
    for actor, account, how, why in (
        (ken, hana, {}, "not-allowed"),
        (sato, sato, {}, "own-account"),
        (sato, peer, {}, "equal-or-higher-role"),
        (sato, hana, {"reason": " "}, "reason-missing"),
    ):
        with pytest.raises(Refused, match=why):
            issue(account, actor, **how)
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    with pytest.raises(Refused, match="pass-not-possible"):
        issue(hana, sato)
    assert not AccessPassDevice.objects.exists()


def test_a_pass_is_read_however_it_is_typed() -> None:
    code = make_pass()
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    spread = " ".join(code).lower()
    assert read_pass(spread) == read_pass(f"{code[:4]}-{code[4:8]}-{code[8:]}") == code
    assert read_pass("O1lI-0000-0000") == "011100000000"
    assert [read_pass(text) for text in ("", "x", code[:-1], code + "0", "U" * LENGTH, "é" * LENGTH)] == [""] * 6


@pytest.mark.django_db(transaction=True)
def test_twenty_requests_at_once_use_a_pass_for_one_use_once(parallel: Callable[..., list[Any]], settings: Any) -> None:
    """I3."""
    settings.MFA_FIRST_REGISTRATION = "networks"
    account, staff = an_account(), an_account(roles=("senior-helpdesk",))
    code = issue(account, staff)
    browsers = [Client() for _ in range(20)]
    for browser in browsers:
        enter_password(browser, account)
    outcomes = parallel(20, lambda n: enter_pass(browsers[n], code)["Location"])
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert [outcome.value for outcome in outcomes].count("/signin/more-information/") == 1


def test_a_pass_can_be_deleted_by_its_holder_but_not_changed(hana: Account, sato: Account) -> None:
    a_totp_app(hana)
    issue(hana, sato)
    method, browser = RegisteredMethod.objects.get(kind="access-pass"), fresh_browser(hana)
    page = browser.get("/security-info/").content.decode()
    assert f"/security-info/methods/{method.pk}/delete/" in page
    assert f"/security-info/methods/{method.pk}/change/" not in page
    path = f"/security-info/methods/{method.pk}/change/"
    assert {browser.get(path).status_code, browser.post(path, {"name": "mine"}).status_code} == {404}
